"""docs/gateway.md has every error that the gateway makes itself, as the gateway makes it."""

import re
from pathlib import Path

import pytest

from scorewire_server.gateway.problems import PROBLEMS

ROW = re.compile(
    r"^\| [^|]+ \| (?P<statuses>[0-9, ]+)[^|]* \| `(?P<code>[A-Z_]+)` \| `(?P<reason>[A-Z_]+)`", re.MULTILINE
)
DOCUMENTED = {
    int(status): (row["code"], row["reason"])
    for row in ROW.finditer((Path(__file__).parents[2] / "docs/gateway.md").read_text())
    for status in re.findall(r"\d+", row["statuses"])
}


@pytest.mark.parametrize("problem", [pytest.param(problem, id=str(problem.status)) for problem in PROBLEMS])
def test_the_table_says_what_is_answered(problem) -> None:
    code = problem.grpc_code or problem.code
    assert DOCUMENTED[problem.http or problem.status] == (code.name, problem.reason)


def test_the_table_has_nothing_else() -> None:
    assert set(DOCUMENTED) == {problem.http or problem.status for problem in PROBLEMS}
