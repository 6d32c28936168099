"""Makes OpenAPI 3.1 documents of the REST face from compiled protos: routes, comments, field rules, reasons."""
