"""docs/errors.md says of every reason what the contract and the server say."""

import re
from pathlib import Path

from grpc import StatusCode

from scorewire_server.errors import Refusal
from scorewire_server.rpc.status import CODES

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| `(?P<reason>[A-Z_]+)` \| `(?P<code>[A-Z_]+)` \| (?P<http>\d+) \| (?P<meaning>.*) \|$", re.MULTILINE
)
VALUE = re.compile(r"(?P<comment>(?: {2}//.*\n)+) {2}ERROR_REASON_(?P<reason>[A-Z_]+) = [1-9]")
# As the gateway's transcoder has them.
HTTP = {
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.FAILED_PRECONDITION: 400,
    StatusCode.UNAUTHENTICATED: 401,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.ABORTED: 409,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.INTERNAL: 500,
    StatusCode.DATA_LOSS: 500,
    StatusCode.UNAVAILABLE: 503,
    StatusCode.DEADLINE_EXCEEDED: 504,
}


def documented() -> dict[str, re.Match[str]]:
    return {row["reason"]: row for row in ROW.finditer((ROOT / "docs/errors.md").read_text())}


def refusals(of: type[Refusal] = Refusal) -> list[type[Refusal]]:
    return [refusal for child in of.__subclasses__() for refusal in (child, *refusals(child))]


def test_each_row_has_the_words_of_the_contract():
    proto = (ROOT / "protos/scorewire/errors/v1/errors.proto").read_text()
    said = {}
    for value in VALUE.finditer(proto):
        comment = re.sub(r"\s*\n? {2}// ?", " ", value["comment"]).strip()
        said[value["reason"]] = comment.partition(": ")[2].lower()
    assert said.keys() == documented().keys()
    assert said == {reason: row["meaning"].lower() for reason, row in documented().items()}


def test_each_row_has_the_code_that_the_server_answers():
    answered = {refusal.reason: CODES[refusal] for refusal in refusals() if refusal in CODES}
    rows = {reason: row for reason, row in documented().items() if reason in answered}
    assert len(rows) == len(answered)
    for reason, row in rows.items():
        assert (row["code"], int(row["http"])) == (answered[reason].name, HTTP[answered[reason]]), reason
