"""Allow lists: which of them counts, and which are mistakes."""

import pytest
from structlog.testing import capture_logs

from scorewire_server.errors import StartError
from scorewire_server.rpc.allow import Service, allowed_callers
from scorewire_server.score.main import ADMIN, INTERNAL

APPLY, BATCH = f"{INTERNAL}/ApplyScore", f"{INTERNAL}/ApplyScores"
SERVICES = [Service(INTERNAL, print, None, ["action", "ops"]), Service(ADMIN, print, None, ["ops"])]


@pytest.mark.parametrize(
    ("lists", "apply", "batch"),
    [
        pytest.param({}, {"action", "ops"}, {"action", "ops"}, id="by default"),
        pytest.param({INTERNAL: ["score"]}, {"score"}, {"score"}, id="of the service"),
        pytest.param({APPLY: ["score"]}, {"score"}, {"action", "ops"}, id="of one method"),
        pytest.param({INTERNAL: ["ops"], BATCH: ["action"]}, {"ops"}, {"action"}, id="of a method before its service"),
        pytest.param({BATCH: []}, {"action", "ops"}, set(), id="of a method, empty"),
        pytest.param({INTERNAL: [], APPLY: ["ops"]}, {"ops"}, set(), id="of the service, empty"),
    ],
)
def test_which_list_counts(lists, apply, batch):
    allowed = allowed_callers(SERVICES, lists)
    assert (allowed[APPLY], allowed[BATCH]) == (frozenset(apply), frozenset(batch))
    assert allowed[f"{ADMIN}/RebuildStandings"] == frozenset({"ops"})


def test_every_method_has_a_list():
    assert allowed_callers([Service(INTERNAL, print, None, [])], {}) == {APPLY: frozenset(), BATCH: frozenset()}


def test_every_list_of_what_is_not_served_is_named():
    lists = {f"{INTERNAL}/ApplyScor": ["ops"], f"{ADMIN}/Missing": [], "a.v1.A": ["ops"], INTERNAL: ["ops"]}
    with pytest.raises(StartError, match="does not serve") as stopped:
        allowed_callers(SERVICES, lists)
    _, *named = str(stopped.value).splitlines()
    assert [line.split(":")[0].strip() for line in named] == sorted(set(lists) - {INTERNAL})
    assert f"did you mean {APPLY}" in str(stopped.value)
    assert named[0] == f"  a.v1.A: the services are {ADMIN}, {INTERNAL}"


def test_methods_that_nobody_may_call_are_said():
    with capture_logs() as said:
        allowed_callers(SERVICES, {BATCH: []})
    assert [(line["log_level"], line["method"]) for line in said] == [("warning", BATCH)]
