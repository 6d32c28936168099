"""What callers send: it comes back as it went, or there is an error that is documented."""

import base64
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from google.protobuf.json_format import Parse
from google.protobuf.message import DecodeError
from google.protobuf.struct_pb2 import Value
from hypothesis import assume, given
from hypothesis import strategies as st

from scorewire_server.action.data import LONGEST, HandlerFault, done
from scorewire_server.action.handlers import Outcome
from scorewire_server.action.values import plain
from scorewire_server.errors import (
    ActionDataInvalid,
    CallerUnknown,
    InvalidField,
    PageTokenInvalid,
    PointsOutOfBounds,
    ResumeTokenInvalid,
)
from scorewire_server.rpc.metadata import bearer, request_id
from scorewire_server.rpc.policies.caller import SPEAKS_FOR_OTHERS, identify
from scorewire_server.rpc.tls import identity_of
from scorewire_server.score.bookmarks import Bookmarks
from scorewire_server.score.rules import Rules
from scorewire_server.storage.chain import GENESIS
from tests.fuzzing import examples
from tests.processes import TRUST_DOMAIN
from tests.unit.parsers.strategies import JSON, TEXT, damaged

pytestmark = pytest.mark.fuzz

EXAMPLES = 150
OURS = Bookmarks("a" * 32, "main")


@examples(EXAMPLES)
@given(text=TEXT | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")))
def test_page_and_resume_tokens_are_read_or_refused(text: str) -> None:
    for read, refused in ((OURS.place, PageTokenInvalid), (OURS.revision, ResumeTokenInvalid)):
        try:
            read(text)
        except refused:
            continue
        # What is read must hold what ours hold: the database and the board are in it.
        assert b"main" in base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@examples(EXAMPLES)
@given(data=st.data(), revision=st.integers(0, 2**63 - 1))
def test_a_damaged_token_is_refused_or_of_this_board(data: Any, revision: int) -> None:
    text = data.draw(damaged(OURS.resume(revision, GENESIS).encode())).decode(errors="replace")
    with suppress(ResumeTokenInvalid):
        assert -(2**63) <= OURS.revision(text) < 2**63


def context(**values: list[str]) -> Any:
    metadata = [(name.replace("_", "-"), value) for name, several in values.items() for value in several]
    uris = [f"spiffe://{TRUST_DOMAIN}/{SPEAKS_FOR_OTHERS}".encode()]
    return SimpleNamespace(invocation_metadata=lambda: metadata, auth_context=lambda: {"peer_spiffe_id": uris})


@examples(EXAMPLES)
@given(values=st.lists(TEXT, max_size=3))
def test_a_request_id_is_one_visible_word_or_none(values: list[str]) -> None:
    read = request_id(context(x_request_id=values))
    assert read is None or (values == [read] and read.isascii() and read.isprintable() and " " not in read)


@examples(EXAMPLES)
@given(word=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128))
def test_a_request_id_comes_back_as_it_went(word: str) -> None:
    assert request_id(context(x_request_id=[word])) == word


@examples(EXAMPLES)
@given(values=st.lists(TEXT | TEXT.map("Bearer {}".format), max_size=2))
def test_a_bearer_token_is_the_one_that_was_sent(values: list[str]) -> None:
    token = bearer(context(authorization=values))
    assert token is None or ((len(values) == 1 and values[0].endswith((token, f"{token} "))) or token in values[0])


@examples(EXAMPLES)
@given(
    parts=st.lists(
        TEXT
        | TEXT.map("URI={}".format)
        | st.sampled_from(
            [f"URI=spiffe://{TRUST_DOMAIN}/action", "Hash=aa", f'Subject="URI=spiffe://{TRUST_DOMAIN}/ops"']
        ),
        max_size=4,
    )
)
def test_a_forwarded_certificate_names_one_identity_or_nobody(parts: list[str]) -> None:
    header = ";".join(parts)
    call: Any = SimpleNamespace(context=context(x_forwarded_client_cert=[header]))
    try:
        identity = identify(call, TRUST_DOMAIN)
    except CallerUnknown:
        return
    assert header.split(";").count(f"URI=spiffe://{TRUST_DOMAIN}/{identity}") == 1


@examples(EXAMPLES)
@given(name=st.text(min_size=1, max_size=20), uri=TEXT)
def test_an_identity_is_what_follows_the_trust_domain(name: str, uri: str) -> None:
    assert identity_of(f"spiffe://{TRUST_DOMAIN}/{name}", TRUST_DOMAIN) == name
    assume(not uri.startswith(f"spiffe://{TRUST_DOMAIN}/"))
    assert identity_of(uri, TRUST_DOMAIN) is None


@examples(EXAMPLES)
@given(value=JSON)
def test_the_value_of_a_request_is_the_value_that_was_sent(value: Any) -> None:
    def nearly(one: Any) -> Any:
        """As doubles keep it, which is what numbers of JSON are."""
        if isinstance(one, dict):
            return {name: nearly(member) for name, member in one.items()}
        if isinstance(one, list):
            return [nearly(item) for item in one]
        return float(one) if isinstance(one, int) and not isinstance(one, bool) else one

    assert nearly(plain(Parse(orjson.dumps(value).decode(), Value()))) == nearly(value)


@examples(EXAMPLES)
@given(raw=st.binary(max_size=60))
def test_bytes_that_are_no_value_are_refused(raw: bytes) -> None:
    value = Value()
    try:
        value.ParseFromString(raw)
    except DecodeError:  # it does not come this far
        return
    with suppress(InvalidField):
        orjson.dumps(plain(value))


@examples(EXAMPLES)
@given(result=JSON | TEXT.map(lambda text: text + "x" * (LONGEST - 100)), points=st.integers(-(2**40), 2**40))
def test_action_data_is_the_result_or_a_fault_of_the_handler(result: Any, points: int) -> None:
    handler: Any = SimpleNamespace(name="some.type")
    claim: Any = SimpleNamespace(action_id="id", action_type="some.type", _replace=SimpleNamespace)
    try:
        entry = done(handler, claim, Outcome(result, points=points))
    except HandlerFault:
        return
    assert len(entry.data.encode()) <= LONGEST
    assert orjson.loads(entry.data)["result"] == orjson.loads(orjson.dumps(result))


RULES = Rules.model_validate(
    {
        "default_board": "main",
        "boards": {"main": {}},
        "actions": {"a": {"points": {"field": "x.y"}, "minimum": -5, "maximum": 5, "boards": ["main"]}},
    }
)


@examples(EXAMPLES)
@given(result=JSON | st.fixed_dictionaries({"x": JSON | st.fixed_dictionaries({"y": JSON | st.integers(-7, 7)})}))
def test_points_of_any_result_keep_the_bounds(result: Any) -> None:
    try:
        points = RULES.points("a", result)
    except (ActionDataInvalid, PointsOutOfBounds):
        return
    assert type(points) is int
    assert -5 <= points <= 5
