"""The command line of a user, against a running Scorewire."""

import json
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from scorewire_client import ActionOutcome
from scorewire_client.cli.acting import _told
from scorewire_server.clock import system_clock
from scorewire_server.tokens.keys import signing_file
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TicketIssuer
from tests.cli.conftest import RunScorewire
from tests.cli.running import Up

RIGHT = '{"question": "capital-of-canada", "answer": "Ottawa"}'
WRONG = '{"question": "capital-of-canada", "answer": "Toronto"}'


@pytest.fixture
def ada(scorewire: RunScorewire) -> str:
    """A new guest, who is signed in; answers the user id."""
    return json.loads(scorewire("sign-in", "Ada", "--json").stdout)["userId"]


def test_the_session_is_for_its_owner_alone(ada: str, home: Path):
    [saved] = home.rglob("session.json")
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_acts_with_an_internal_delivery(up: Up, scorewire: RunScorewire, ada: str):
    outcome = json.loads(scorewire("act", "dice.roll", "--json").stdout)
    rolled = json.loads(outcome["result"])["result"]["rolled"]
    assert outcome.pop("requestId")
    assert outcome == {"message": "Successfully", "score": str(rolled), "result": outcome["result"]}
    assert scorewire("standing").stdout.startswith(f"Ada: score {rolled}, rank ")
    shown = httpx.get(f"{up.url}/api/standings/{ada}").json()
    assert json.loads(scorewire("standing", ada, "--json").stdout) == {"standing": shown["standing"]}


def test_asks_again_what_an_action_led_to(scorewire: RunScorewire, ada: str):
    first, again = (scorewire("act", "dice.roll", "--request-id", "r1", "--json").stdout for _ in range(2))
    assert first == again


def test_says_how_to_ask_for_a_score_that_follows():
    outcome = ActionOutcome("Successfully", None, None, True, '{"actionType":"dice.roll","result":{"rolled":3}}', "r1")
    assert _told(outcome, redeem_too=False).endswith(
        "Your score follows; ask for it with the same command and --request-id r1"
    )


def test_acts_and_redeems_the_ticket(scorewire: RunScorewire, ada: str):
    acted = scorewire("act", "quiz.answer", "--some", RIGHT)
    assert acted.stdout.endswith("It earned a ticket, for 10 seconds: scorewire redeem\n")
    assert scorewire("redeem").stdout.startswith("+10: your score is 10, rank ")
    again = scorewire("redeem")
    assert again.returncode == 1
    assert again.stderr.startswith("scorewire: TICKET_ALREADY_REDEEMED: ")


def test_redeems_a_ticket_that_is_given(scorewire: RunScorewire, ada: str):
    outcome = json.loads(scorewire("act", "quiz.answer", "--some", RIGHT, "--json").stdout)
    award = scorewire("redeem", "--token", outcome["token"], "--data", outcome["result"], "--json")
    told = json.loads(award.stdout)
    assert (told["status"], told["scoreIncrease"], told["score"]) == ("success", 10, "10")
    assert int(told["revision"]) >= told["rank"] >= 1


def test_who_is_too_late_is_told_how_to_get_a_fresh_ticket(up: Up, scorewire: RunScorewire, home: Path, ada: str):
    """The line that is told does nothing again, and earns what was done."""
    scorewire("act", "quiz.answer", "--some", RIGHT, "--request-id", "my-quiz")
    [file] = home.rglob("ticket.json")
    saved = json.loads(file.read_text())
    file.write_text(json.dumps(saved | {"token": ticket_of_a_minute_ago(up, ada, saved["data"])}))
    late = scorewire("redeem").stderr
    assert late.startswith("scorewire: TICKET_EXPIRED: the ticket is over; ")
    _, _, line = late.partition("For that: scorewire ")
    redeemed = scorewire(*shlex.split(line)).stdout
    assert "It earned a ticket.\n+10: your score is 10, rank " in redeemed
    assert json.loads(file.read_text())["data"] == saved["data"]


