"""An award that an operator has voided: who asks for it again is told so, and no cooldown or cap counts it any more."""

import asyncio
import json
from collections import Counter
from uuid import uuid4

import pytest

from scorewire.score.v1.decisions_pb2 import VoidAwardRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire_server.settings import Settings
from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.keys import signing_file
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TicketIssuer
from tests.awards import check_ledger
from tests.clocks import SetClock
from tests.pair import Scores, prepare, refusal

RULES = """
default_board = "main"
[boards.main]
[actions."quiz.answer"]
points = 10
boards = ["main"]
caps = [{ per = "1h", awards = 3 }]
[actions."boss.beaten"]
points = 100
boards = ["main"]
cooldown = "5m"
[actions."coin.found"]
points = 1
boards = ["main"]
"""


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def settings(tmp_path, certs, database_url):
    (tmp_path / "rules.toml").write_text(RULES)
    url = database_url.render_as_string(hide_password=False)
    return prepare(tmp_path, certs, score={"rules_file": tmp_path / "rules.toml", "database_url": url})


async def give(scores: Scores, action_type: str, award_id: str, points: int):
    return await scores.internal.ApplyScore(
        ApplyScoreRequest(user_id="ada", points=points, action_type=action_type, award_id=award_id)
    )


async def void(scores: Scores, award_id: str):
    return (await scores.admin.VoidAward(VoidAwardRequest(award_id=award_id, reason="played by a bot"))).correction


async def outcomes(scores: Scores, award_ids: list[str]) -> Counter[str]:
    """What awards of the quiz come to, all asked for at once."""
    calls = [give(scores, "quiz.answer", award_id, 10) for award_id in award_ids]
    return Counter(
        [
            (await refusal(_raised(answer))).reason if isinstance(answer, Exception) else "counted"
            for answer in await asyncio.gather(*calls, return_exceptions=True)
        ]
    )


async def _raised(error: Exception) -> None:
    raise error


def ticket_of(settings: Settings, clock: SetClock) -> tuple[str, str]:
    """A ticket of ada's for a right answer, and its action data."""
    signing = SigningFile(signing_file(settings.keys, "tickets"), clock)
    names = {"issuer": settings.score.ticket_issuer, "audience": settings.score.ticket_audience}
    data = json.dumps({"actionId": uuid4().hex, "actionType": "quiz.answer", "result": None})
    return TicketIssuer(signing, clock=clock, **names).issue("ada", None, data), data


async def test_a_ticket_whose_award_was_voided_is_told_so(own_scores, settings, clock):
    ticket, data = ticket_of(settings, clock)
    await give(own_scores, "coin.found", "coin", 1)
    await own_scores.redeem(ticket, data)
    taken = await void(own_scores, fingerprint(data))
    told = await refusal(own_scores.redeem(ticket, data))
    assert (told.code, told.reason) == ("ALREADY_EXISTS", "TICKET_ALREADY_REDEEMED")
    assert told.metadata == {
        "scoreIncrease": "0",
        "score": "1",
        "revision": str(taken.revision),
        "voided": "true",
    }
    assert "played by a bot" not in told.message, "why is between the operators"
    assert "voided" in told.message


async def test_a_service_that_repeats_a_voided_award_is_told_so(own_scores):
    first = await give(own_scores, "coin.found", "coin", 1)
    assert not first.HasField("voided")
    taken = await void(own_scores, "coin")
    again = ApplyScoreRequest(user_id="ada", points=1, action_type="coin.found", award_id="coin")
    (each,) = (await own_scores.internal.ApplyScores(ApplyScoresRequest(awards=[again]))).results
    for told in (await own_scores.internal.ApplyScore(again), each.applied):
        assert (told.voided, told.score_increase, told.score) == (True, 0, 0)
        assert told.revision == taken.revision
    assert (await own_scores.board()).standings[0].score == 0


async def test_a_voided_award_makes_room_in_a_cap_exactly_for_one_however_many_ask(own_scores, settings):
    assert await outcomes(own_scores, [f"early-{number}" for number in range(8)]) == {"counted": 3, "CAP_REACHED": 5}
    counting = [a.award_id for a in check_ledger(settings.score.database_url)]
    await void(own_scores, counting[1])
    late = await outcomes(own_scores, [f"late-{number}" for number in range(50)])
    assert late == {"counted": 1, "CAP_REACHED": 49}
    assert (await own_scores.board()).standings[0].score == 30


async def test_awards_and_voids_at_the_same_time_come_to_the_cap(own_scores, settings):
    await outcomes(own_scores, ["first", "second", "third"])
    asked = outcomes(own_scores, [f"beside-{number}" for number in range(60)])
    beside, *_ = await asyncio.gather(asked, *(void(own_scores, award) for award in ("first", "second", "third")))
    assert beside["counted"] <= 3
    after = await outcomes(own_scores, [f"after-{number}" for number in range(10)])
    assert beside["counted"] + after["counted"] == 3
    rows = Counter(award.kind for award in check_ledger(settings.score.database_url))
    assert rows == {"internal": 6, "void": 3}


async def test_tickets_at_the_same_time_come_to_the_cap_and_the_rest_may_come_again(own_scores, settings, clock):
    many = [ticket_of(settings, clock) for _ in range(60)]
    answers = await asyncio.gather(*(own_scores.redeem(*each) for each in many), return_exceptions=True)
    told = Counter([(await refusal(_raised(a))).reason if isinstance(a, Exception) else "counted" for a in answers])
    assert told == {"counted": 3, "CAP_REACHED": 57}
    late = next(each for each, answer in zip(many, answers, strict=True) if isinstance(answer, Exception))
    await void(own_scores, check_ledger(settings.score.database_url)[0].award_id)
    assert (await own_scores.redeem(*late)).score == 30


async def test_a_voided_award_begins_no_cooldown(own_scores, clock):
    await give(own_scores, "boss.beaten", "one", 100)
    clock.forward(1)
    assert (await refusal(give(own_scores, "boss.beaten", "two", 100))).reason == "COOLDOWN"
    await void(own_scores, "one")
    assert (await give(own_scores, "boss.beaten", "two", 100)).score == 100
    assert (await refusal(give(own_scores, "boss.beaten", "three", 100))).reason == "COOLDOWN"
