"""Who may call what: every method, as everybody, at every door. One table says what comes of it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import NamedTuple

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from scorewire_server.certs import make_certificates
from scorewire_server.gateway.contract import descriptor_file
from scorewire_server.rpc.tls import TlsFiles
from tests.certificates import issue
from tests.processes import TRUST_DOMAIN
from tests.refusals import outcome
from tests.stack import Stack

ACTION, SCORE, BOTH = "action", "score", "action and score"
EVERYBODY = {"action", "score", "gateway", "ops", "game"}

MAY_CALL: Mapping[str, tuple[str, set[str]]] = {
    "scorewire.action.v1.ActionService": (ACTION, {"gateway", "ops"}),
    "scorewire.action.v1.KeyService": (ACTION, {"gateway", "ops"}),
    "scorewire.session.v1.SessionService": (ACTION, {"gateway", "ops"}),
    "scorewire.score.v1.ScoreService": (SCORE, {"gateway", "ops"}),
    "scorewire.score.v1.ScoreEventService": (SCORE, {"gateway", "ops"}),
    "scorewire.score.v1.ScoreInternalService": (SCORE, {"action", "ops"}),
    "scorewire.score.v1.ScoreAdminService": (SCORE, {"ops"}),
    "grpc.reflection.v1alpha.ServerReflection": (BOTH, {"gateway", "ops"}),
    "grpc.health.v1.Health": (BOTH, EVERYBODY),
}
"""Where each service is, and which identities may call it."""

PUBLIC = {
    "scorewire.action.v1.ActionService",
    "scorewire.action.v1.KeyService",
    "scorewire.session.v1.SessionService",
    "scorewire.score.v1.ScoreService",
    "scorewire.score.v1.ScoreEventService",
    "grpc.reflection.v1alpha.ServerReflection",
}
"""What anybody reaches through the public listener, with and without a certificate."""

GAME = "game"
"""A service of users' own, which may give single awards and nothing else."""
APPLY_SCORE = "scorewire.score.v1.ScoreInternalService/ApplyScore"

INTERNAL = {"scorewire.score.v1.ScoreInternalService"}
"""What the internal listener leads to."""

INTERNAL_CALLERS = {"ops"}
"""Who may use it: the gateway looks, and the score server again."""

NO_WAY_IN, NO_NAME, NOT_LISTED = "no handshake", "CALLER_UNKNOWN", "CALLER_NOT_ALLOWED"
NOT_SERVED, NO_ROUTE, ANSWERED = "not served", "ROUTE_UNKNOWN", "answered"


class Method(NamedTuple):
    """An RPC: its service, its path, and which sides stream."""

    service: str
    path: str
    many_requests: bool
    many_answers: bool


def methods(files: Iterable[FileDescriptorProto]) -> Iterator[Method]:
    for file in files:
        for service in file.service:
            name = f"{file.package}.{service.name}"
            for rpc in service.method:
                yield Method(name, f"/{name}/{rpc.name}", rpc.client_streaming, rpc.server_streaming)


def described(module: ModuleType) -> FileDescriptorProto:
    return FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)


CONTRACT = FileDescriptorSet.FromString(descriptor_file().read_bytes())
METHODS = [*methods(CONTRACT.file), *methods([described(reflection_pb2), described(health_pb2)])]
"""All there are: a new one needs a row in the table."""

