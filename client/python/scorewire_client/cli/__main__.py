"""`python -m scorewire_client.cli`, which needs no script on the PATH."""

from scorewire_client.cli import app

app(prog_name="scorewire")
