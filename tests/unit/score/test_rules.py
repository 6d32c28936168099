"""The scoring rules: what each sort of action is worth, and every mistake a rules file can have."""

from pathlib import Path
from textwrap import dedent

import pytest

from scorewire_server.errors import ActionDataInvalid, PointsOutOfBounds, ScoringRuleMissing, StartError
from scorewire_server.score.rules import SAMPLES, Rules, load_rules
from scorewire_server.storage.records import Cap, Limits

GOOD = """
    default_board = "main"

    [boards.main]
    [boards.dice]

    [direct]
    minimum = -10
    maximum = 10
    boards = ["main"]

    [actions."dice.roll"]
    points = { field = "throw.rolled" }
    minimum = 1
    maximum = 6
    boards = ["dice", "main"]

    [actions.visit]
    points = 3
    boards = ["main"]

    [actions.gift]
    points = 3
    minimum = 0
    maximum = 100
    boards = ["main"]
"""


def rules_file(folder: Path, text: str) -> Path:
    path = folder / "rules.toml"
    path.write_text(dedent(text))
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    return load_rules(rules_file(tmp_path, GOOD))


def test_the_rules_of_the_samples_are_good():
    rules = load_rules(SAMPLES)
    assert rules.points("dice.roll", {"rolled": 6}) == 6
    assert rules.points("quiz.answer", {}) == 10
    assert rules.board_ids() == [rules.default_board]


def test_points_are_fixed_or_read_from_the_result(rules):
    assert rules.points("visit", None) == 3
    assert rules.points("dice.roll", {"throw": {"rolled": 4}}) == 4


def test_boards_are_those_of_the_rule(rules):
    assert rules.boards_of("dice.roll") == ("dice", "main")
    assert rules.boards_of("direct") == rules.boards_of(None) == ("main",)


@pytest.mark.parametrize(
    "result",
    [
        pytest.param({"throw": {}}, id="missing"),
        pytest.param({"throw": 4}, id="no object on the way"),
        pytest.param({"throw": [4]}, id="a list on the way"),
        pytest.param(None, id="null"),
        pytest.param({"throw": {"rolled": "4"}}, id="text"),
        pytest.param({"throw": {"rolled": 4.0}}, id="a fraction"),
        pytest.param({"throw": {"rolled": True}}, id="true"),
        pytest.param({"throw": {"rolled": None}}, id="null in its place"),
    ],
)
def test_a_result_without_the_field_of_the_rule_is_refused(rules, result):
    with pytest.raises(ActionDataInvalid) as refused:
        rules.points("dice.roll", result)
    assert refused.value.metadata == {"field": "throw.rolled"}


@pytest.mark.parametrize("rolled", [0, 7, -1, 2**31, -(2**63), 10**30])
def test_points_of_a_result_stay_in_their_bounds(rules, rolled):
    with pytest.raises(PointsOutOfBounds) as refused:
        rules.points("dice.roll", {"throw": {"rolled": rolled}})
    assert refused.value.metadata == {"minimum": "1", "maximum": "6"}


@pytest.mark.parametrize(
    ("action_type", "points", "allowed"),
    [
        pytest.param(None, -10, True, id="direct, the least"),
        pytest.param("direct", 10, True, id="direct by name, the most"),
        pytest.param(None, -11, False, id="direct, too few"),
        pytest.param(None, 11, False, id="direct, too many"),
        pytest.param("dice.roll", 1, True, id="from a field, the least"),
        pytest.param("dice.roll", 7, False, id="from a field, too many"),
        pytest.param("visit", 3, True, id="fixed"),
        pytest.param("visit", 2, False, id="fixed, other points"),
        pytest.param("gift", 100, True, id="fixed with bounds, the most"),
        pytest.param("gift", -1, False, id="fixed with bounds, too few"),
    ],
)
def test_points_that_a_caller_names_are_held_to_the_same_bounds(rules, action_type, points, allowed):
    if allowed:
        rules.check_named(action_type, points)
    else:
        with pytest.raises(PointsOutOfBounds) as refused:
            rules.check_named(action_type, points)
        assert "points" in refused.value.fields


def test_what_is_plausible_is_written_in_plain_units(tmp_path):
    limited = """cooldown = "500ms"
    after_sign_in = "10s"
    caps = [{ per = "5m", awards = 3 }, { per = "24h", awards = 9, points = 100 }, { per = "7d", points = 500 }]
    """
    rules = load_rules(
        rules_file(tmp_path, dedent(GOOD).replace("[actions.visit]", "[actions.visit]\n" + dedent(limited)))
    )
    caps = (Cap(300_000, 3), Cap(86_400_000, 9, 100), Cap(7 * 86_400_000, None, 500))
    assert rules.limits_of("visit") == Limits(500, 10_000, caps)
    assert rules.limits_of("gift") is rules.limits_of("direct") is rules.limits_of(None) is None


def test_an_action_without_a_rule_is_refused(rules):
    for ask in (lambda: rules.points("chess.win", {}), lambda: rules.check_named("chess.win", 1)):
        with pytest.raises(ScoringRuleMissing) as refused:
            ask()
        assert refused.value.metadata == {"actionType": "chess.win"}


def test_without_a_direct_rule_an_award_needs_an_action_type(tmp_path):
    rules = load_rules(
        rules_file(tmp_path, 'default_board = "main"\n[boards.main]\n[actions.visit]\npoints = 1\nboards = ["main"]')
    )
    with pytest.raises(ScoringRuleMissing, match=r"\[direct\]"):
        rules.check_named(None, 1)


