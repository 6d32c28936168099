"""The scoring rules: what an action is worth, within which bounds, on which boards."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationError

from scorewire_server.errors import ActionDataInvalid, PointsOutOfBounds, ScoringRuleMissing, StartError
from scorewire_server.mistakes import words
from scorewire_server.score.plausibility import Part, Plausible
from scorewire_server.storage.records import Limits

SAMPLES = Path(__file__).parent / "rules.toml"
DIRECT = "direct"
"""The action type of an award that an internal caller gave without one."""

Points = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=64)]


_BARE = re.compile(r"[A-Za-z0-9_-]+")


class RulesMistake(StartError):
    """A rules file that cannot be meant; the message lists every problem with its key."""


class FieldPoints(Part):
    """Points read from a field of the action's result; dots lead into objects."""

    field: Annotated[str, Field(min_length=1)]


class BoundedRule(Plausible):
    """Bounds of the points, inclusive, and the boards they count on; the first is the one that answers speak of."""

    minimum: Points
    maximum: Points
    boards: Annotated[list[Id], Field(min_length=1)]


class ActionRule(Plausible):
    """The rule of one action type. Fixed points are their own bounds."""

    points: Annotated[
        Annotated[Points, Tag("<number>")] | Annotated[FieldPoints, Tag("<table>")],
        Discriminator(lambda points: "<table>" if isinstance(points, dict) else "<number>"),
    ]
    minimum: Points | None = None
    maximum: Points | None = None
    boards: Annotated[list[Id], Field(min_length=1)]

    def bounds(self) -> tuple[int, int]:
        """The least and the most points, inclusive."""
        fixed = self.points if isinstance(self.points, int) else 0
        return (
            fixed if self.minimum is None else self.minimum,
            fixed if self.maximum is None else self.maximum,
        )


class BoardRule(Part):
    """What a board is; today its id says it all."""


class Rules(Part):
    """A whole rules file."""

    default_board: Id
    boards: Annotated[dict[Id, BoardRule], Field(min_length=1)]
    direct: BoundedRule | None = None
    actions: Annotated[dict[Id, ActionRule], Field(default_factory=dict)]

    def board_ids(self) -> list[str]:
        """Every board."""
        return list(self.boards)

    def points(self, action_type: str, result: Any) -> int:
        """What an action is worth by its result. Raises ScoringRuleMissing, ActionDataInvalid, PointsOutOfBounds."""
        rule = self._action(action_type)
        points = rule.points if isinstance(rule.points, int) else _read(result, rule.points.field)
        return _bounded(points, rule.bounds())

    def check_named(self, action_type: str | None, points: int) -> None:
        """Holds points that a caller names to the same bounds. Raises ScoringRuleMissing, PointsOutOfBounds."""
        if action_type is None or action_type == DIRECT:
            direct = self._direct()
            _bounded(points, (direct.minimum, direct.maximum))
        else:
            _bounded(points, self._action(action_type).bounds())

    def boards_of(self, action_type: str | None) -> tuple[str, ...]:
        """The boards an award of this type counts on. Raises ScoringRuleMissing."""
        return tuple(self._rule(action_type).boards)

    def limits_of(self, action_type: str | None) -> Limits | None:
        """What is plausible of one user's awards of this type; `None` for anything. Raises ScoringRuleMissing."""
        return self._rule(action_type).limits

    def maxima(self) -> dict[str, int]:
        """The most points of each action type whose awards differ, and are read from what the action led to."""
        varied = {name: rule for name, rule in self.actions.items() if isinstance(rule.points, FieldPoints)}
        return {name: rule.maximum for name, rule in varied.items() if rule.maximum is not None}

    def _rule(self, action_type: str | None) -> BoundedRule | ActionRule:
        return self._direct() if action_type is None or action_type == DIRECT else self._action(action_type)

    def _direct(self) -> BoundedRule:
        if self.direct is None:
            raise ScoringRuleMissing(
                "an award without action_type needs the rule [direct], which the rules do not have"
            )
        return self.direct

    def _action(self, action_type: str) -> ActionRule:
        rule = self.actions.get(action_type)
        if rule is None:
            table = _key(("actions", action_type))
            raise ScoringRuleMissing(
                f"there is no scoring rule for {action_type}; the operator adds [{table}] to the rules",
                actionType=action_type,
            )
        return rule


def load_rules(path: Path) -> Rules:
    """Reads a rules file. Raises RulesMistake with every problem in it."""
    try:
        rules = Rules.model_validate(tomllib.loads(path.read_text()))
    except OSError as missing:
        raise RulesMistake(f"{path}: cannot be read: {missing.strerror}; set score.rules_file") from missing
    except ValidationError as wrong:
        problems = [f"{path}: {_key(error['loc'])}: {words(error, Rules, 'key')}" for error in wrong.errors()]
        raise RulesMistake("\n".join(problems)) from wrong
    except (ValueError, RecursionError) as broken:  # numbers and brackets without an end are no TOMLDecodeError
        raise RulesMistake(f"{path}: not TOML: {broken}") from broken
    if problems := [f"{path}: {problem}" for problem in _contradictions(rules)]:
        raise RulesMistake("\n".join(problems))
    return rules


def _contradictions(rules: Rules) -> Iterator[str]:
    if rules.default_board not in rules.boards:
        yield f"default_board: there is no [boards.{rules.default_board}]"
    named: dict[str, BoundedRule | ActionRule] = {_key(("actions", name)): rule for name, rule in rules.actions.items()}
    if DIRECT in rules.actions:
        yield f"actions.{DIRECT}: an award without an action type has the rule [direct]; name this one otherwise"
    if rules.direct:
        named["direct"] = rules.direct
    for key, rule in named.items():
        yield from (f"{key}.boards: there is no [boards.{b}]" for b in rule.boards if b not in rules.boards)
        yield from (f"{key}.{problem}" for problem in _wrong_bounds(rule))


def _wrong_bounds(rule: BoundedRule | ActionRule) -> Iterator[str]:
    if len(set(rule.boards)) < len(rule.boards):
        yield "boards: a board is named twice"
    if isinstance(rule, ActionRule) and isinstance(rule.points, FieldPoints):
        yield from (f"{b}: points from a field need bounds" for b in ("minimum", "maximum") if getattr(rule, b) is None)
        if rule.minimum is None or rule.maximum is None:
            return
    least, most = rule.bounds() if isinstance(rule, ActionRule) else (rule.minimum, rule.maximum)
    if least > most:
        yield f"minimum: {least} is over the maximum, {most}"
    elif isinstance(rule, ActionRule) and isinstance(rule.points, int) and not least <= rule.points <= most:
        yield f"points: {rule.points} is outside {least} to {most}"
    yield from rule.wrong_limits(most)


def _read(result: Any, path: str) -> int:
    value = result
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ActionDataInvalid(
            f"the scoring rule reads {path} of the action's result, which is no integer", field=path
        )
    return value


def _bounded(points: int, bounds: tuple[int, int]) -> int:
    minimum, maximum = bounds
    if not minimum <= points <= maximum:
        raise PointsOutOfBounds(
            f"{points} points are outside {minimum} to {maximum}, the bounds of the scoring rule",
            fields={"points": f"must be {minimum} to {maximum}"},
            minimum=minimum,
            maximum=maximum,
        )
    return points


def _key(location: tuple[int | str, ...]) -> str:
    """A place in the file as TOML writes it."""
    parts = [str(part) for part in location if str(part)[0] not in "<["]  # what pydantic adds to the keys
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in parts) or "file"
