"""A running server makes its standings again: nobody sees a wrong board that was not there before, no award is lost."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
import sqlalchemy as sa

from scorewire.score.v1.admin_pb2 import RebuildResult, RebuildStandingsRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetLeaderboardResponse,
    Leaderboard,
    ListStandingsRequest,
)
from scorewire_server.audit.opening import verification
from scorewire_server.score.main import database_url
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from tests import promises
from tests.audits import ended, wrong
from tests.awards import check_ledger
from tests.damage import STANDINGS, Damage, fill
from tests.refusals import refusal, told_by
from tests.rpc.test_trouble import database_held
from tests.rpc.test_verify import awards_coming_in
from tests.running import SECONDS, RunningServer
from tests.waiting import until

RIGHT = [("bob", 7), ("ada", 7), ("eve", 1)]
KINDS = {name: STANDINGS[name] for name in ("changed standing", "the place of another", "no standings")}
"""All of them are mended alike, with which other tests are concerned."""
StartOn = Callable[..., RunningServer]


@pytest.fixture(params=["sqlite", "postgresql"])
def start_on(request, start_score, score_settings, tmp_path) -> StartOn:
    """Starts a server over the awards of `fill` and the damage done to them."""
    own: dict[str, object] = {}
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
        (tmp_path / "url").write_text(url.render_as_string(hide_password=False))
        own["database_url_file"] = tmp_path / "url"

    def start(damage: Damage | None = None, **settings: object) -> RunningServer:
        database = Database(database_url(score_settings(**own)))
        database.migrate()
        fill(Ledger(database))
        if damage:
            damage.do(database.url)
        database.close()
        return start_score(**own, **settings)

    return start


def url(server: RunningServer) -> sa.URL:
    return sa.make_url(database_url(server.settings))


def rebuild(server: RunningServer) -> RebuildResult:
    *_, last = server.admin().RebuildStandings(RebuildStandingsRequest(), timeout=SECONDS)
    return last.result


def newest(server: RunningServer, board_id: str = "main") -> GetLeaderboardResponse:
    return server.scores().GetLeaderboard(GetLeaderboardRequest(board_id=board_id, limit=100))


def shown(board: Leaderboard) -> list[tuple[str, int]]:
    return [(standing.user_id, standing.score) for standing in board.standings]


def verify(server: RunningServer) -> dict[str, Any]:
    """What is wrong, asked of the server too."""
    with verification(server.settings, server.address) as run:
        verified, _ = ended(run.run())
    assert verified.ranking == "asked of the running server"
    return wrong(verified)


@pytest.mark.parametrize("damage", KINDS.values(), ids=KINDS)
def test_damage_that_the_server_was_started_on_is_mended(start_on, damage):
    server = start_on(damage)
    ((_, rows),) = damage.finds.values()
    result = rebuild(server)
    assert (result.position, result.standings_mended) == (5, rows)
    assert "main" in result.boards_mended
    assert shown(newest(server).leaderboard) == RIGHT
    assert shown(newest(server, "dice").leaderboard) == [("ada", 5)]
    assert verify(server) == {}


@pytest.mark.parametrize("damage", KINDS.values(), ids=KINDS)
def test_damage_under_a_running_server_is_mended(start_on, damage):
    server = start_on()
    damage.do(url(server))
    assert verify(server).keys() == {"standings"}
    result = rebuild(server)
    assert result.standings_mended == sum(rows for _, rows in damage.finds.values())
    assert list(result.boards_mended) == []
    assert shown(newest(server).leaderboard) == RIGHT
    assert verify(server) == {}


def test_nothing_happens_where_nothing_is_wrong(start_on, watch):
    server = start_on(heartbeat_seconds=0.05)
    before, quiet = newest(server), watch(server)
    quiet.until(bool, "a board")
    result = rebuild(server)
    assert (result.position, result.standings_mended, list(result.boards_mended)) == (5, 0, [])
    beats = len(quiet.messages)
    quiet.until(lambda messages: len(messages) > beats + 1, "heartbeats as before")
    promises.kept(quiet.messages)
    assert newest(server) == before


def test_progress_is_told(start_on):
    server = start_on(STANDINGS["changed standing"])
    *progress, last = server.admin().RebuildStandings(RebuildStandingsRequest())
    assert [event.progress.rows for event in progress] == ["rows of the ledger", "standings", "rankings", "rankings"]
    assert (progress[0].progress.done, progress[0].progress.total) == (5, 5)
    assert last.HasField("result")


def test_awards_go_on_and_come_out_right(start_on, monkeypatch):
    """Awards to everybody, those whose standings are wrong too, while the server rebuilds again and again."""
    monkeypatch.setattr("scorewire_server.storage.inspection.CHUNK", 3)
    server = start_on(STANDINGS["changed standing"])
    with awards_coming_in(server) as given:
        for damage in STANDINGS.values():
            before = given()
            damage.do(url(server))
            rebuild(server)
            until(lambda before=before: given() > before + 10, "awards coming in")
        rebuild(server)
        told = given()
    assert len(check_ledger(url(server))) >= told + 5
    assert verify(server).keys() <= {"earlier scores"}


BIG = Damage(("UPDATE standings SET score = score + 1000 WHERE user_id LIKE 'wrong-%%'",), {})


def test_a_watch_sees_boards_as_they_were_or_right_ones(start_on, watch):
    """Fifty standings are wrong by a thousand: a board has all of them so, or none."""
    server = start_on()
    awards = [ApplyScoreRequest(user_id=f"wrong-{number}", points=number) for number in range(50)]
    server.internal().ApplyScores(ApplyScoresRequest(awards=awards))
    server.begin_to_stop()
    server.wait_stopped()
    BIG.do(url(server))
    again = RunningServer(server.settings)
    with again:
        watches = [watch(again, limit=100) for _ in range(3)]
        with awards_coming_in(again) as given:
            until(lambda: given() > 20, "awards coming in")
            rebuild(again)
            before = given()
            until(lambda: given() > before + 20, "awards coming in")
        last = newest(again)
        for each in watches:
            each.until(lambda m: promises.boards(m)[-1:] == [top(last)], "the last board")
            promises.kept(each.messages)
            editions = [wrongs(board) for board in promises.boards(each.messages)]
            assert set(editions) == {0, 50}
            assert editions == sorted(editions, reverse=True)
        assert verify(again).keys() <= {"earlier scores"}


def top(answer: GetLeaderboardResponse) -> Leaderboard:
    return answer.leaderboard


def wrongs(board: Leaderboard) -> int:
    return sum(s.score >= 1000 for s in board.standings if s.user_id.startswith("wrong-"))


def test_a_watch_that_has_shown_the_newest_board_wrong_starts_over(start_on, watch):
    """The board is right at a revision that the watch has sent already, so that it ends and another one begins."""
    server = start_on(STANDINGS["changed standing"])
    before = watch(server)
    before.until_revision(5)
    rebuild(server)
    before.wait_ended()
    told = told_by(before.error)
    assert (told.code, told.reason, told.retry_after) == ("UNAVAILABLE", "BOARD_REBUILT", 0.1)
    after = watch(server, resume_token=before.messages[-1].resume_token)
    after.until(bool, "a board")
    promises.started_over(before.messages, after.messages)
    promises.convergent(after.messages, newest(server).leaderboard)
    assert shown(promises.boards(after.messages)[0]) == RIGHT


def test_a_watch_of_a_board_that_was_right_goes_on(start_on, watch):
    server = start_on(STANDINGS["changed standing"], heartbeat_seconds=0.05)
    dice = watch(server, board_id="dice")
    dice.until(bool, "a board")
    rebuild(server)
    beats = len(dice.messages)
    dice.until(lambda messages: len(messages) > beats + 1, "heartbeats as before")
    promises.kept(dice.messages)


def test_tokens_of_before_start_over_after_a_restart_too(start_on, watch):
    server = start_on(STANDINGS["changed standing"])
    token = newest(server).resume_token
    rebuild(server)
    server.begin_to_stop()
    server.wait_stopped()
    with RunningServer(server.settings) as again:
        after = watch(again, resume_token=token)
        after.until(bool, "a board")
        assert shown(promises.boards(after.messages)[0]) == RIGHT


def test_pages_of_before_have_no_next(start_on):
    server = start_on(STANDINGS["changed standing"])
    token = server.scores().ListStandings(ListStandingsRequest(page_size=1)).next_page_token
    rebuild(server)
    told = refusal(lambda: server.scores().ListStandings(ListStandingsRequest(page_size=1, page_token=token)))
    assert told.reason == "PAGE_TOKEN_INVALID"


def test_nothing_is_made_from_a_damaged_ledger(start_on):
    server = start_on(STANDINGS["changed standing"])
    before = newest(server)
    Damage(("UPDATE awards SET points = 6 WHERE position = 2",), {}).do(url(server))
    told = refusal(lambda: rebuild(server))
    assert (told.code, told.reason) == ("DATA_LOSS", "LEDGER_DAMAGED")
    assert told.metadata == {"position": "2", "awardId": "b1"}
    assert newest(server) == before
    assert "standings" in verify(server)


def test_two_at_once_are_one_after_the_other(start_on):
    server = start_on(STANDINGS["changed standing"])
    stubs = [server.admin() for _ in range(3)]
    streams = [stub.RebuildStandings(RebuildStandingsRequest()) for stub in stubs]
    mended = [list(stream)[-1].result.standings_mended for stream in streams]
    assert sorted(mended) == [0, 0, 1]
    assert verify(server) == {}


@pytest.mark.parametrize("start_on", ["sqlite"], indirect=True)
class TestInterrupted:
    """While another program writes to the database, a rebuild waits before it mends."""

    def begun(self, server: RunningServer) -> grpc.Call:
        stream = server.admin().RebuildStandings(RebuildStandingsRequest())
        until(lambda: next(stream).progress.rows == "rankings", "all is read")
        return stream

    def test_who_asked_may_go(self, start_on):
        server = start_on(STANDINGS["changed standing"])
        with database_held(server) as release:
            self.begun(server).cancel()
            release()
        rebuild(server)
        assert shown(newest(server).leaderboard) == RIGHT
        assert verify(server) == {}

    def test_the_server_may_stop(self, start_on):
        server = start_on(STANDINGS["changed standing"], drain_seconds=0.2)
        with database_held(server) as release:
            self.begun(server)
            server.begin_to_stop()
            release()
        server.wait_stopped()
        with RunningServer(server.settings) as again:
            rebuild(again)
            assert verify(again) == {}

    def test_a_database_that_fails_changes_nothing(self, start_on):
        server = start_on(STANDINGS["changed standing"])
        before = newest(server)
        with database_held(server):
            told = refusal(lambda: rebuild(server))
        assert (told.code, told.reason) == ("UNAVAILABLE", "STORAGE_UNAVAILABLE")
        assert newest(server) == before
        assert server.internal().ApplyScore(ApplyScoreRequest(user_id="eve", points=1)).score == 2
        rebuild(server)
        assert verify(server) == {}
