"""The gateway: Envoy, its configuration made from the settings, and the process that runs it."""
