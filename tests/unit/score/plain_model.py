"""The plainest account of awards: one after the other, in lists and dictionaries."""

from base64 import urlsafe_b64encode
from hashlib import sha256
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
        self.boards_of: dict[str, tuple[str, ...]] = {}
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
        row = request.award_id, request.user_id, action_type, request.points
        given = self._write(row, BOARDS_OF[action_type])
        if request.display_name:
            self.names[request.user_id] = request.display_name
        return given

    def _add(self, board: str, user: str, points: int) -> int:
        users = self.boards[board]
        old = users.get(user, Standing(0, self.position))
        users[user] = Standing(old.score + points, self.position if points else old.reached)
        return users[user].score

    def void(self, award_id: str) -> Given | str:
        """The row that takes an award back, or why there is none."""
        award = self.given.get(award_id)
        if award is None:
            return "AWARD_UNKNOWN"
        void_id = "void~" + urlsafe_b64encode(sha256(award_id.encode()).digest()).decode().rstrip("=")
        if void_id in self.given:
            return "AWARD_ALREADY_VOIDED"
        void = void_id, award.user_id, award.action_type, -award.points
        return self._write(void, self.boards_of[award_id])

    def adjust(self, award_id: str, user: str, points: int, board: str) -> Given | str:
        """The row that changes a score, or why there is none."""
        if not any(user in users for users in self.boards.values()):
            return "USER_UNKNOWN"
        known = self.given.get(award_id)
        if known is None:
            return self._write((award_id, user, "", points), (board,))
        asked = award_id, user, "", points
        same = asked == known[1:5] and self.boards_of[award_id] == (board,)
        return known if same else REUSED

    def _write(self, row: tuple[str, str, str, int], boards: tuple[str, ...]) -> Given:
        award_id, user, action_type, points = row
        self.position += 1
        quarantined = int(self.states.get(user) == "quarantined")
        scores = [self._add(board, user, points) for board in boards]
        given = Given(self.position, award_id, user, action_type, points, scores[0], quarantined)
        self.given[award_id], self.boards_of[award_id] = given, boards
        return given

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
