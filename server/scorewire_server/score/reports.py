"""What is said of every new row of the ledger, whether or not its caller is still there: a log line, and metrics."""

from collections.abc import Sequence

from prometheus_client import Counter

from scorewire_server.logs import often
from scorewire_server.storage.decisions import DECIDED, STATES
from scorewire_server.storage.records import Award

AWARDS = Counter("scorewire_awards", "Awards that count, by kind.", ["kind"])
POINTS = Counter("scorewire_award_points", "Points awarded or, negative, taken.", ["kind", "sign"])
DECISIONS = Counter("scorewire_decisions", "Decisions about users, by kind.", ["kind"])
_COUNTERS = {
    kind: (AWARDS.labels(kind), POINTS.labels(kind, "positive"), POINTS.labels(kind, "negative"))
    for kind in ("ticket", "internal", "adjustment", "void")
}
_DECISIONS = {kind: DECISIONS.labels(kind) for kind in STATES}


class Reports:
    """Reports on transactions."""

    def __init__(self) -> None:
        self._award = often("award")
        self._decision = often("decision")

    def report(self, fresh: Sequence[Award]) -> None:
        """Logs and counts the rows of one transaction."""
        _count(fresh)
        for award in fresh:
            say = self._decision if award.kind in DECIDED else self._award
            say(
                position=award.position,
                award_id=award.award_id,
                user=award.user_id,
                action_type=award.action_type,
                points=award.points,
                score=award.score,
                kind=award.kind,
                actor=award.actor,
                reason=award.reason,
            )


def _count(fresh: Sequence[Award]) -> None:
    for kind, (count, given, taken) in _COUNTERS.items():
        points = [award.points for award in fresh if award.kind == kind]
        if points:
            count.inc(len(points))
            given.inc(sum(value for value in points if value > 0))
            taken.inc(-sum(value for value in points if value < 0))
    for award in fresh:
        if award.kind in _DECISIONS:
            _DECISIONS[award.kind].inc()
