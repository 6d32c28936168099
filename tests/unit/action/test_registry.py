"""Finding handlers, and every problem with them at once."""

import sys
from textwrap import dedent

import pytest

from scorewire_server.action.registry import HandlersMistake, load_handlers
from scorewire_server.errors import ActionTypeUnknown
from scorewire_server.settings import ActionSettings

COIN = """
    from scorewire_server.action import Outcome, action

    @action("{type}")
    async def flip(call):
        return Outcome(None, 0)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module that can be imported during the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    written = []

    def write(name: str, source: str) -> str:
        (tmp_path / f"{name}.py").write_text(dedent(source))
        written.append(name)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)


def load(*modules: str, **settings: object):
    return load_handlers(ActionSettings.model_validate({"handlers": list(modules)} | settings))


def test_the_samples_come_by_entry_point():
    assert list(load()) == ["dice.roll", "quiz.answer"]


def test_an_operators_module_adds_its_own(module):
    registry = load(module("coins", COIN.format(type="coin.flip")), default_action_type="coin.flip")
    assert list(registry) == ["coin.flip", "dice.roll", "quiz.answer"]
    assert registry.find(None) is registry.find("coin.flip")
    assert registry.find("coin.flip").name == "coins.flip"


def test_a_handler_that_two_modules_show_is_one_handler(module):
    coins = module("coins", COIN.format(type="coin.flip"))
    assert "coin.flip" in load(coins, module("all_games", "from coins import flip"))


def test_an_unknown_type_is_refused_with_those_there_are():
    with pytest.raises(ActionTypeUnknown) as refused:
        load().find("coin.flip")
    assert refused.value.metadata == {"actionTypes": "dice.roll, quiz.answer"}


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        pytest.param(
            COIN.format(type="dice.roll"), "dice.roll has two handlers: .*dice.roll and broken.flip", id="two"
        ),
        pytest.param(COIN.format(type="Dice"), "broken cannot be imported: ValueError: 'Dice' is no action", id="type"),
        pytest.param("import nothing_like_it", "broken cannot be imported: ModuleNotFoundError", id="missing import"),
        pytest.param("def:", "broken cannot be imported: SyntaxError", id="no Python"),
        pytest.param("raise SystemError('no')", "broken cannot be imported: SystemError: no", id="raises"),
        pytest.param("x = 1", "broken has no handler; mark one with @action", id="no handler"),
    ],
)
def test_a_mistake_in_a_module_stops_the_start(module, source, problem):
    with pytest.raises(HandlersMistake, match=problem):
        load(module("broken", source))


def test_every_problem_is_listed(module):
    twice = module("twice", COIN.format(type="quiz.answer"))
    with pytest.raises(HandlersMistake) as mistake:
        load(
            "not_there", twice, default_action_type="chess.win", delivery={"coin.flip": "ticket", "dice.roll": "ticket"}
        )
    assert str(mistake.value).splitlines() == [
        "action.handlers: not_there cannot be imported: ModuleNotFoundError: No module named 'not_there'",
        "quiz.answer has two handlers: scorewire_server.action.samples.quiz.answer and twice.flip",
        "action.default_action_type: no handler for chess.win; there are dice.roll, quiz.answer",
        "action.delivery: no handler for coin.flip; there are dice.roll, quiz.answer",
    ]
