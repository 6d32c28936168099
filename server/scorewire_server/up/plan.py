"""What `scorewire up` adds to the settings, and how the processes get them."""

import json
from collections.abc import Mapping

from scorewire_server.settings import Section, Settings
from scorewire_server.up.ports import with_chosen_ports

PREFIX = "SCOREWIRE_"
DELIVERY = {"dice.roll": "internal", "quiz.answer": "ticket"}
"""Each sample shows one of the two ways to a score."""


def development(settings: Settings) -> Settings:
    """The settings of three processes side by side: they find each other, guests may sign in, reflection is on.

    What a person has set for guests, reflection and the delivery of an action type stays.
    """
    chosen = with_chosen_ports(settings)
    score, action, gateway = chosen.score, chosen.action, chosen.gateway
    score_address = address(score.host, score.port)
    action_address = address(action.host, action.port)
    places = {"score_address": score_address, "delivery": {**DELIVERY, **action.delivery}}
    return chosen.model_copy(
        update={
            "data_dir": settings.data_dir.absolute(),
            "score": score.model_copy(update=_unless_set(score, reflection=True)),
            "action": action.model_copy(update=places | _unless_set(action, reflection=True, guests=True)),
            "gateway": gateway.model_copy(update={"score_address": score_address, "action_address": action_address}),
        }
    )


def _unless_set(section: Section, **values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in section.model_fields_set}


def address(host: str, port: int) -> str:
    """Where a process on this machine is reached that listens on `host`."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the processes: what is inherited, and every setting as it stands."""
    kept = {name: value for name, value in inherited.items() if not name.upper().startswith(PREFIX)}
    given = {name: value for name, value in settings.model_dump(mode="json").items() if value is not None}
    return kept | {PREFIX + name.upper(): _written(value) for name, value in given.items()}


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
