"""The plainest account of awards: one after the other, in lists and dictionaries."""

from typing import NamedTuple

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_server.storage.records import Award

REUSED, BLOCKED = "AWARD_ID_REUSED", "USER_BLOCKED"
STATES = {"quarantine": "quarantined", "release": "clear", "block": "blocked", "unblock": "clear"}
BOARDS_OF = {"dice.roll": ("dice", "main"), "direct": ("main",)}


class Standing(NamedTuple):
    """A user on a board; `reached` is the position of the award that led to the score."""

    score: int
    reached: int


class Given(NamedTuple):
    """An award that counts, by the columns that the model knows."""

    position: int
    award_id: str
    user_id: str
    action_type: str
    points: int
    score: int
    quarantined: int

    @classmethod
    def of(cls, award: Award) -> "Given":
        """The same of a row of the ledger."""
        return cls(*award[:5], award.score, award.quarantined)


class Model:
    """What the ledger and the boards must come to."""

    def __init__(self) -> None:
        self.position = 0
        self.given: dict[str, Given] = {}
        self.states: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.boards: dict[str, dict[str, Standing]] = {"main": {}, "dice": {}}

    def ask(self, request: ApplyScoreRequest) -> tuple[Given, bool] | str:
        """The award under the id of a request and whether it is new, or why it is refused."""
        known = self.given.get(request.award_id)
        action_type = request.action_type or "direct"
        if known is None:
            blocked = self.states.get(request.user_id) == "blocked"
            return BLOCKED if blocked else (self._give(request, action_type), True)
        same = (known.user_id, known.action_type, known.points) == (request.user_id, action_type, request.points)
        return (known, False) if same else REUSED

    def _give(self, request: ApplyScoreRequest, action_type: str) -> Given:
        self.position = position = self.position + 1
        quarantined = int(self.states.get(request.user_id) == "quarantined")
        scores = [self._add(board, request, position) for board in BOARDS_OF[action_type]]
        given = Given(position, request.award_id, request.user_id, action_type, request.points, scores[0], quarantined)
        self.given[given.award_id] = given
        if request.display_name:
            self.names[request.user_id] = request.display_name
        return given

    def _add(self, board: str, request: ApplyScoreRequest, position: int) -> int:
        users = self.boards[board]
        old = users.get(request.user_id, Standing(0, position))
        reached = position if request.points else old.reached
        users[request.user_id] = Standing(old.score + request.points, reached)
        return users[request.user_id].score

    def decide(self, kind: str, user: str) -> str:
        """The state of a user after a decision, or why there is none."""
        state = self.states.get(user, "clear")
        if state == "blocked" and kind in ("quarantine", "release"):
            return BLOCKED
        if state == STATES[kind] or (kind, state) == ("unblock", "quarantined"):
            return state
        self.position += 1
        self.states[user] = STATES[kind]
        return self.states[user]

    def shown(self, board: str) -> list[tuple[int, str, int, str]]:
        """Rank, user, score and name of everybody on a board."""
        users = self.boards[board]
        visible = [user for user in users if self.states.get(user, "clear") == "clear"]
        ordered = sorted(visible, key=lambda user: (-users[user].score, users[user].reached))
        return [(rank, user, users[user].score, self.names.get(user, "")) for rank, user in enumerate(ordered, 1)]

    def rank(self, given: Given) -> int:
        """Where the user of an award stands on the first of its boards; 0 where it is not shown."""
        board = BOARDS_OF[given.action_type][0]
        return next((rank for rank, user, _, _ in self.shown(board) if user == given.user_id), 0)
