"""Commands of a user: sign in, act, redeem."""

import json
import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scorewire_client.cli import saved
from scorewire_client.cli.connecting import NEXT_STEPS, connected
from scorewire_client.cli.options import DEFAULT, Address, AsJson, Ca
from scorewire_client.cli.output import fail, message_json

if TYPE_CHECKING:
    from scorewire_client import ActionOutcome, Award, Scorewire
    from scorewire_client import Session as GuestSession

GUESTS_OFF = (
    "guest sign-in is off here. Bring a session JWT of the operator's identity provider, as --session or "
    "SCOREWIRE_SESSION, or switch guests on at the server: action.guests."
)

Session = Annotated[
    str | None,
    typer.Option(envvar="SCOREWIRE_SESSION", help="A session JWT of your own; else the one of `sign-in`."),
]


def sign_in(
    name: Annotated[str, typer.Argument(help="The name to show on leaderboards.")],
    address: Address = DEFAULT,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Become a guest, and stay signed in.

    Only where development sign-in is on.
    """
    with connected(address, ca) as scorewire:
        session = _new_guest(scorewire, name)
        content = {"token": session.token, "userId": session.user_id, "displayName": session.display_name}
        saved.save("session", address, content)
    if as_json:
        from scorewire_client.cli.answers import of_session

        typer.echo(message_json(of_session(session)))
    else:
        until = f"{session.expire_time:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"Signed in as {session.display_name} ({session.user_id}) until {until}.")


def act(
    action_type: Annotated[str | None, typer.Argument(help="Such as dice.roll; the default one if not given.")] = None,
    some: Annotated[str, typer.Option(help="The action's input, as JSON.")] = "null",
    redeem_too: Annotated[bool, typer.Option("--redeem", help="Redeem the ticket at once.")] = False,
    request_id: Annotated[str | None, typer.Option(help="That of an earlier `act`, to ask what it led to.")] = None,
    address: Address = DEFAULT,
    ca: Ca = None,
    session: Session = None,
    as_json: AsJson = False,
) -> None:
    """Do an action."""
    advice = dict(NEXT_STEPS)
    with connected(address, ca, session, advice) as scorewire:
        outcome = scorewire.act(_parsed(some), action_type, request_id=request_id)
        if outcome.token:
            again = _again(action_type, some, outcome.request_id)
            advice["TICKET_EXPIRED"] = again
            saved.save("ticket", address, {"token": outcome.token, "data": outcome.result, "again": again})
        _print_outcome(outcome, redeem_too, as_json)
        if redeem_too and outcome.token:
            _print_award(scorewire.redeem(outcome.token, outcome.result), as_json)


def redeem(
    token: Annotated[str | None, typer.Option(help="The ticket; else that of the last `act`.")] = None,
    data: Annotated[str | None, typer.Option(help="The action data of the ticket, unchanged.")] = None,
    address: Address = DEFAULT,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Redeem the ticket of an action, within 10 seconds."""
    if (token is None) != (data is None):
        fail("--token and --data belong together: give both, or neither for the last `scorewire act`.")
    last = saved.load("ticket", address)
    ticket, its_data = token or last.get("token"), data or last.get("data")
    if not ticket or not its_data:
        fail("there is no ticket yet: do an action that earns one, such as `scorewire act quiz.answer`.")
    again = {"TICKET_EXPIRED": last["again"]} if ticket == last.get("token") else {}
    with connected(address, ca, advice=NEXT_STEPS | again) as scorewire:
        _print_award(scorewire.redeem(ticket, its_data), as_json)


def _again(action_type: str | None, some: str, request_id: str) -> str:
    """What to type for a fresh ticket of an action that is not done again."""
    given = [*([action_type] if action_type else []), *(["--some", some] if some != "null" else [])]
    return f"For that: {shlex.join(['scorewire', 'act', *given, '--request-id', request_id, '--redeem'])}"


def _new_guest(scorewire: "Scorewire", name: str) -> "GuestSession":
    from scorewire_client import ScorewireError

    try:
        return scorewire.sign_in_as_guest(name)
    except ScorewireError as refused:
        if refused.reason == "ROUTE_UNKNOWN":
            fail(GUESTS_OFF)
        raise


def _parsed(some: str) -> Any:
    try:
        return json.loads(some)
    except ValueError as error:
        fail(f"--some is not JSON: {error}. A string needs its quotes: --some '\"text\"'")


def _print_outcome(outcome: "ActionOutcome", redeem_too: bool, as_json: bool) -> None:
    if as_json:
        from scorewire_client.cli.answers import of_outcome

        typer.echo(message_json(of_outcome(outcome), requestId=outcome.request_id))
    else:
        typer.echo(_told(outcome, redeem_too))


def _told(outcome: "ActionOutcome", redeem_too: bool) -> str:
    if outcome.score is not None:
        earned = f"Your score is {outcome.score}."
    elif outcome.score_pending:
        earned = f"Your score follows; ask for it with the same command and --request-id {outcome.request_id}"
    elif outcome.token:
        earned = "It earned a ticket." if redeem_too else "It earned a ticket, for 10 seconds: scorewire redeem"
    else:
        earned = "It earned nothing."
    done = outcome.parsed
    return f"{done['actionType']}: {json.dumps(done['result'], ensure_ascii=False)}\n{earned}"


def _print_award(award: "Award", as_json: bool) -> None:
    if as_json:
        from scorewire_client.cli.answers import of_award

        typer.echo(message_json(of_award(award)))
        return
    place = f", rank {award.rank}" if award.rank else ""
    typer.echo(f"+{award.score_increase}: your score is {award.score}{place}.")