OPS = f"spiffe://{TRUST_DOMAIN}/ops"
TWO_NAMES = "two URI SANs"
WRONG_SANS: Mapping[str, dict[str, tuple[str, ...]]] = {
    "no URI SAN": {},
    "the SAN as a DNS name": {"names": (f"ops.{TRUST_DOMAIN}",)},
    TWO_NAMES: {"uris": (OPS, f"spiffe://{TRUST_DOMAIN}/action")},
    "another trust domain": {"uris": ("spiffe://elsewhere.local/ops",)},
    "a look-alike trust domain": {"uris": (f"spiffe://{TRUST_DOMAIN}.example/ops",)},
}
LOOK_ALIKE_PATHS = {"a look-alike path": "ops/admin", "a look-alike in capitals": "OPS", "two in one": "action,ops"}
OUT_OF_TIME: Mapping[str, dict[str, float]] = {"expired": {"days": -1}, "not yet valid": {"begins": 1, "days": 2}}
IDENTITIES = ("action", "score", "gateway", "ops")
CALLERS = [
    "no certificate",
    "a foreign CA",
    *OUT_OF_TIME,
    *IDENTITIES,
    GAME,
    "gateway-internal",
    *WRONG_SANS,
    *LOOK_ALIKE_PATHS,
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One for all rows, with TLS at the public port too."""
    folder = tmp_path_factory.mktemp("identities")
    tls = {"SCOREWIRE_GATEWAY__TLS_CERTIFICATE": f"{folder}/certs/gateway.pem"}
    tls |= {"SCOREWIRE_GATEWAY__TLS_KEY": f"{folder}/certs/gateway.key", "SCOREWIRE_ACTION__REFLECTION": "true"}
    game = {"SCOREWIRE_IDENTITIES": json.dumps([GAME])}
    game |= {"SCOREWIRE_SCORE__ALLOW": json.dumps({APPLY_SCORE: ["action", "ops", GAME]})}
    with Stack(folder, **tls, **game) as stack:
        yield stack


@pytest.fixture(scope="module")
def certificates(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, grpc.ChannelCredentials]:
    """What each caller shows; all of them trust our CA."""
    certs, made = stack.folder / "certs", tmp_path_factory.mktemp("callers")
    make_certificates(made / "foreign", TRUST_DOMAIN)
    assert make_certificates(certs, TRUST_DOMAIN, others=[GAME]) == [GAME]
    files = {identity: TlsFiles.of(certs, identity) for identity in (*IDENTITIES, GAME, "gateway-internal")}
    files["a foreign CA"] = TlsFiles(certs / "ca.pem", made / "foreign/ops.pem", made / "foreign/ops.key")
    for name, times in OUT_OF_TIME.items():
        files[name] = issue(certs, made / name, uris=(OPS,), **times)
    for name, sans in WRONG_SANS.items():
        files[name] = issue(certs, made / name, **sans)
    for name, path in LOOK_ALIKE_PATHS.items():
        files[name] = issue(certs, made / name, uris=(f"spiffe://{TRUST_DOMAIN}/{path}",))
    none = grpc.ssl_channel_credentials((certs / "ca.pem").read_bytes())
    return {"no certificate": none} | {name: each.channel_credentials() for name, each in files.items()}


def test_the_table_has_every_service() -> None:
    assert {method.service for method in METHODS} == set(MAY_CALL)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("server", [ACTION, SCORE])
def test_directly(stack: Stack, certificates: dict[str, grpc.ChannelCredentials], server: str, caller: str) -> None:
    def expected(method: Method) -> str:
        place, allowed = MAY_CALL[method.service]
        if is_kept_out(caller):
            return NO_WAY_IN
        if server not in place:
            return NOT_SERVED
        if caller == "gateway-internal" or caller in WRONG_SANS:
            return NO_NAME
        return ANSWERED if caller in allowed or is_the_games(caller, method) else NOT_LISTED

    port = stack.action.port if server == ACTION else stack.score.port
    assert told(port, server, certificates[caller]) == by_method(expected)


@pytest.mark.parametrize("caller", CALLERS)
def test_through_the_internal_listener(
    stack: Stack, certificates: dict[str, grpc.ChannelCredentials], caller: str
) -> None:
    def expected(method: Method) -> str:
        if is_kept_out(caller):
            return NO_WAY_IN
        if caller not in (*INTERNAL_CALLERS, GAME, TWO_NAMES):
            return NOT_LISTED
        if method.service not in INTERNAL:
            return NO_ROUTE
        if caller == GAME and not is_the_games(caller, method):
            return NOT_LISTED
        # One of its two names is enough for the gateway, and the score server takes neither.
        return NO_NAME if caller == TWO_NAMES else ANSWERED

    assert told(stack.gateway.internal_port, "gateway", certificates[caller]) == by_method(expected)


@pytest.mark.parametrize("caller", [*CALLERS, "plaintext"])
def test_through_the_public_listener_a_certificate_changes_nothing(
    stack: Stack, certificates: dict[str, grpc.ChannelCredentials], caller: str
) -> None:
    shown = certificates.get(caller)
    answers = by_method(lambda method: ANSWERED if method.service in PUBLIC else NO_ROUTE)
    assert told(stack.gateway.port, "gateway", shown) == answers


def is_kept_out(caller: str) -> bool:
    """Whether TLS itself refuses the certificate."""
    return caller in ("no certificate", "a foreign CA", *OUT_OF_TIME)


def is_the_games(caller: str, method: Method) -> bool:
    """Whether it is what the list of one method lets the users' own service call."""
    return caller == GAME and method.path == f"/{APPLY_SCORE}"


def by_method(expected: Callable[[Method], str]) -> dict[str, str]:
    return {method.path: expected(method) for method in METHODS}


def told(port: int, name: str, credentials: grpc.ChannelCredentials | None) -> dict[str, str]:
    """What becomes of a call of each method, with an empty request."""
    options = [("grpc.ssl_target_name_override", f"{name}.{TRUST_DOMAIN}"), ("grpc.enable_retries", 0)]
    options += [("grpc.use_local_subchannel_pool", 1)]
    address = f"127.0.0.1:{port}"
    opened = grpc.secure_channel(address, credentials, options) if credentials else grpc.insecure_channel(address)
    with opened as channel:
        return {method.path: what_became_of(channel, method) for method in METHODS}


def what_became_of(channel: grpc.Channel, method: Method) -> str:
    refused = outcome(lambda: call(channel, method))
    if refused is None:
        return ANSWERED
    if refused.reason is None:
        return {"UNAVAILABLE": NO_WAY_IN, "UNIMPLEMENTED": NOT_SERVED}[refused.code]
    return refused.reason if refused.reason in (NO_NAME, NOT_LISTED, NO_ROUTE) else ANSWERED


def call(channel: grpc.Channel, method: Method) -> None:
    if method.many_requests:
        next(channel.stream_stream(method.path)(iter([b""]), timeout=30))
    elif method.many_answers:
        answers = channel.unary_stream(method.path)(b"", timeout=30)
        next(answers, None)
        answers.cancel()
    else:
        channel.unary_unary(method.path)(b"", timeout=30)
