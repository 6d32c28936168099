"""Cooldowns, caps and the time after the sign-in, through both servers: what a user is told, and what becomes of it."""

import asyncio
from uuid import uuid4

import pytest

from scorewire.score.v1.decisions_pb2 import VoidAwardRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from scorewire_server.action.holds import BELIEVED_SECONDS
from scorewire_server.settings import Settings
from scorewire_server.tokens.fingerprint import fingerprint
from tests.pair import Actions, refusal, running_actions, running_scores, session
from tests.refusals import Told, told
from tests.rpc.trial_actions import RULES, RUNS
from tests.rpc.trials import prepare_trials
from tests.waiting import comes

LIMITED = {
    "trial.earn": "cooldown = '5s'\ncaps = [{ per = '1h', awards = 3 }]",
    "trial.ticket": "cooldown = '5s'",
    "dice.roll": "after_sign_in = '10s'",
    "quiz.answer": "caps = [{ per = '1m', points = 50 }]",
}


def rules() -> str:
    text = RULES
    for action_type, limits in LIMITED.items():
        text = text.replace(f'[actions."{action_type}"]', f'[actions."{action_type}"]\n{limits}')
    return text


@pytest.fixture
def settings(tmp_path, certs) -> Settings:
    return prepare_trials(tmp_path, certs, rules=rules())


@pytest.fixture
def user(settings, clock):
    return session(settings, clock, sub=f"user-{uuid4().hex[:8]}", exp=int(clock()) + 86_400)


async def earn(actions: Actions, user: str, number: int, request_id: str) -> int | Told:
    """The score that an action led to, or why it did not. Its input is its number, so its runs can be counted."""
    return await told_or_score(actions.do(user, "trial.earn", number, request_id=request_id))


async def told_or_score(asked) -> int | Told:
    done = asyncio.ensure_future(asked)
    await asyncio.wait([done])
    return await refusal(done) if done.exception() else done.result().score


def runs(number: int) -> int:
    return sum(count for (_, value), count in RUNS.items() if value == number)


async def test_an_action_in_its_cooldown_earns_nothing_and_the_next_ones_do_not_run(own_actions, clock, user):
    RUNS.clear()
    assert await earn(own_actions, user, 1, "r1") == 1
    clock.forward(1)
    first = await earn(own_actions, user, 2, "r2")
    assert (first.code, first.reason, first.retry_after) == ("RESOURCE_EXHAUSTED", "COOLDOWN", None)
    assert first.metadata == {"actionType": "trial.earn", "notBefore": "2027-01-15T08:00:05.000Z"}
    held = await earn(own_actions, user, 3, "r3")
    assert (held.reason, held.retry_after, held.metadata) == ("COOLDOWN", 4.0, first.metadata)
    assert (runs(1), runs(2), runs(3)) == (1, 1, 0)
    clock.forward(4)
    assert await earn(own_actions, user, 2, "r2") == first, "what became of an action stays"
    assert await earn(own_actions, user, 3, "r3") == 4, "what was not begun may be asked for again"
    assert (runs(2), runs(3)) == (1, 1)


async def test_a_repeat_is_answered_in_the_cooldown_too(own_actions, clock, user):
    assert await earn(own_actions, user, 4, "r1") == 4
    assert (await earn(own_actions, user, 5, "r2")).reason == "COOLDOWN"
    assert (await earn(own_actions, user, 5, "r3")).retry_after == 5.0
    assert await earn(own_actions, user, 4, "r1") == 4


async def test_a_cap_holds_until_its_first_award_is_old_enough(own_actions, clock, user):
    for number in range(3):
        assert isinstance(await earn(own_actions, user, 1, f"r{number}"), int)
        clock.forward(60)
    assert (await earn(own_actions, user, 1, "r4")).reason == "CAP_REACHED"
    held = await earn(own_actions, user, 1, "r5")
    assert (held.code, held.reason, held.retry_after) == ("RESOURCE_EXHAUSTED", "CAP_REACHED", 3600.0 - 180.0)
    assert held.metadata["perSeconds"] == "3600"
    clock.forward(3600 - 180)
    assert await earn(own_actions, user, 1, "r5") == 4


async def test_room_that_a_void_has_made_is_found_while_the_action_server_runs(own_actions, own_scores, clock, user):
    for number in range(3):
        assert isinstance(await earn(own_actions, user, 1, f"r{number}"), int)
        clock.forward(5)
    assert (await earn(own_actions, user, 1, "r4")).reason == "CAP_REACHED"
    first = await own_actions.do(user, "trial.earn", 1, request_id="r0")
    await own_scores.admin.VoidAward(VoidAwardRequest(award_id=fingerprint(first.result), reason="a mistake"))
    assert (await earn(own_actions, user, 1, "r5")).reason == "CAP_REACHED"
    clock.forward(BELIEVED_SECONDS)
    assert await earn(own_actions, user, 1, "r5") == 3
    assert (await earn(own_actions, user, 1, "r6")).reason == "COOLDOWN"


