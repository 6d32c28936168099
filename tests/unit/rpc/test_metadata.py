"""What a call's metadata says: one bearer token or none."""

from types import SimpleNamespace

import pytest

from scorewire_server.rpc.metadata import bearer, one_value, request_id


def context(*metadata: tuple[str, str | bytes]) -> SimpleNamespace:
    return SimpleNamespace(invocation_metadata=lambda: metadata)


@pytest.mark.parametrize(
    ("values", "token"),
    [
        pytest.param(["Bearer a.b.c"], "a.b.c", id="as it should be"),
        pytest.param(["bearer a.b.c"], "a.b.c", id="schemes have no case"),
        pytest.param(["Bearer  a.b.c "], "a.b.c", id="blanks around it"),
        pytest.param([], None, id="none"),
        pytest.param(["Bearer"], None, id="a scheme alone"),
        pytest.param(["Bearer "], None, id="a scheme and a blank"),
        pytest.param(["a.b.c"], None, id="a token alone"),
        pytest.param(["Basic a.b.c"], None, id="another scheme"),
        pytest.param(["Bearer a.b.c", "Bearer a.b.c"], None, id="the same twice"),
        pytest.param(["Bearer a.b.c", "Bearer d.e.f"], None, id="two of them"),
    ],
)
def test_bearer(values, token):
    metadata = [("authorization", value) for value in values]
    assert bearer(context(("x-other", "Bearer x.y.z"), *metadata)) == token


def test_a_value_that_is_there_twice_is_not_one():
    assert one_value(context(("x-request-id", "a")), "x-request-id") == "a"
    assert one_value(context(("x-request-id", "a"), ("x-request-id", "b")), "x-request-id") is None
    assert one_value(context(("x-request-id", b"a")), "x-request-id") is None
    assert one_value(SimpleNamespace(invocation_metadata=lambda: None), "x-request-id") is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(["7f-a:b/c=="], "7f-a:b/c==", id="as it should be"),
        pytest.param(["x" * 128], "x" * 128, id="the longest"),
        pytest.param(["x" * 129], None, id="longer"),
        pytest.param([""], None, id="empty"),
        pytest.param(["two words"], None, id="two words"),
        pytest.param(["d\u00e9j\u00e0"], None, id="not ASCII"),
        pytest.param(["a\tb"], None, id="a tab"),
        pytest.param(["a\n"], None, id="a new line at the end"),
        pytest.param(["a", "b"], None, id="two of them"),
    ],
)
def test_request_id(values, expected):
    assert request_id(context(*(("x-request-id", value) for value in values))) == expected
