"""Files that are followed: what is taken, what is not, and what is said."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from scorewire_server.errors import StartError
from scorewire_server.following import Followed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "number").write_text("1")
    return tmp_path / "number"


def follow(path: Path) -> Followed[int]:
    def read() -> int:
        try:
            return int(path.read_text())
        except (ValueError, OSError) as broken:
            raise StartError(f"no number: {broken}") from broken

    return Followed([path], read)


def replace(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def test_what_changes_is_read_again(path: Path) -> None:
    numbers = follow(path)
    replace(path, "2")
    with capture_logs() as said:
        assert numbers.look()
    assert (numbers.content, numbers.version, said[0]["event"]) == (2, 2, "files read again")


def test_what_does_not_change_is_not(path: Path) -> None:
    numbers = follow(path)
    with capture_logs() as said:
        assert numbers.look()
        replace(path, "1")
        assert numbers.look()
    assert (numbers.content, numbers.version, said) == (1, 1, [])


def test_what_is_no_good_at_first_is_an_error(path: Path) -> None:
    path.write_text("one")
    with pytest.raises(StartError, match="no number"):
        follow(path)


def test_what_is_no_good_later_is_said_once_and_the_last_good_stays(path: Path) -> None:
    numbers = follow(path)
    replace(path, "one")
    with capture_logs() as said:
        assert [numbers.look(), numbers.look()] == [False, False]
    assert (numbers.content, len(said), said[0]["log_level"]) == (1, 1, "error")
    assert "no number" in said[0]["problem"]
    path.unlink()
    with capture_logs() as said:
        assert [numbers.look(), numbers.look()] == [False, False]
    assert (numbers.content, len(said)) == (1, 1)
    replace(path, "2")
    assert (numbers.look(), numbers.content) == (True, 2)


def test_what_is_no_good_yet_is_tried_again_without_a_change(path: Path) -> None:
    good = True

    def read() -> int:
        if not good:
            raise StartError("not yet")
        return int(path.read_text())

    numbers = Followed([path], read)
    replace(path, "2")
    good = False
    assert (numbers.look(), numbers.content) == (False, 1)
    good = True
    assert (numbers.look(), numbers.content) == (True, 2)
