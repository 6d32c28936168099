"""What a watch in a pipe says on standard error: how it stands, once for each time that this changes."""

from datetime import UTC, datetime

import pytest
from grpc import StatusCode

from scorewire_client import ScorewireError, WatchState
from scorewire_client.cli.watching import telling

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
CUT, GONE = (ScorewireError(StatusCode.UNAVAILABLE, said) for said in ("cut", "nothing listens"))


def test_each_change_is_one_line(capsys: pytest.CaptureFixture[str]):
    tell = telling()
    blip = [WatchState("reconnecting", NOON, CUT), WatchState("live", NOON)]
    outage = [WatchState("reconnecting", NOON, CUT), *[WatchState("stale", NOON, GONE)] * 3, WatchState("live", NOON)]
    for state in (WatchState("live", NOON), *blip, *outage, *blip, *outage):
        tell(state)
    said = capsys.readouterr()
    stale = f"scorewire: stale since {NOON.astimezone():%H:%M:%S}, still trying (UNAVAILABLE: nothing listens)\n"
    assert (said.out, said.err) == ("", (stale + "scorewire: live\n") * 2)
