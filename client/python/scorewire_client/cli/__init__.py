"""The command line `scorewire`: one file for each group of commands, imported work only when a command runs."""

import typer

from scorewire_client.cli import acting, administering, auditing, making, reading, serving, watching

app = typer.Typer(
    name="scorewire",
    help="A secure live scoreboard: run it, act, and watch the leaderboard move.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # drawing frames around the help takes longer than all the rest of it
    pretty_exceptions_enable=False,
)

app.command("up")(serving.up)
app.command("serve")(serving.serve)
app.command("sign-in")(acting.sign_in)
app.command("act")(acting.act)
app.command("redeem")(acting.redeem)
app.command("top")(reading.top)
app.command("around")(reading.around)
app.command("standing")(reading.standing)
app.command("watch")(watching.watch)
app.command("verify")(auditing.verify)
app.command("rebuild")(auditing.rebuild)
app.command("redeliver")(auditing.redeliver)
app.add_typer(administering.admin, name="admin")
app.add_typer(making.certs, name="certs")
app.add_typer(making.keys, name="keys")
