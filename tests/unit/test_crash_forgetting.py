"""What is forgotten of a ledger that was set back: what it has lost and was told after the copy began, and no more."""

import pytest

from scorewire_server.storage.voids import void_id
from tests.crash.acts import Act
from tests.crash.book import Asked, Book, Counted
from tests.crash.setting_back import Copied, Told, forget

COUNTED = Counted(5, 5, 1)
VOIDED = Counted(0, 0, 2)


def asked(award_id: str) -> Asked:
    return Asked("direct", "ada", award_id, 5, counted=COUNTED)


@pytest.mark.parametrize(
    ("told_before", "copied", "forgotten"),
    [
        pytest.param(True, set(), False, id="told before, and lost all the same, which is wrong"),
        pytest.param(True, {"a"}, False, id="told before, and there"),
        pytest.param(False, {"a"}, False, id="told after, and there"),
        pytest.param(False, set(), True, id="told after, and lost"),
    ],
)
def test_an_award(told_before, copied, forgotten):
    award = asked("a")
    told = Told.by_now(Book([award] if told_before else []))
    book = Book([award, Asked("direct", "ada", "nobody was told of it", 5)])
    assert forget(book, told, Copied(copied, set())) == ([award] if forgotten else [])
    assert (award.counted, award.forgotten) == ((None, True) if forgotten else (COUNTED, False))
    assert book.set_back == 1


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "there"])
def test_a_void_of_an_award_that_was_told_before(kept):
    award = asked("a")
    book = Book([award])
    told = Told.by_now(book)
    award.hear_voided(VOIDED)
    assert forget(book, told, Copied({"a", void_id("a")} if kept else {"a"}, set())) == []
    assert (award.counted, award.voided) == (COUNTED, VOIDED if kept else None)


@pytest.mark.parametrize(
    ("act", "forgotten"),
    [
        pytest.param(Act("block", "ada", "there", decided=True), False, id="a decision that is there"),
        pytest.param(Act("block", "ada", "lost", decided=True), True, id="a decision that is lost"),
        pytest.param(Act("void", "ada", "lost", "a", corrected=True), True, id="a void that is lost"),
        pytest.param(Act("void", "ada", "-", "a", refused="AWARD_ALREADY_VOIDED"), True, id="another's, lost"),
        pytest.param(Act("void", "ada", "-", "b", refused="AWARD_ALREADY_VOIDED"), False, id="another's, there"),
        pytest.param(Act("void", "ada", "-", "c", refused="AWARD_UNKNOWN"), False, id="one that was refused"),
    ],
)
def test_an_act(act, forgotten):
    copied = Copied({"a", "b", void_id("b")}, {"there"})
    forget(Book(acts=[act]), Told.by_now(Book()), copied)
    assert act.answered == (not forgotten)


def test_an_act_that_was_told_before():
    book = Book(acts=[Act("block", "ada", "lost", decided=True)])
    forget(book, Told.by_now(book), Copied(set(), set()))
    assert book.acts[0].answered
