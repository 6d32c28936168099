"""The history of the table, oldest first in `versions/`."""
