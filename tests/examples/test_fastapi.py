"""The FastAPI example as a process, beside real servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.processes import free_ports
from tests.stack import Stack
from tests.waiting import until

FOLDER = Path(__file__).resolve().parents[2] / "examples/fastapi"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="module")
def app(stack: Stack) -> Iterator[httpx.Client]:
    """A client of the example, which is ready."""
    (port,) = free_ports(1)
    environment = {
        "AWARDS": stack.gateway.internal_url,
        "BOARDS": stack.gateway.address,
        "CERTS": str(stack.folder / "certs"),
    }
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(FOLDER), "app:app", "--port", str(port)]
    with (
        subprocess.Popen(command, env=os.environ | environment) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        try:
            until(lambda: is_ready(client), "the example")
            yield client
        finally:
            process.terminate()
            assert process.wait(30) in {0, -signal.SIGTERM}


def is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health").is_success
    except httpx.TransportError:
        return False


def finish(app: httpx.Client, user: str, level: str, run: str) -> httpx.Response:
    return app.post(f"/levels/{level}/finish", params={"run": run}, headers={"X-User": user})


def board(app: httpx.Client, user: str) -> httpx.Response:
    return app.get("/board", headers={"X-User": user})


def test_a_level_earns_its_points_once_for_each_run(app: httpx.Client):
    first = finish(app, "ada", "cave", "run-1")
    assert first.json() == {"gained": 20, "score": 20, "rank": 1}
    assert finish(app, "ada", "cave", "run-1").json() == first.json()
    assert finish(app, "ada", "meadow", "run-1").json()["score"] == 25
    assert finish(app, "ada", "cave", "run-2").json()["score"] == 45


def test_requests_at_once_all_count(app: httpx.Client):
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda number: finish(app, "grace", "meadow", f"run-{number}"), range(64)))
    assert all(answer.is_success for answer in answers)
    assert max(answer.json()["score"] for answer in answers) == 64 * 5


def test_the_board_is_the_one_around_the_caller(app: httpx.Client):
    for number in range(1, 8):
        for run in range(number):
            finish(app, f"user{number}", "meadow", f"run-{run}")
    window = board(app, "user4").json()
    assert [each["name"] for each in window] == ["user6", "user5", "user4", "user3", "user2"]
    assert [each["you"] for each in window] == [False, False, True, False, False]
    scores = [each["score"] for each in window]
    assert scores == [30, 25, 20, 15, 10]


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        pytest.param(lambda app: finish(app, "not a user", "cave", "r"), 422, "INVALID_FIELD", id="no user id"),
        pytest.param(lambda app: board(app, "nobody"), 404, "STANDING_NOT_FOUND", id="nobody"),
        pytest.param(lambda app: finish(app, "ada", "moon", "r"), 404, None, id="no such level"),
    ],
)
def test_refusals_say_what_is_wrong(app: httpx.Client, answer, status: int, reason: str | None):
    refused = answer(app)
    assert (refused.status_code, refused.json().get("reason")) == (status, reason)
    assert refused.json()["problem"]


def test_says_that_it_cannot_read_boards_and_when_it_can_again(app: httpx.Client, stack: Stack):
    stack.gateway.kill()
    assert app.get("/health").status_code == 503
    stack.gateway.start().wait_ready()
    until(lambda: is_ready(app), "the example")
    assert finish(app, "ada", "cave", "run-1").json()["gained"] == 20
