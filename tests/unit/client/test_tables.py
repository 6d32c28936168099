"""Boards as tables: whatever somebody is called, everybody sees ranks and scores."""

import io

import pytest
from rich.console import Console

from scorewire_client.cli.tables import board_table
from scorewire_client.results import Board, Standing


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_wide_name_gives_way_to_rank_and_score(width: int) -> None:
    wide = Standing(rank=12_345, user_id="ada", display_name="\N{GRINNING FACE}" * 32, score=67_890)
    board = Board(board_id="main", revision=1, total_users=1, standings=(wide,), resume_token="", own=None)
    console = Console(file=io.StringIO(), width=width)
    console.print(board_table(board))
    (row,) = [line for line in console.file.getvalue().splitlines() if "\N{GRINNING FACE}" in line]
    assert "12345" in row
    assert "67890" in row