async def test_an_award_has_to_wait_after_the_sign_in(own_actions, clock, user):
    clock.forward(4)
    first = await told_or_score(own_actions.do(user, "dice.roll", request_id="r1"))
    assert (first.code, first.reason, first.retry_after) == ("FAILED_PRECONDITION", "TOO_SOON_AFTER_SIGN_IN", None)
    held = await told_or_score(own_actions.do(user, "dice.roll", request_id="r2"))
    assert (held.reason, held.retry_after) == ("TOO_SOON_AFTER_SIGN_IN", 6.0)
    clock.forward(6)
    assert await told_or_score(own_actions.do(user, "dice.roll", request_id="r2")) > 0


async def test_a_ticket_refused_by_a_cooldown_is_not_redeemed(own_actions, own_scores, clock, user):
    one, two = [await own_actions.do(user, "trial.ticket", 1, request_id=f"r{number}") for number in range(2)]
    assert (await own_scores.redeem(one.token, one.result)).score == 1
    clock.forward(1)
    refused = await refusal(own_scores.redeem(two.token, two.result))
    assert (refused.code, refused.reason, refused.retry_after) == ("RESOURCE_EXHAUSTED", "COOLDOWN", 4.0)
    assert (await refusal(own_scores.redeem(one.token, one.result))).reason == "TICKET_ALREADY_REDEEMED"
    clock.forward(4)
    assert (await own_scores.redeem(two.token, two.result)).score == 2


async def test_when_the_ticket_is_over_too_the_same_request_brings_a_new_one(own_actions, own_scores, clock, user):
    one, two = [await own_actions.do(user, "trial.ticket", 1, request_id=f"r{number}") for number in range(2)]
    await own_scores.redeem(one.token, one.result)
    clock.forward(11)
    assert (await refusal(own_scores.redeem(two.token, two.result))).reason == "TICKET_EXPIRED"
    again = await own_actions.do(user, "trial.ticket", 1, request_id="r1")
    assert again.result == two.result
    assert (await own_scores.redeem(again.token, again.result)).score == 2


async def test_what_waited_for_the_score_server_counts_as_if_it_had_not(settings, clock, user):
    """Twelve actions in an hour, five minutes apart: a cooldown of 5 s allows them, however they are delivered."""
    (settings.data_dir / "rules.toml").write_text(rules().replace("awards = 3", "awards = 12"))
    async with running_scores(settings, clock) as scores:
        port = scores.server.port
    settings = settings.model_copy(update={"score": settings.score.model_copy(update={"port": port})})
    async with running_actions(settings, clock, port) as actions:
        for number in range(12):
            assert (await actions.do(user, "trial.earn", 1, request_id=f"r{number}")).score_pending
            clock.forward(300)
        async with running_scores(settings, clock) as scores:

            async def total() -> bool:
                board = (await scores.public.GetLeaderboard(GetLeaderboardRequest())).leaderboard
                return bool(board.standings) and board.standings[0].score == 12

            await comes(total, "all twelve awards")


@pytest.mark.parametrize("way", ["one call each", "one call"])
async def test_parallel_calls_get_exactly_the_cap(settings, clock, database_url, way):
    url = database_url.render_as_string(hide_password=False)
    settings = settings.model_copy(update={"score": settings.score.model_copy(update={"database_url": url})})
    asked = [
        ApplyScoreRequest(user_id="ada", points=10, action_type="quiz.answer", award_id=f"{number}")
        for number in range(200)
    ]
    async with running_scores(settings, clock) as scores:
        if way == "one call":
            answer = await scores.internal.ApplyScores(ApplyScoresRequest(awards=asked))
            refused = [told(each.refused) for each in answer.results if each.HasField("refused")]
        else:
            answers = await asyncio.gather(*map(scores.internal.ApplyScore, asked), return_exceptions=True)
            refused = [await refusal(failed(each)) for each in answers if isinstance(each, Exception)]
        assert (await scores.board()).standings[0].score == 50
    assert len(refused) == 195
    assert {(each.code, each.reason, each.retry_after) for each in refused} == {
        ("RESOURCE_EXHAUSTED", "CAP_REACHED", 60.0)
    }


async def failed(error: Exception) -> None:
    raise error
