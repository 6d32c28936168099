"""Holds the standings and the names against what the awards add up to."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scorewire_server.audit.checks import Checks, Step
from scorewire_server.audit.walk import Walk
from scorewire_server.storage.fold import Reached
from scorewire_server.storage.inspection import Rows


class WrongStanding(NamedTuple):
    """A standing that is not what the awards add up to; `None` stands for no standing."""

    board_id: str
    user_id: str
    right: Reached | None
    there: Reached | None


def wrong_standings(walk: Walk, chunks: Iterable[Rows]) -> Iterator[WrongStanding | Step]:
    """Every wrong standing, and after each chunk of them how many have been looked at."""
    missing = {board_id: set(users) for board_id, users in walk.standings.items()}
    done, total = 0, sum(map(len, missing.values()))
    for rows in chunks:
        for board_id, user_id, *reached in rows:
            right = walk.standings.get(board_id, {}).get(user_id)
            if right is not None:
                missing[board_id].discard(user_id)
            if right != (there := tuple(reached)):
                yield WrongStanding(board_id, user_id, right, there)
        done += len(rows)
        yield Step("standings", done, total)
    for board_id, user_ids in missing.items():
        for user_id in sorted(user_ids, key=str):
            yield WrongStanding(board_id, user_id, walk.standings[board_id][user_id], None)


def check_standings(walk: Walk, chunks: Iterable[Rows], checks: Checks) -> Iterator[Step]:
    """Reports every wrong standing."""
    for each in wrong_standings(walk, chunks):
        if isinstance(each, Step):
            yield each
        else:
            row: dict[str, object] = {"boardId": each.board_id, "userId": each.user_id}
            checks.standings.found(row, expected=_shown(each.right), found=_shown(each.there))


def check_names(walk: Walk, chunks: Iterable[Rows], checks: Checks) -> None:
    """Reports names of nobody."""
    boards = list(walk.standings.values())
    for rows in chunks:
        for user_id, display_name in rows:
            if not any(user_id in users for users in boards):
                checks.names.found({"userId": user_id}, expected="no name", found=f"the name {display_name!r}")


def _shown(reached: Reached | None) -> str:
    return "no standing" if reached is None else f"score {reached[0]} reached at position {reached[1]}"
