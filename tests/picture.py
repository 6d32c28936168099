"""Draws the picture of `scorewire watch` that docs/clients.md shows: `python -m tests.picture`."""

import io
import re
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from scorewire_client import Board, Scorewire
from scorewire_client.cli.live import Picture
from tests.screenshot import GUEST, SCORES, give
from tests.stack import Stack

DRAWING = Path(__file__).resolve().parent.parent / "docs/images/watch.svg"
# What Rich would fetch its font from; without it a reader's own is used.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def main() -> None:
    """Runs from the command line."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack:
        draw(moved(stack))


def moved(stack: Stack) -> Picture:
    """A watch of a board on which somebody has just passed others."""
    # One width for each letter is all that such a drawing knows.
    give(stack, {name: points for name, points in SCORES.items() if name.isascii()})
    give(stack, {GUEST: 850}, GUEST)
    with Scorewire(stack.gateway.address) as scorewire:
        watch = scorewire.watch(user_id=GUEST)
        next(watch)
        give(stack, {GUEST: 120}, GUEST)
        return picture_of(stack.gateway.address, next(watch), watch.state)


def picture_of(address: str, board: Board, state) -> Picture:
    picture = Picture(address, GUEST)
    picture.board, picture.state = board, state
    return picture


def draw(picture: Picture) -> None:
    console = Console(record=True, width=64, height=24, file=io.StringIO(), force_terminal=True)
    console.print(picture)
    DRAWING.write_text(console.export_svg(title="scorewire watch", code_format=FORMAT, unique_id="watch"))


if __name__ == "__main__":
    main()
