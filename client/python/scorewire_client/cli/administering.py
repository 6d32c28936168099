"""Commands of the operator about users and awards: decide, correct, and look at what was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from scorewire_client.cli.options import AsJson
from scorewire_client.cli.output import NO_TEXT, fail, hush_grpc, message_json, show
from scorewire_client.cli.serving import load_settings

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp

    from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
    from scorewire.score.v1.decisions_pb2 import AdjustScoreResponse

admin = typer.Typer(help="What an operator does with a running score server.", no_args_is_help=True)

User = Annotated[str, typer.Argument(metavar="USER", help="The user's id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever looks later: 1-200 characters.")]
Operator = Annotated[str | None, typer.Option("--as", help="Who you are; it is recorded.", metavar="NAME")]
Server = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="The score server; where its settings say if not given.")
]
PageSize = Annotated[int, typer.Option("--limit", help="How many, 1-1000.", min=1, max=1000)]
PageToken = Annotated[str, typer.Option("--page-token", help="The token of the page before, for the next page.")]
Time = Annotated[datetime | None, typer.Option(help="In UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])]
MOST = 2**31 - 1
"""Points in one adjustment."""


@admin.command()
def audit(
    user: Annotated[str | None, typer.Option(help="About this user.")] = None,
    event: Annotated[str | None, typer.Option(help="With this name, such as quarantine or USER_BLOCKED.")] = None,
    actor: Annotated[str | None, typer.Option(help="By this actor, such as ops/grace or detector.")] = None,
    address: Annotated[str | None, typer.Option(help="From this address.")] = None,
    since: Time = None,
    until: Time = None,
    limit: PageSize = 50,
    page_token: PageToken = "",
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List what was noted, the newest first: signals, refusals, and every decision."""
    from scorewire.score.v1.history_pb2 import ListAuditEventsRequest
    from scorewire_client.cli.admin_tables import events_table

    with _asking(server) as stub:
        request = ListAuditEventsRequest(
            user_id=user, event=event, actor=actor, address=address, page_size=limit, page_token=page_token
        )
        for field, time in ((request.start_time, since), (request.end_time, until)):
            if time is not None:
                _set_time(field, time)
        answer = stub.ListAuditEvents(request)
    _show(answer, as_json, lambda: events_table(answer.events))
    _tell_of_more(answer.next_page_token, as_json)


@admin.command()
def history(
    user: User, limit: PageSize = 50, page_token: PageToken = "", server: Server = None, as_json: AsJson = False
) -> None:
    """Show everything that the ledger has about a user, the newest first, with the reason of each decision."""
    from scorewire.score.v1.history_pb2 import GetUserHistoryRequest
    from scorewire_client.cli.admin_tables import history_table

    with _asking(server) as stub:
        answer = stub.GetUserHistory(GetUserHistoryRequest(user_id=user, page_size=limit, page_token=page_token))
    _show(answer, as_json, lambda: history_table(answer))
    _tell_of_more(answer.next_page_token, as_json)


DECISIONS = {
    "quarantine": "Take a user out of every ranking; its awards go on counting, unseen.",
    "release": "End a quarantine: the user is back where its score belongs.",
    "block": "Take a user out of every ranking, and refuse its awards from now on.",
    "unblock": "End a block: the user is clear.",
}
"""Commands that decide about a user, each with the RPC of its name."""


def _decision(name: str) -> Callable[..., None]:
    method = f"{name.title()}User"

    def decide(
        user: User, reason: Reason, operator: Operator = None, server: Server = None, as_json: AsJson = False
    ) -> None:
        from scorewire.score.v1 import decisions_pb2

        with _asking(server) as stub:
            request = getattr(decisions_pb2, f"{method}Request")(user_id=user, reason=reason, operator=operator)
            answer = getattr(stub, method)(request)
        _say_decided(answer, as_json)

    return decide


for _name, _help in DECISIONS.items():
    admin.command(_name, help=_help)(_decision(_name))


