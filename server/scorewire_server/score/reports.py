"""What is said of the awards that count, whether or not their callers are still there: a log line each, and metrics."""

from collections.abc import Sequence
from typing import get_args

from prometheus_client import Counter

from scorewire_server.logs import often
from scorewire_server.storage.records import Award, Source

AWARDS = Counter("scorewire_awards", "Awards that count, by source.", ["source"])
POINTS = Counter("scorewire_award_points", "Points awarded or, negative, taken.", ["source", "sign"])
_COUNTERS = {
    source: (AWARDS.labels(source), POINTS.labels(source, "positive"), POINTS.labels(source, "negative"))
    for source in get_args(Source)
}


class Reports:
    """Reports on transactions."""

    def __init__(self) -> None:
        self._say = often("award")

    def report(self, fresh: Sequence[Award]) -> None:
        """Logs and counts the awards of one transaction."""
        _count(fresh)
        for award in fresh:
            self._say(
                position=award.position,
                award_id=award.award_id,
                user=award.user_id,
                action_type=award.action_type,
                points=award.points,
                score=award.score,
                source=award.source,
                actor=award.actor,
            )


def _count(fresh: Sequence[Award]) -> None:
    for source, (count, given, taken) in _COUNTERS.items():
        points = [award.points for award in fresh if award.source == source]
        if points:
            count.inc(len(points))
            given.inc(sum(value for value in points if value > 0))
            taken.inc(-sum(value for value in points if value < 0))
