"""Text of others on somebody's terminal: what a terminal would act upon is shown instead."""


def harmless(text: str) -> str:
    """The text, with escapes for whatever cannot be seen, such as control characters and marks of direction."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
