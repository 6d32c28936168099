"""Why `scorewire up` does not start, or ends by itself."""


class UpProblem(Exception):
    """What a person has to know, and to do; one or more lines."""