MISTAKES = [
    ('default_board = "main"', 'default_board = "other"', ["default_board: there is no [boards.other]"]),
    ('default_board = "main"', "", ["default_board: Field required"]),
    (
        'default_board = "main"',
        'default_bord = "main"',
        ["default_bord: no such key; did you mean default_board?", "default_board:"],
    ),
    ('default_board = "main"', "default_board = 'MAIN'", ["default_board: String should match"]),
    ("[boards.main]", "[boards.'a,b']", ['boards."a,b": String should match']),
    ("[actions.visit]", "[actions.visit]\nminimun = 1", ["no such key; did you mean actions.visit.minimum?"]),
    ("[boards.main]", "[boards.main]\ncolour = 1", ["boards.main.colour: no such key"]),
    ("[boards.main]", "", ["actions.visit.boards: there is no [boards.main]", "direct.boards: there"]),
    ("points = 3\nboards", "points = 3\nbords", ["actions.visit.boards: Field req", "actions.visit.bords:"]),
    ("minimum = -10", "minimum = 11", ["direct.minimum: 11 is over the maximum, 10"]),
    ("minimum = -10", "minimum = '1'", ["direct.minimum: Input should be a valid integer"]),
    ("minimum = -10", "minimum = 1.5", ["direct.minimum: Input should be a valid integer"]),
    ("minimum = -10", "", ["direct.minimum: Field required"]),
    ("maximum = 10\n", "maximum = 2147483648\n", ["direct.maximum: Input should be less than or equal"]),
    ("minimum = 1\n", "", ['actions."dice.roll".minimum: points from a field need bounds']),
    ("minimum = 1\n", "minimum = 7\n", ['actions."dice.roll".minimum: 7 is over the maximum, 6']),
    ('["dice", "main"]', "[]", ['actions."dice.roll".boards: List should have at least 1 item']),
    ('["dice", "main"]', '["main", "main"]', ['actions."dice.roll".boards: a board is named twice']),
    ('["dice", "main"]', '["chess"]', ['actions."dice.roll".boards: there is no [boards.chess]']),
    ("minimum = 0", "minimum = 4", ["actions.gift.points: 3 is outside 4 to 100"]),
    (
        '{ field = "throw.rolled" }',
        "{ field = '' }",
        ['actions."dice.roll".points.field: String should have at least 1 character'],
    ),
    ('{ field = "throw.rolled" }', "{ path = 'x' }", ['actions."dice.roll".points.field: Field required']),
    ('{ field = "throw.rolled" }', "'many'", ['actions."dice.roll".points: Input should be a valid integer']),
    ("[actions.visit]", "[actions.Visit]", ["actions.Visit: String should match"]),
    ("[actions.visit]", "[actions.direct]", ["actions.direct: an award without an action type has the rule [direct]"]),
    ("[actions.visit]", "[actions.visit", ["not TOML", "line 18"]),
    (
        "points = 3\nboards",
        "points = 3\ncooldown = 5\nboards",
        ["actions.visit.cooldown: should be a number with a unit"],
    ),
    ("points = 3\nboards", "points = 3\ncooldown = '0s'\nboards", ["actions.visit.cooldown: should be a number"]),
    ("points = 3\nboards", "points = 3\ncooldown = '36501d'\nboards", ["actions.visit.cooldown: should be a number"]),
    (
        "points = 3\nboards",
        "points = 3\ncooldown = '99ms'\nboards",
        ["actions.visit.cooldown: 99 ms is shorter than 100"],
    ),
    ("points = 3\nboards", "points = 3\nafter_signin = '9s'\nboards", ["did you mean actions.visit.after_sign_in?"]),
    (
        "points = 3\nboards",
        "points = 3\ncaps = [{ per = '1h' }]\nboards",
        ["visit.caps.0: names neither awards nor points"],
    ),
    ("points = 3\nboards", "points = 3\ncaps = [{ awards = 1 }]\nboards", ["actions.visit.caps.0.per: Field required"]),
    (
        "points = 3\nboards",
        "points = 3\ncaps = [{ per = '1h', awards = 0 }]\nboards",
        ["visit.caps.0.awards: Input should"],
    ),
    (
        "points = 3\nboards",
        "points = 3\ncaps = [{ per = '1h', awards = 2 }, { per = '1d', points = 2 }]\nboards",
        ["actions.visit.caps.1.points: 2 is under the maximum of a single award, 3"],
    ),
]


@pytest.mark.parametrize(("good", "bad", "problems"), MISTAKES, ids=[bad or f"no {good}" for good, bad, _ in MISTAKES])
def test_each_mistake_is_named_with_its_place(tmp_path, good, bad, problems):
    text = dedent(GOOD)
    assert good in text
    path = rules_file(tmp_path, text.replace(good, bad, 1))
    with pytest.raises(StartError) as mistake:
        load_rules(path)
    for problem in problems:
        assert problem in str(mistake.value)
    assert all(line.startswith(f"{path}: ") for line in str(mistake.value).splitlines())


def test_all_mistakes_are_named_at_once(tmp_path):
    text = dedent(GOOD).replace("minimum = -10", "minimum = 11").replace('["dice", "main"]', '["chess", "go"]')
    with pytest.raises(StartError) as mistake:
        load_rules(rules_file(tmp_path, text.replace('default_board = "main"', 'default_board = "other"')))
    assert len(str(mistake.value).splitlines()) == 4


def test_a_file_that_is_not_there_or_no_text_is_a_mistake_in_plain_words(tmp_path):
    with pytest.raises(StartError, match="cannot be read: No such file"):
        load_rules(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(StartError, match="not TOML"):
        load_rules(tmp_path / "binary.toml")