@admin.command()
def void(
    award_id: Annotated[str, typer.Argument(metavar="AWARD", help="The award's id.")],
    reason: Reason,
    operator: Operator = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Take the points of an award back."""
    from scorewire.score.v1.decisions_pb2 import VoidAwardRequest

    with _asking(server) as stub:
        answer = stub.VoidAward(VoidAwardRequest(award_id=award_id, reason=reason, operator=operator))
    _say_corrected(answer, as_json)


@admin.command()
def adjust(
    user: User,
    points: Annotated[int, typer.Option(help="How many points; negative to take them.", min=-MOST - 1, max=MOST)],
    reason: Reason,
    board: Annotated[str | None, typer.Option(help="Which board; the default one if not given.")] = None,
    action_type: Annotated[str | None, typer.Option(help="Or the action type on whose boards they count.")] = None,
    award_id: Annotated[str | None, typer.Option(help="Names the adjustment, so that repeating is safe.")] = None,
    operator: Operator = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Give points to a user, or take them."""
    from scorewire.score.v1.decisions_pb2 import AdjustScoreRequest

    with _asking(server) as stub:
        request = AdjustScoreRequest(
            user_id=user, points=points, reason=reason, operator=operator, award_id=award_id or uuid4().hex
        )
        if board is not None:
            request.board_id = board
        if action_type is not None:
            request.action_type = action_type
        answer = stub.AdjustScore(request)
    if answer.changed or as_json:
        _say_corrected(answer, as_json)
    else:
        _say_repeated(answer)


@contextmanager
def _asking(server: str | None) -> Iterator["ScoreAdminServiceStub"]:
    """The operator's service of a running server; ends the command in one line where it refuses or does not answer."""
    settings = load_settings()
    hush_grpc()
    from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
    from scorewire_server.errors import Refusal, StartError
    from scorewire_server.rpc.operator import NoAnswer, answered, operator_channel, score_address

    address = server or score_address(settings)
    try:
        with operator_channel(address, settings, "score") as channel, answered(address):
            yield ScoreAdminServiceStub(channel)
    except Refusal as refusal:
        fail(f"{refusal.reason}: {refusal.message}")
    except (StartError, OSError, NoAnswer) as problem:
        fail(str(problem))
    except UnicodeError:
        fail(NO_TEXT)


def _set_time(field: "Timestamp", time: datetime) -> None:
    field.FromDatetime(time.replace(tzinfo=UTC))


def _show(answer: "Message", as_json: bool, table: Any) -> None:
    if as_json:
        typer.echo(message_json(answer))
    else:
        show(table())


def _tell_of_more(token: str, as_json: bool) -> None:
    if token and not as_json:
        typer.echo(f"There is more: --page-token {token}")


def _say_decided(answer: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(message_json(answer))
        return
    from scorewire_client.cli.admin_tables import state_name

    there = answer.restriction
    state = f"{there.user_id} is {state_name(there.state)}"
    if answer.changed:
        typer.echo(f"{state}, as of position {there.position}.")
    elif there.position:
        typer.echo(f"{state} already, as of position {there.position}: {there.reason}. Nothing was recorded.")
    else:
        typer.echo(f"{state}, and always was. Nothing was recorded.")


def _say_corrected(answer: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(message_json(answer))
        return
    row = answer.correction
    rank = f"rank {row.rank}" if row.rank else "not shown"
    typer.echo(f"{row.user_id}: {row.points:+,} points, score {row.score:,}, {rank}, as of position {row.revision}.")
    typer.echo(f"Its id: {row.award_id}")


def _say_repeated(answer: "AdjustScoreResponse") -> None:
    row = answer.correction
    since = f", and voided at position {answer.voided_by.revision}" if answer.HasField("voided_by") else ""
    points = f"{row.user_id}: {row.points:+,} points already, as of position {row.revision}{since}"
    typer.echo(f"{points}. Nothing was recorded.\nIts id: {row.award_id}")
