"""Calls of the page whose answers are lost on their way."""

from playwright.sync_api import Route

DO_ACTION = "**/scorewire.action.v1.ActionService/DoAction"
UPDATE_SCORE = "**/scorewire.score.v1.ScoreService/UpdateScore"


def lose_the_answer(route: Route) -> None:
    """Lets a call reach the server, and not its answer the page."""
    route.fetch()
    route.abort()
