"""An action server and a score server in this process, over real TLS, and what a test calls them with."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value

from scorewire.action.v1.action_pb2 import DoActionRequest, DoActionResponse
from scorewire.action.v1.action_pb2_grpc import ActionServiceStub
from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, Leaderboard, UpdateScoreRequest, UpdateScoreResponse
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire.session.v1.session_pb2 import SignInAsGuestRequest, SignInAsGuestResponse
from scorewire.session.v1.session_pb2_grpc import SessionServiceStub
from scorewire_client import Tls
from scorewire_server.action.main import action_server
from scorewire_server.clock import Clock
from scorewire_server.rpc.channel import secure_channel
from scorewire_server.rpc.server import RpcServer
from scorewire_server.rpc.tls import TlsFiles
from scorewire_server.score.main import score_server
from scorewire_server.settings import ActionSettings, ScoreSettings, SessionIssuer, Settings
from scorewire_server.tokens.keys import jwks_file, make_keys, rotate_key, signing_file, signing_key
from scorewire_server.tokens.signing import Algorithm
from tests.processes import TRUST_DOMAIN
from tests.refusals import Told, told_by

FREE = {"port": 0, "metrics_port": 0}
PROVIDER = "https://login.example.com"
AUDIENCE = "game"


@dataclass(frozen=True)
class Scores:
    """A score server and its stubs, called as `ops`."""

    server: RpcServer
    public: ScoreServiceStub
    internal: ScoreInternalServiceStub
    admin: ScoreAdminServiceStub

    async def board(self) -> Leaderboard:
        """The default board."""
        return (await self.public.GetLeaderboard(GetLeaderboardRequest())).leaderboard

    async def redeem(self, ticket: str, data: str) -> UpdateScoreResponse:
        """Redeems a ticket with its action data."""
        return await self.public.UpdateScore(UpdateScoreRequest(data=data), metadata=bearing(ticket))


@dataclass(frozen=True)
class Actions:
    """An action server and its stubs, called as `ops`."""

    server: RpcServer
    actions: ActionServiceStub
    sessions: SessionServiceStub

    async def do(
        self,
        token: str,
        action_type: str | None = None,
        some: object = None,
        *,
        request_id: str | None = None,
        **call: Any,
    ) -> DoActionResponse:
        """Does an action with a session; `call` has arguments of the call, such as `timeout`."""
        request = DoActionRequest(action_type=action_type, some=ParseDict(some, Value()), request_id=request_id)
        return await self.actions.DoAction(request, metadata=bearing(token), **call)

    async def sign_in(self, display_name: str = "Ada") -> SignInAsGuestResponse:
        """Signs a guest in."""
        return await self.sessions.SignInAsGuest(SignInAsGuestRequest(display_name=display_name))


def prepare(folder: Path, certs: Path, algorithm: Algorithm = "ES256", **sections: dict[str, Any]) -> Settings:
    """Settings of both servers, with keys of tickets, of guests and of an identity provider in `folder`."""
    keys = folder / "keys"
    make_keys(keys, algorithm=algorithm)
    if not signing_file(keys, "provider").exists():
        rotate_key(keys, "provider", algorithm=algorithm)
    provider = SessionIssuer(issuer=PROVIDER, audience=AUDIENCE, jwks_file=jwks_file(keys, "provider"))
    action = FREE | {"session_issuers": [provider]} | sections.get("action", {})
    return Settings(
        data_dir=folder,
        certs_dir=certs,
        trust_domain=TRUST_DOMAIN,
        action=ActionSettings.model_validate(action),
        score=ScoreSettings.model_validate(FREE | sections.get("score", {})),
    )


@asynccontextmanager
async def running_scores(settings: Settings, clock: Clock) -> AsyncIterator[Scores]:
    """A score server that is ready."""
    ops = TlsFiles.of(settings.certs, "ops")
    async with (
        score_server(settings, clock) as server,
        secure_channel(f"127.0.0.1:{server.port}", ops, f"score.{TRUST_DOMAIN}") as channel,
    ):
        yield Scores(
            server, ScoreServiceStub(channel), ScoreInternalServiceStub(channel), ScoreAdminServiceStub(channel)
        )


@asynccontextmanager
async def running_actions(settings: Settings, clock: Clock, score_port: int) -> AsyncIterator[Actions]:
    """An action server that is ready, and looks for the score server at that port."""
    action = settings.action.model_copy(update={"score_address": f"127.0.0.1:{score_port}"})
    settings = settings.model_copy(update={"action": action})
    ops = TlsFiles.of(settings.certs, "ops")
    async with (
        action_server(settings, clock) as server,
        secure_channel(f"127.0.0.1:{server.port}", ops, f"action.{TRUST_DOMAIN}") as channel,
    ):
        yield Actions(server, ActionServiceStub(channel), SessionServiceStub(channel))


def client_tls(settings: Settings) -> Tls:
    """What the Python client shows as `ops`."""
    files = TlsFiles.of(settings.certs, "ops")
    return Tls(ca=files.ca, certificate=files.certificate, key=files.key)


def session(settings: Settings, clock: Clock, typ: str = "JWT", purpose: str = "provider", **changes: object) -> str:
    """A session of the identity provider's, with claims changed or, as `None`, left out."""
    now = int(clock())
    claims = {"iss": PROVIDER, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 60, "name": "Ada"} | changes
    key = signing_key(settings.keys, purpose, clock)
    return key.sign({name: value for name, value in claims.items() if value is not None}, typ)


def bearing(token: str) -> tuple[tuple[str, str], ...]:
    """The metadata of a call that brings a token."""
    return (("authorization", f"Bearer {token}"),)


async def refusal(call: Awaitable[object]) -> Told:
    """What a call's refusal tells; fails where it is answered."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return told_by(error)
    raise AssertionError(f"not refused: {answer}")
