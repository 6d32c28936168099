"""docs/gateway.md has every error that the gateway makes itself, as the gateway makes it."""

import re
from pathlib import Path

from scorewire_server.gateway.problems import PROBLEMS

ROW = re.compile(
    r"^\| [^|]+ \| (?P<statuses>[0-9, ]+)[^|]* \| `(?P<code>[A-Z_]+)` \| `(?P<reason>[A-Z_]+)`", re.MULTILINE
)
DOCUMENTED = {
    (int(status), row["code"], row["reason"])
    for row in ROW.finditer((Path(__file__).parents[2] / "docs/gateway.md").read_text())
    for status in re.findall(r"\d+", row["statuses"])
}


def test_the_table_says_what_is_answered_and_nothing_else() -> None:
    answered = {(each.http or each.status, (each.grpc_code or each.code).name, each.reason) for each in PROBLEMS}
    assert answered == DOCUMENTED
