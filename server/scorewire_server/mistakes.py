"""What is wrong in a file or an environment that a person wrote, in words that help to mend it."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]


def words(mistake: ErrorDetails, model: type[BaseModel], what: str) -> str:
    """One mistake of a `ValidationError` of `model`; `what` is what a name stands for, such as "setting"."""
    if mistake["type"] == "value_error":
        return str(mistake["ctx"]["error"])  # pydantic's own message has words in front of ours
    if mistake["type"] != "extra_forbidden":
        return mistake["msg"]
    *path, name = mistake["loc"]
    return f"no such {what}{_near(str(name), _names_at(model, path), path)}"


def meant(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that somebody who wrote `name` may have meant."""
    # A name in its right spelling is wrong for another reason.
    return next(iter(get_close_matches(name, [known for known in names if known != name], 1)), None)


def _near(name: str, names: Iterable[str], path: Iterable[int | str]) -> str:
    near = meant(name, names)
    return f"; did you mean {'.'.join(map(str, [*path, near]))}?" if near else ""


def _names_at(model: type[BaseModel], path: Iterable[int | str]) -> Iterator[str]:
    """The names that may stand at a place of a document that `model` describes."""
    inside = [model]
    for part in path:
        fields = [each.model_fields[part] for each in inside if part in each.model_fields]
        # What is no field is a key of a table, or an index: the models are those that its field named.
        inside = [inner for field in fields for inner in _models(field.annotation)] or inside
    for each in inside:
        yield from each.model_fields


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
