"""Why nobody answers, in the few words that help: gRPC tells the whole way to them."""

import re

_NUMBER = re.compile(r" \(\d+\)$")


def cause(details: str) -> str:
    """The end of what gRPC says where a call reached nobody, such as `Connection refused`, without its error number."""
    return _NUMBER.sub("", details.rstrip(".] ").rpartition(": ")[2])
