"""Both servers with the actions and rules of `trial_actions`."""

from pathlib import Path
from typing import Any

from scorewire_server.settings import Settings
from tests.pair import prepare
from tests.rpc.trial_actions import RULES


def prepare_trials(folder: Path, certs: Path, *, rules: str = RULES, score_port: int = 0, **action: Any) -> Settings:
    """Settings as of `prepare`; unless `action` says otherwise, `trial.ticket` goes by ticket and the others do not."""
    (folder / "rules.toml").write_text(rules)
    common = {"handlers": ["tests.rpc.trial_actions"], "delivery": {"trial.ticket": "ticket"}}
    score = {"port": score_port, "rules_file": folder / "rules.toml"}
    return prepare(folder, certs, action=common | action, score=score)
