"""What a watch in a pipe says on standard error: how it stands, once for each time that this changes."""

from datetime import UTC, datetime

import pytest
from grpc import StatusCode

from scorewire_client import ScorewireError, WatchState
from scorewire_client.cli.live import said_of
from scorewire_client.cli.watching import telling
from scorewire_client.watching import Silence

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
AT = "127.0.0.1:8080"
STALE = f"stale since {NOON.astimezone():%H:%M:%S}, still trying"
CUT, GONE = (ScorewireError(StatusCode.UNAVAILABLE, said) for said in ("cut", "nothing listens"))


def test_each_change_is_one_line(capsys: pytest.CaptureFixture[str]):
    tell = telling(AT)
    blip = [WatchState("reconnecting", NOON, CUT), WatchState("live", NOON)]
    outage = [WatchState("reconnecting", NOON, CUT), *[WatchState("stale", NOON, GONE)] * 3, WatchState("live", NOON)]
    for state in (WatchState("live", NOON), *blip, *outage, *blip, *outage):
        tell(state)
    said = capsys.readouterr()
    stale = f"scorewire: {STALE}: nothing answers at {AT} (nothing listens); see whether it runs\n"
    assert (said.out, said.err) == ("", (stale + "scorewire: live\n") * 2)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        pytest.param(
            ScorewireError(
                StatusCode.UNAVAILABLE,
                f"failed to connect to all addresses; last error: UNKNOWN: ipv4:{AT}: Connection refused (111)",
            ),
            f"nothing answers at {AT} (Connection refused); see whether it runs",
            id="nothing listens",
        ),
        pytest.param(
            ScorewireError(StatusCode.INTERNAL, "Received RST_STREAM with error code 2"),
            f"the connection to {AT} broke",
            id="a proxy cuts it",
        ),
        pytest.param(Silence(20.0), "nothing was heard from the server for 20 s", id="silence"),
        pytest.param(
            ScorewireError(StatusCode.UNAVAILABLE, "come again", "DRAINING"), "DRAINING: come again", id="a reason"
        ),
        pytest.param(
            ScorewireError(StatusCode.UNAVAILABLE, "\x1b[2J", "DRAINING"), "DRAINING: \\x1b[2J", id="not harmless"
        ),
    ],
)
def test_why_it_is_out_of_date_is_in_words_of_ours(error: ScorewireError, why: str):
    assert said_of(WatchState("stale", NOON, error), AT) == f"{STALE}: {why}"


def test_a_watch_that_was_cut_is_said_to_come_back():
    said = said_of(WatchState("reconnecting", NOON, CUT), AT)
    assert said == f"reconnecting, last heard at {NOON.astimezone():%H:%M:%S}: the connection to {AT} broke"
