"""Scorewire's three processes: the action server, the score server, the gateway."""

import os

# gRPC has no setting for the lowest TLS version. Its cipher list rules TLS 1.2 and older only, so naming one suite that
# needs a pre-shared key, which nobody has, leaves TLS 1.3 alone. gRPC reads this once, as it is imported: so it stands
# here, where whoever starts a server passes first.
os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-PSK-CHACHA20-POLY1305"
