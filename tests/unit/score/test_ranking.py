"""The ranking against the plainest model of it: a dictionary, sorted anew for each question."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scorewire_server.score.ranking import Place, Ranking

USERS = st.integers(0, 12).map("user-{}".format)
SCORES = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))
COUNTS = st.integers(0, 15)


def ranked(scores: dict[str, tuple[int, int]]) -> list[Place]:
    """Higher scores first; of equal ones, the one reached first."""
    ordered = sorted(scores.items(), key=lambda item: (-item[1][0], item[1][1]))
    return [Place(rank, user, *place) for rank, (user, place) in enumerate(ordered, 1)]


class RankingLikeItsModel(RuleBasedStateMachine):
    @initialize(first=st.dictionaries(USERS, SCORES))
    def build(self, first):
        self.position = 0
        self.model = {user: (score, self.next_position()) for user, score in first.items()}
        self.ranking = Ranking((user, *place) for user, place in self.model.items())

    def next_position(self):
        self.position += 1
        return self.position

    @rule(user=USERS, score=SCORES)
    def update(self, user, score):
        self.model[user] = (score, self.next_position())
        self.ranking.update(user, *self.model[user])

    @rule(user=USERS)
    def update_to_the_same(self, user):
        if user in self.model:
            self.ranking.update(user, *self.model[user])

    @rule(user=USERS)
    def ask_for_a_place(self, user):
        places = {place.user_id: place for place in ranked(self.model)}
        assert self.ranking.place(user) == places.get(user)

    @rule(score=SCORES, position=st.integers(0, 40), count=COUNTS)
    def ask_what_comes_after(self, score, position, count):
        behind = [p for p in ranked(self.model) if (-p.score, p.reached_position) > (-score, position)]
        assert self.ranking.after(score, position, count) == behind[:count]

    @rule(count=COUNTS)
    def ask_for_the_top(self, count):
        assert self.ranking.top(count) == ranked(self.model)[:count]

    @rule(user=USERS, radius=st.integers(1, 5))
    def ask_for_who_is_around(self, user, radius):
        places = ranked(self.model)
        at = [place.rank for place in places if place.user_id == user]
        assert self.ranking.around(user, radius) == [p for p in places if at and abs(p.rank - at[0]) <= radius]

    @rule(users=st.frozensets(USERS))
    def ask_for_some(self, users):
        assert self.ranking.among(users) == [place for place in ranked(self.model) if place.user_id in users]

    @invariant()
    def has_everybody_once(self):
        assert len(self.ranking) == len(self.model)
        assert self.ranking.top(len(self.model) + 1) == ranked(self.model)


RankingLikeItsModel.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRankingLikeItsModel = RankingLikeItsModel.TestCase


def test_of_equal_scores_the_one_reached_first_stands_first():
    ranking = Ranking([("late", 5, 9), ("early", 5, 2), ("best", 6, 10)])
    assert [place.user_id for place in ranking.top(3)] == ["best", "early", "late"]
    ranking.update("late", 6, 11)
    ranking.update("early", 6, 12)
    assert [place.user_id for place in ranking.top(3)] == ["best", "late", "early"]


@pytest.mark.parametrize("score", [2**63 - 1, -(2**63), 0, -1])
@pytest.mark.parametrize("position", [1, 2**63 - 1])
def test_a_place_keeps_64_bits_of_score_and_position(score, position):
    ranking = Ranking([("ada", score, position)])
    assert ranking.place("ada") == Place(1, "ada", score, position)
    assert ranking.after(score, position, 1) == []
    assert ranking.after(score, position - 1, 1) == ranking.top(1)


def test_an_empty_ranking_has_nobody():
    assert (len(Ranking()), Ranking().top(3), Ranking().place("ada"), Ranking().after(1, 1, 3)) == (0, [], None, [])
