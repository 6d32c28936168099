"""Resume and page tokens: they come back as they went, and nothing else passes for one."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.token_pb2 import ResumeToken
from scorewire_server.errors import PageTokenInvalid, ResumeTokenInvalid
from scorewire_server.score.bookmarks import Bookmarks
from scorewire_server.score.ranking import Place
from scorewire_server.storage.chain import GENESIS

OURS = Bookmarks("a" * 32, "main")
OTHER_BOARD = Bookmarks("a" * 32, "dice")
OTHER_DATABASE = Bookmarks("b" * 32, "main")
INT64 = st.integers(-(2**63), 2**63 - 1)
POSITION = st.integers(0, 2**63 - 1)
HEAD = st.binary(max_size=3).map(lambda data: sha256(data).digest())


@given(revision=POSITION, head=HEAD)
def test_a_resume_token_brings_its_revision_back(revision, head):
    assert OURS.revision(OURS.resume(revision, head)) == revision


@given(revision=POSITION, heads=st.tuples(HEAD, HEAD))
def test_tokens_of_one_revision_differ_by_the_head(revision, heads):
    one, other = (OURS.resume(revision, head) for head in heads)
    assert (one == other) == (heads[0] == heads[1])


@given(score=INT64, reached=POSITION)
def test_a_page_token_brings_its_place_back(score, reached):
    assert OURS.place(OURS.page(Place(7, "ada", score, reached))) == (score, reached)


@given(score=INT64, reached=POSITION)
def test_tokens_fit_the_field_rule_of_the_requests(score, reached):
    longest = Bookmarks("f" * 32, "b" * 64)
    assert len(longest.page(Place(1, "ada", score, reached))) <= 512
    assert len(longest.resume(reached, GENESIS)) <= 512


def test_a_resume_token_of_another_database_starts_over():
    assert OURS.revision(OTHER_DATABASE.resume(5, GENESIS)) == -1


PAGE = OURS.page(Place(1, "ada", 5, 3))
RESUME = OURS.resume(5, GENESIS)
NO_TOKENS = [
    pytest.param("nonsense", id="nonsense"),
    pytest.param("!", id="no base64"),
    pytest.param("a", id="half a byte"),
    pytest.param("ü", id="not ASCII"),
    pytest.param(base64.urlsafe_b64encode(b"\xff\xff\xff").decode(), id="no protobuf"),
    pytest.param(base64.urlsafe_b64encode(b"\x12\x01\xff").decode(), id="text that is no UTF-8"),
]


@pytest.mark.parametrize(
    "token",
    [
        *NO_TOKENS,
        pytest.param(OTHER_BOARD.resume(5, GENESIS), id="another board"),
        pytest.param(RESUME[:-4], id="cut off"),
        pytest.param(PAGE, id="a page token"),
        pytest.param(RESUME + "!", id="with something behind it"),
    ],
)
def test_what_is_no_resume_token_is_refused(token):
    with pytest.raises(ResumeTokenInvalid):
        OURS.revision(token)


@pytest.mark.parametrize(
    "token",
    [
        *NO_TOKENS,
        pytest.param(OTHER_BOARD.page(Place(1, "ada", 5, 3)), id="another board"),
        pytest.param(OTHER_DATABASE.page(Place(1, "ada", 5, 3)), id="another database"),
        pytest.param(PAGE[:-4], id="cut off"),
        pytest.param(RESUME, id="a resume token"),
        pytest.param(PAGE + "!", id="with something behind it"),
    ],
)
def test_what_is_no_page_token_is_refused(token):
    with pytest.raises(PageTokenInvalid):
        OURS.place(token)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_tokens(text):
    for read in (OURS.revision, OURS.place):
        with pytest.raises((ResumeTokenInvalid, PageTokenInvalid)):
            read(text)


@given(st.builds(ResumeToken, database_id=st.text(max_size=5), board_id=st.text(max_size=5), revision=INT64))
def test_no_protobuf_breaks_the_reading_of_tokens(token):
    text = base64.urlsafe_b64encode(token.SerializeToString()).decode()
    with pytest.raises(ResumeTokenInvalid):
        OURS.revision(text)
