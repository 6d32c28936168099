"""The award does not count, or what is asked about users and awards does not exist."""

from scorewire_server.errors.base import Refusal


class ActionDataInvalid(Refusal):
    """The action data lacks what the scoring rule reads; metadata `field` names it."""


class ScoringRuleMissing(Refusal):
    """There is no scoring rule for the action type."""


class PointsOutOfBounds(Refusal):
    """The points are outside the rule's bounds; metadata has `minimum` and `maximum`."""


class Cooldown(Refusal):
    """The user's last award of the action type is too recent; metadata `notBefore` says when the next one counts."""

    retry_after = 1.0


class CapReached(Refusal):
    """The user has been given as much as the rule allows in its time; metadata `notBefore` says when more counts."""

    retry_after = 1.0


class TooSoonAfterSignIn(Refusal):
    """The user has signed in too recently for an award; metadata `notBefore` says when one counts."""

    retry_after = 1.0


class AwardIdReused(Refusal):
    """The `award_id` stands for an award with other content."""


class UserBlocked(Refusal):
    """The user is blocked: it earns nothing."""


class UserUnknown(Refusal):
    """The ledger has nothing about the user."""


class AwardUnknown(Refusal):
    """There is no award of that id."""


class AwardAlreadyVoided(Refusal):
    """The award was voided before; metadata has the void's `revision` and `reason`, and the `score` after it."""