def test_who_brings_a_ticket_from_elsewhere_too_late_is_told_what_to_repeat(up: Up, scorewire: RunScorewire):
    late = scorewire("redeem", "--token", ticket_of_a_minute_ago(up, "ada", "{}"), "--data", "{}").stderr
    assert late.endswith("For that: the same `scorewire act` with the action's --request-id, and --redeem.\n")


def ticket_of_a_minute_ago(up: Up, user_id: str, data: str) -> str:
    keys = SigningFile(signing_file(up.data_dir / "keys", "tickets"), system_clock)
    parties = {"issuer": "scorewire-action", "audience": "scorewire-score"}
    return TicketIssuer(keys, **parties, clock=lambda: system_clock() - 60).issue(user_id, "Ada", data)


def test_a_wrong_answer_earns_nothing(scorewire: RunScorewire, ada: str):
    assert scorewire("act", "quiz.answer", "--some", WRONG).stdout.endswith("It earned nothing.\n")


def test_shows_the_top_with_names_as_they_are(up: Up, scorewire: RunScorewire):
    scorewire("sign-in", "[bold]Bob[/]")
    scorewire("act")
    assert "[bold]Bob[/]" in scorewire("top", "--limit", "100").stdout
    assert scorewire("top", "--json").stdout == httpx.get(f"{up.url}/api/leaderboard").text + "\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["act"], "Sign in: scorewire sign-in YOUR_NAME", id="act, not signed in"),
        pytest.param(["standing"], "sign in first: scorewire sign-in YOUR_NAME", id="standing, not signed in"),
        pytest.param(["standing", "nobody"], "See who has: scorewire top", id="a user without points"),
        pytest.param(["standing", "nobody", "--board", "main"], "top --board main", id="a user of a board"),
        pytest.param(["around", "nobody"], "See who has: scorewire top", id="around a user without points"),
        pytest.param(["redeem"], "there is no ticket yet", id="no ticket"),
        pytest.param(["redeem", "--token", "x"], "--token and --data belong together", id="a ticket without its data"),
        pytest.param(["redeem", "--token", "x", "--data", "{}"], "TICKET_MALFORMED", id="no ticket at all"),
        pytest.param(["act", "--some", "{"], "--some is not JSON", id="input that is not JSON"),
        pytest.param(["act", "no.such", "--session", "x"], "SESSION_INVALID", id="a session that is none"),
        pytest.param(["top", "--board", "no-such"], "BOARD_UNKNOWN", id="an unknown board"),
        pytest.param(["top", "--limit", "0"], "limit must be", id="a limit out of range"),
        pytest.param(["watch", "--board", "no-such"], "BOARD_UNKNOWN", id="watching an unknown board"),
        pytest.param(["sign-in", ""], "INVALID_FIELD: ", id="no name"),
        pytest.param(["top", "--address", "ftp://x"], "is no address", id="no address"),
        pytest.param(["top", "--ca", "none.pem"], "is plaintext", id="certificates for plaintext"),
        pytest.param(["top", "--address", "https://x", "--ca", "none.pem"], "none.pem", id="a file that is not there"),
    ],
)
def test_refusals_are_one_line_that_says_what_to_do(scorewire: RunScorewire, arguments: list[str], said: str):
    refused = scorewire(*arguments)
    assert refused.returncode == 1
    assert refused.stderr.startswith("scorewire: ")
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert refused.stdout == ""


@pytest.mark.parametrize("arguments", [["standing"], ["around"], ["around", "me"]], ids=" ".join)
def test_who_has_no_points_yet_is_told_to_earn_some(scorewire: RunScorewire, ada: str, arguments: list[str]):
    assert scorewire(*arguments).stderr.endswith(" Earn points first: scorewire act\n")


def test_an_unknown_action_type_is_refused(scorewire: RunScorewire, ada: str):
    assert "ACTION_TYPE_UNKNOWN" in scorewire("act", "no.such").stderr


def test_help_does_not_wait_for_what_only_commands_need():
    heavy = "{'grpc', 'pydantic', 'rich', 'scorewire_server'}"
    program = f"import scorewire_client.cli, sys; print({heavy} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert loaded == "set()\n"
