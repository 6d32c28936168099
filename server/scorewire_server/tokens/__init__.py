"""Tokens: tickets and sessions, which are JWTs, and the keys that sign and check them."""
