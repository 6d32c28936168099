"""One gRPC server over mutual TLS with its policies: nothing about scores."""
