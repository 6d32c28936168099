"""What to do first with a Scorewire that runs: lines to paste, which work as they are printed."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

from scorewire_client import DEFAULT_ADDRESS
from scorewire_server.action.samples.quiz import QUESTIONS
from scorewire_server.settings import Settings
from scorewire_server.up.command import scorewire
from scorewire_server.up.plan import address

# A shell and sed are everywhere; a tool that reads JSON is not.
HEAD = r"""
Scorewire runs. The page: <url>

<who> The scores are kept in <data>, the logs in <data>/logs.
Ctrl-C stops all of it. To paste into another terminal:
"""

TOOL = Path(".cache/bin/grpcurl")
"""Where `make tools` puts it, in a checkout."""
GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3"

GUESTS_ON = "Anybody may sign in as a guest: this is for development."
GUESTS_OFF = "Guests are off, by action.guests: users come with a session JWT of an issuer in action.session_issuers."

BY_GUESTS = r"""
Become a guest, and roll the dice; the server delivers the points by itself.
  TOKEN=$(curl -s <url>/api/session/guest -d '{"displayName":"Ada"}' | sed -E 's/.*"token":"([^"]*)".*/\1/')
  curl -s <url>/api/action/do-some -H "Authorization: Bearer $TOKEN" -d '{"some":"my lucky day"}'

Answer a quiz, and redeem its ticket within 10 seconds: paste these together. Pasted again they earn nothing more: for
the same requestId there is the same outcome with a fresh ticket, and that has counted.
  QUIZ=$(curl -s <url>/api/action/do-some -H "Authorization: Bearer $TOKEN" -d <quiz>)
  TICKET=$(printf %s "$QUIZ" | sed -E 's/.*"token":"([^"]*)".*/\1/')
  DATA=$(printf %s "$QUIZ" | sed -E 's/.*"result":("([^"\\]|\\.)*").*/\1/')
  curl -s <url>/api/score/update -H "Authorization: Bearer $TICKET" -d "{\"data\":$DATA}"
"""

BY_ANYBODY = r"""
Read the leaderboard, or watch it move.
  curl -s <url>/api/leaderboard
  curl -sN <url>/api/leaderboard/watch

Give points as a service does, by its certificate.
  curl -s <tls> <internal>/api/internal/score/update -d '{"userId":"ada","points":10}'

Call over gRPC<by>.
  <grpcurl> -plaintext <address> list
  <grpcurl> -plaintext -d '{"limit":3}' <address> scorewire.score.v1.ScoreService/GetLeaderboard

Use the command line.
"""

COMMANDS_OF_GUESTS = """\
  <scorewire> sign-in Ada<at>
  <scorewire> act quiz.answer --some <answer> --redeem<at>
"""

COMMANDS_OF_ANYBODY = """\
  <scorewire> watch<at>
"""


def banner(settings: Settings) -> str:
    """The lines for a Scorewire that runs with these settings."""
    gateway, guests = settings.gateway, settings.action.guests
    public = address(gateway.host, gateway.port)
    grpcurl, by = _grpcurl()
    name, question = next(iter(QUESTIONS.items()))
    answer = {"question": name, "answer": question.answer}
    values = {
        "who": GUESTS_ON if guests else GUESTS_OFF,
        "url": f"http://{public}",
        "address": public,
        "internal": f"https://{address(gateway.host, gateway.internal_port)}",
        "tls": _certificate_options(settings),
        "grpcurl": grpcurl,
        "by": by,
        "quiz": _quoted({"actionType": "quiz.answer", "requestId": "quiz-1", "some": answer}),
        "answer": _quoted(answer),
        "data": str(settings.data_dir),
        "scorewire": scorewire(),
        "at": "" if public == DEFAULT_ADDRESS else f" --address {public}",
    }
    parts = [HEAD, BY_GUESTS, BY_ANYBODY, COMMANDS_OF_GUESTS, COMMANDS_OF_ANYBODY]
    text = "".join(part for part in parts if guests or part not in (BY_GUESTS, COMMANDS_OF_GUESTS))
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    return text


def _grpcurl() -> tuple[str, str]:
    """How grpcurl is called from here, and what is to be said of that."""
    if shutil.which("grpcurl"):
        return "grpcurl", ""
    if TOOL.exists():
        return str(TOOL), ""
    return f"go run {GRPCURL}", "; Go fetches grpcurl, which is not here"


def _quoted(value: Any) -> str:
    return shlex.quote(json.dumps(value, separators=(",", ":")))


def _certificate_options(settings: Settings) -> str:
    files = {"--cacert": "ca.pem", "--cert": "ops.pem", "--key": "ops.key"}
    return shlex.join(part for option, name in files.items() for part in (option, str(settings.certs / name)))
