"""Secrets that stand where a setting should: settings are shown, inherited and logged, so secrets belong in files."""

import re
from typing import Any
from urllib.parse import unquote

_FORMS = {
    "a private key": (r"PRIVATE KEY-----", r'"d"\s*:\s*"'),
    "a password": (r"://[^/?#\s]*:[^/?#\s]+@", r"(?i)[?&;]\w*(?:password|passwd|pwd|secret|token|api_?key)="),
    "a token": (r"\beyJ[\w-]+\.[\w-]+\.[\w-]+",),
}
"""What a value may hold, and how it looks."""


def secret_in(value: str) -> str | None:
    """What secret a text holds, in words; `None` where it looks like none."""
    plain = unquote(value)
    for what, forms in _FORMS.items():
        if any(re.search(form, plain) for form in forms):
            return what
    return None


def without_secrets(value: Any) -> Any:
    """The value as it is. Raises ValueError, without the secret, where a text in it holds one."""
    if isinstance(value, dict):
        for each in value.items():
            without_secrets(each)
    elif isinstance(value, list | tuple):
        for each in value:
            without_secrets(each)
    elif what := secret_in(str(value)):
        raise ValueError(f"{what} belongs in a file: name the file in the setting that takes one")
    return value
