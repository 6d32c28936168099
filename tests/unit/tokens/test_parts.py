"""The form of a token: one spelling, and each name once. What is sent to servers is met in tests/security."""

import pytest

from scorewire_server.tokens.parts import FormMistake, Parts, take_apart
from tests.security.forging import compact, encoded, unsigned

GOOD = compact({"alg": "none"}, {"sub": "ada"}, unsigned)


def test_a_token_is_taken_apart():
    signed, _, _ = GOOD.rpartition(".")
    assert take_apart(GOOD) == Parts({"alg": "none"}, {"sub": "ada"}, signed.encode(), b"")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param(GOOD + "\n", id="a newline behind"),
        pytest.param("\n" + GOOD, id="a newline before"),
        pytest.param(GOOD.replace(".", ".\n", 1), id="a newline inside"),
        pytest.param(GOOD.replace(".", ".\r\n ", 1), id="folded like a header"),
        pytest.param(GOOD.replace(".", "\t.", 1), id="a tab inside"),
        pytest.param(GOOD.replace(".", "\0.", 1), id="a zero inside"),
        pytest.param(GOOD.replace(".", "\u3002"), id="other dots"),
        pytest.param(GOOD.replace("e", "\uff45", 1), id="a wide letter"),
        pytest.param(f"{encoded(b'{}')}..", id="no payload"),
        pytest.param(f".{encoded(b'{}')}.", id="no header"),
        pytest.param("A." + encoded(b"{}") + ".", id="a part of one character"),
        pytest.param("x" * 6145, id="too long"),
    ],
)
def test_what_is_no_token_is_refused(token):
    with pytest.raises(FormMistake):
        take_apart(token)
