"""What of a board is looked at: its top, or the standings around a user, or those of some users.

A window is a value: two calls that ask for the same look through the same one.
"""

from typing import Any, NamedTuple

from scorewire_server.score.ranking import Place, Ranking

DEFAULT_LIMIT = 10
DEFAULT_RADIUS = 4


class Top(NamedTuple):
    """The best `limit` standings."""

    limit: int

    def places(self, ranking: Ranking) -> list[Place]:
        """The places in it, best first; as for all windows."""
        return ranking.top(self.limit)


class Around(NamedTuple):
    """A user's standing, with `radius` above and below; empty while it has none."""

    around_user_id: str
    radius: int

    def places(self, ranking: Ranking) -> list[Place]:
        """See Top."""
        return ranking.around(self.around_user_id, self.radius)


class Among(NamedTuple):
    """The standings of these users, of those who have one."""

    user_ids: frozenset[str]

    def places(self, ranking: Ranking) -> list[Place]:
        """See Top."""
        return ranking.among(self.user_ids)


Window = Top | Around | Among


def window_of(request: Any) -> Window:
    """The window that a GetLeaderboardRequest or a WatchLeaderboardRequest asks for."""
    if request.HasField("around_user_id"):
        return Around(request.around_user_id, request.radius if request.HasField("radius") else DEFAULT_RADIUS)
    if request.user_ids:
        return Among(frozenset(request.user_ids))
    return Top(request.limit if request.HasField("limit") else DEFAULT_LIMIT)
