"""A user whom the operator has blocked, through both servers: told so, whatever way its award was to go."""

import pytest
from structlog.testing import capture_logs

from scorewire.score.v1.decisions_pb2 import BlockUserRequest, UnblockUserRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_server.settings import Settings
from tests.awards import rows
from tests.pair import Actions, Scores, refusal, running_actions, running_scores, session
from tests.processes import free_ports
from tests.rpc.trials import prepare_trials
from tests.waiting import comes

USER = "ada"


@pytest.fixture
def settings(tmp_path, certs) -> Settings:
    return prepare_trials(tmp_path, certs, score_port=free_ports(1)[0])


@pytest.fixture
async def actions(settings, clock):
    async with running_actions(settings, clock, settings.score.port) as running:
        yield running


@pytest.fixture
def user(settings, clock) -> str:
    return session(settings, clock, sub=USER)


async def block(scores: Scores) -> None:
    await scores.admin.BlockUser(BlockUserRequest(user_id=USER, reason="sells accounts"))


def journal(settings: Settings) -> list[tuple]:
    """Of each action: is its award due, and why was it refused."""
    query = "SELECT due IS NOT NULL, json_extract(rejection, '$.reason') FROM actions ORDER BY claimed_at"
    return rows(f"sqlite:///{settings.data_dir / 'action.db'}", query)


async def test_a_blocked_user_is_told_so_for_an_action_of_either_way(settings, clock, actions: Actions, user: str):
    async with running_scores(settings, clock) as scores:
        await block(scores)
        with capture_logs() as logs:
            told = await refusal(actions.do(user, "trial.earn", 5, request_id="r1"))
            ticket = await actions.do(user, "trial.ticket", 5, request_id="r2")
            redeeming = await refusal(scores.redeem(ticket.token, ticket.result))
        assert (told.code, told.reason, told.metadata) == ("PERMISSION_DENIED", "USER_BLOCKED", {"userId": USER})
        assert redeeming == told
        assert not [line for line in logs if line["log_level"] == "error"], "a user could fill the log"
        await scores.admin.UnblockUser(UnblockUserRequest(user_id=USER, reason="was somebody else"))
        assert await refusal(actions.do(user, "trial.earn", 5, request_id="r1")) == told, "what was refused stays so"
        assert (await actions.do(user, "trial.earn", 5, request_id="r3")).score == 5


async def test_an_award_that_is_pending_when_its_user_is_blocked_is_refused_once_and_for_good(
    settings, clock, actions: Actions, user: str
):
    async with running_scores(settings, clock) as scores:
        await block(scores)
    assert (await actions.do(user, "trial.earn", 5, request_id="r1")).score_pending
    clock.forward(2)
    async with running_scores(settings, clock) as scores:

        async def settled() -> bool:
            return journal(settings) == [(0, "USER_BLOCKED")]

        await comes(settled, "an answer to the relay")
        assert (await refusal(actions.do(user, "trial.earn", 5, request_id="r1"))).reason == "USER_BLOCKED"
        assert not (await scores.board()).standings


async def test_a_blocked_user_who_tries_again_and_again_does_not_fill_the_audit(settings, clock):
    async with running_scores(settings, clock) as scores:
        await block(scores)
        for number in range(100):
            request = ApplyScoreRequest(user_id=USER, points=1, action_type="trial.earn", award_id=f"try-{number}")
            assert (await refusal(scores.internal.ApplyScore(request))).reason == "USER_BLOCKED"
    query = "SELECT why FROM audit WHERE event = 'USER_BLOCKED' ORDER BY id"
    told = [why for (why,) in rows(f"sqlite:///{settings.data_dir / 'score.db'}", query)]
    first = "tried to earn 1 points by trial.earn"
    assert told == [first, *(f"{first}, {tries} tries in a row" for tries in (2, 4, 8, 16, 32, 64))]
