"""A game's backend: finishing a level earns points, given over mutual TLS, and everybody sees where they stand.

Its users are its own; here a header stands for their sign-in.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from grpc import StatusCode

from scorewire_client import AsyncScorewire, ScorewireError, Tls

CERTS = Path(os.environ.get("CERTS", "data/certs"))
IDENTITY = os.environ.get("IDENTITY", "ops")
"""Whose certificate it shows; in production one of its own, which `score.allow` lists."""
AWARDS = os.environ.get("AWARDS", "https://127.0.0.1:8443")
BOARDS = os.environ.get("BOARDS", "127.0.0.1:8080")

LEVELS = {"meadow": 5, "cave": 20}
HTTP = {
    StatusCode.INVALID_ARGUMENT: 422,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.RESOURCE_EXHAUSTED: 503,
    StatusCode.UNAVAILABLE: 503,
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Both clients live as long as the app: connections are shared by all requests, and so are calls."""
    tls = Tls(CERTS / "ca.pem", CERTS / f"{IDENTITY}.pem", CERTS / f"{IDENTITY}.key")
    async with AsyncScorewire(AWARDS, tls=tls) as app.state.awards, AsyncScorewire(BOARDS) as app.state.boards:
        yield


app = FastAPI(title="A game", lifespan=lifespan)


def user(x_user: Annotated[str, Header(description="Stands for the session of somebody who has signed in.")]) -> str:
    """Who calls."""
    return x_user


def awards(request: Request) -> AsyncScorewire:
    """The client that gives points."""
    return request.app.state.awards


def boards(request: Request) -> AsyncScorewire:
    """The client that reads boards."""
    return request.app.state.boards


User = Annotated[str, Depends(user)]
Awards = Annotated[AsyncScorewire, Depends(awards)]
Boards = Annotated[AsyncScorewire, Depends(boards)]


@app.post("/levels/{level}/finish", response_model=None)
async def finish(level: str, run: str, user: User, awards: Awards) -> dict[str, Any] | JSONResponse:
    """Finishes a level, once for each `run`: however often this is called, the points count once."""
    if level not in LEVELS:
        return JSONResponse({"problem": f"no such level; there are {', '.join(LEVELS)}"}, 404)
    award_id = sha256(f"{level}/{user}/{run}".encode()).hexdigest()
    award = await awards.award(user, LEVELS[level], award_id=award_id)
    return {"gained": award.score_increase, "score": award.score, "rank": award.rank}


@app.get("/board")
async def board(user: User, boards: Boards) -> list[dict[str, Any]]:
    """The caller, and the two above and below."""
    window = await boards.around(user, radius=2)
    return [
        {"rank": each.rank, "name": each.display_name or each.user_id, "score": each.score, "you": each.user_id == user}
        for each in window.standings
    ]


@app.get("/health")
async def health(boards: Boards) -> dict[str, Any]:
    """Whether boards can be read; 503 where not."""
    return {"revision": (await boards.top(limit=1)).revision}


@app.exception_handler(ScorewireError)
async def refused(_: Request, error: ScorewireError) -> JSONResponse:
    """What Scorewire refused, or could not do even after trying again."""
    headers = {"Retry-After": str(max(1, round(error.retry_after)))} if error.retry_after else {}
    told = {"problem": error.message, "reason": error.reason, "fields": error.field_violations}
    return JSONResponse(told, HTTP.get(error.code, 502), headers)
