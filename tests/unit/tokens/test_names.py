"""Who a token may speak of. What is shown must be what the field rules of the protos take."""

import protovalidate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_server.tokens.names import is_user_id, shown_name


@pytest.mark.parametrize(
    "value", ["a", "A-Z_a.z:0@9", "x" * 64], ids=["one character", "every kind of character", "the longest"]
)
def test_user_ids(value):
    assert is_user_id(value)


@pytest.mark.parametrize("value", ["", "x" * 65, "a b", "a\n", "ü", "auth0|x", 7, None, ["a"]], ids=repr)
def test_no_user_ids(value):
    assert not is_user_id(value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Ada", "Ada", id="as it is"),
        pytest.param("  Ada Lovelace ", "Ada Lovelace", id="white space at the ends"),
        pytest.param("\u3000Ada\u00a0", "Ada", id="other white space at the ends"),
        pytest.param("\u3000", None, id="nothing but white space"),
        pytest.param("A\x00d\u202ea\n", "Ada", id="characters that are not seen"),
        pytest.param("\u3164A\u2800d\uffa0a\u034f", "Ada", id="letters without a shape"),
        pytest.param("A\u2028da", "Ada", id="what breaks the line"),
        pytest.param(" \ufe0f\u0301 Ada", "Ada", id="marks before any letter"),
        pytest.param("\u3164\ufe0f", None, id="nothing that is drawn"),
        pytest.param("\U00013439", None, id="unseen in a newer Unicode than Python's"),
        pytest.param("x" * 31 + " y", "x" * 31, id="too long"),
        pytest.param("名前", "名前", id="another script"),
        pytest.param(" \n", None, id="nothing left"),
        pytest.param("", None, id="empty"),
        pytest.param(7, None, id="no string"),
    ],
)
def test_shown_names(name, shown):
    assert shown_name(name) == shown


@given(st.text())
def test_a_shown_name_keeps_the_field_rules(text):
    name = shown_name(text)
    if name is not None:
        protovalidate.validate(ApplyScoreRequest(user_id="u", points=1, display_name=name))
        assert shown_name(name) == name


@given(st.text(min_size=1, max_size=40))
def test_what_the_field_rules_take_is_shown_as_it_is(text):
    try:
        request = ApplyScoreRequest(user_id="u", points=1, display_name=text)
        protovalidate.validate(request)
    except (protovalidate.ValidationError, UnicodeEncodeError):
        return
    assert shown_name(text) == text
