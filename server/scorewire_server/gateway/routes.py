"""What is served where. Each RPC has its routes by name; what has none is answered ROUTE_UNKNOWN.

A call over REST is matched twice: by its path, and after transcoding by the path of its RPC, which then says where it
goes and for how long. So internal RPCs cannot be reached where they have no route, however their path is spelled.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from scorewire_server.gateway.body import unbuffered
from scorewire_server.gateway.calls import of_streams
from scorewire_server.gateway.concurrency import of_limited, unlimited
from scorewire_server.gateway.contract import Rpc, rpcs
from scorewire_server.gateway.cors import cors_policy
from scorewire_server.gateway.document import document_route
from scorewire_server.gateway.fields import of_known_fields
from scorewire_server.gateway.headers import refused_headers
from scorewire_server.gateway.page import page_routes
from scorewire_server.gateway.transcoding import of_service, untranscoded
from scorewire_server.gateway.typed import Json, header
from scorewire_server.gateway.upstreams import ACTION, ADMIN, BATCH, INTERNAL, REFLECTION, SCORE, WATCH
from scorewire_server.settings import Settings

ACTION_SERVICE = "scorewire.action.v1.ActionService"
KEY_SERVICE = "scorewire.action.v1.KeyService"
SESSION_SERVICE = "scorewire.session.v1.SessionService"
SCORE_SERVICE = "scorewire.score.v1.ScoreService"
EVENT_SERVICE = "scorewire.score.v1.ScoreEventService"
INTERNAL_SERVICE = "scorewire.score.v1.ScoreInternalService"
REFLECTION_PATH = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

_BATCHES = {"ApplyScores"}

UNARY_SECONDS = "15s"
_NO_LIMIT = "0s"
_QUIET_SECONDS = "60s"
# Part of the time that a new key takes to be seen, for which `key_settings.FETCH_SECONDS` allows.
_KEYS_CACHED = "public, max-age=5"
_LARGEST_FILE = 16 * 1024 * 1024

_NOT_PROCESSED = "connect-failure,refused-stream,reset-before-request"
_GRPC = [
    {"name": ":method", "string_match": {"exact": "POST"}},
    {"name": "content-type", "string_match": {"prefix": "application/grpc"}},
]
# gRPC's core breaks a stream off that lacks it, and the caller would be told that there is no server.
_TRAILERS = header("te", "trailers")
_STREAM = {"name": "content-type", "string_match": {"safe_regex": {"regex": r"application/grpc(\+.*)?"}}}
# No such cluster: a dead end that is answered 404. A direct response would be too, but without headers of CORS.
_UNKNOWN = {"route": {"cluster": "none", "cluster_not_found_response_code": "NOT_FOUND"}}

# What no route before has taken. The transcoder would take more spellings than there are routes; and a stream to a
# service that is not here is not held until it is whole, which it may never be.
_THE_REST = (
    {"match": {"prefix": "/", "headers": [_STREAM]}, **_UNKNOWN, "typed_per_filter_config": unbuffered()},
    {"match": {"prefix": "/"}, **_UNKNOWN, "typed_per_filter_config": untranscoded()},
)


def public_services(settings: Settings) -> list[str]:
    """The services that anybody may call; guests sign in only where they may."""
    return [ACTION_SERVICE, KEY_SERVICE, SCORE_SERVICE, *([SESSION_SERVICE] if settings.action.guests else [])]


def public_routes(settings: Settings) -> Json:
    """The page, REST and gRPC of the public services, and reflection where it is on."""
    services = public_services(settings)
    files = [document_route("public", services), *page_routes(settings.gateway.page_dir)]
    routes = [*files, *_events(), *_api(services), *_reflection(settings)]
    host = _everywhere("public", routes)
    if settings.gateway.allowed_origins:
        host["typed_per_filter_config"] = cors_policy(settings.gateway.allowed_origins)
    return _of_host(host)


def internal_routes() -> Json:
    """REST and gRPC of the internal service alone."""
    services = [INTERNAL_SERVICE]
    return _of_host(_everywhere("internal", [document_route("internal", services), *_api(services)]))


def metrics_routes() -> Json:
    """Envoy's metrics, and nothing else of its administration."""
    metrics = {"match": {"path": "/metrics"}, "route": {"cluster": ADMIN, "prefix_rewrite": "/stats/prometheus"}}
    return _of_host(_everywhere("metrics", [metrics]))


def _of_host(host: Json) -> Json:
    return {
        "virtual_hosts": [host],
        "validate_clusters": False,
        "max_direct_response_body_size_bytes": _LARGEST_FILE,
    }


def _everywhere(name: str, routes: Iterable[Json]) -> Json:
    return {
        "name": name,
        "domains": ["*"],
        "routes": list(map(unlimited, [*refused_headers(), *routes, *_THE_REST])),
        "response_headers_to_add": [header("x-content-type-options", "nosniff")],
    }


def _api(services: Sequence[str]) -> Iterator[Json]:
    for rpc in rpcs(services):
        if rpc.template:
            yield from _rest(rpc)
        yield _grpc(rpc)


def _events() -> Iterator[Json]:
    """Streams that the server itself writes as server-sent events, at paths where others get JSON."""
    for rpc in rpcs([EVENT_SERVICE]):
        accept = {"name": "accept", "string_match": {"contains": "text/event-stream"}}
        match = {**_path_match(rpc.template), "headers": [_verb(rpc), accept]}
        yield {"match": match, **_UNKNOWN, "typed_per_filter_config": of_service(rpc.service)}
        yield _grpc(rpc)


def _rest(rpc: Rpc) -> Iterator[Json]:
    """Where a path is transcoded; it is the route of the RPC that says where the call goes."""
    path = _path_match(rpc.template)
    yield from _named_twice(rpc, path)
    checked = {} if rpc.reads else of_known_fields(rpc)
    filters = {"typed_per_filter_config": _limited(rpc) | checked}
    yield {"match": {**path, "headers": [_verb(rpc)]}, **_UNKNOWN, **filters}
    # What asks for CORS is left to the end.
    other = {"name": ":method", "string_match": {"exact": "OPTIONS"}, "invert_match": True}
    yield {
        "match": {**path, "headers": [other]},
        "direct_response": {"status": 405},
        "response_headers_to_add": [header("allow", rpc.verb)],
    }


def _verb(rpc: Rpc) -> Json:
    return {"name": ":method", "string_match": {"exact": rpc.verb}}


def _named_twice(rpc: Rpc, path: Json) -> Iterator[Json]:
    """A field of the path that is in the query too: the transcoder would take the query's."""
    for field in re.findall(r"\{(\w+)\}", rpc.template):
        names = "|".join("".join(map(_as_sent, name)) for name in sorted({field, _in_json(field)}))
        query = {"name": ":path", "string_match": {"safe_regex": {"regex": f".*[?&]({names})=.*"}}}
        wrong = {"inline_string": f"{field} is in the path, and cannot be in the query too"}
        yield {
            "match": {**path, "headers": [query]},
            "direct_response": {"status": 400, "body": wrong},
            "typed_per_filter_config": untranscoded(),
        }


def _in_json(field: str) -> str:
    return re.sub("_([a-z])", lambda letter: letter[1].upper(), field)


def _as_sent(character: str) -> str:
    """A pattern of all ways to send a character in a query."""
    return f"({character}|(?i:%{ord(character):02x}))"


def _path_match(template: str) -> Json:
    if "{" not in template:
        return {"path": template}
    return {"safe_regex": {"regex": re.sub(r"\{\w+\}", "[^/]+", template)}}


def _grpc(rpc: Rpc) -> Json:
    headers = [header("cache-control", _KEYS_CACHED if rpc.service == KEY_SERVICE else "no-store")]
    if rpc.streaming:
        headers.append(header("x-accel-buffering", "no"))  # for a proxy in front of this one
    return {
        "match": {"path": rpc.grpc_path, "headers": _GRPC},
        "route": {"cluster": _cluster(rpc), "retry_policy": _retries(rpc), **_duration(rpc)},
        "typed_per_filter_config": _limited(rpc) | untranscoded(),
        "response_headers_to_add": headers,
        "request_headers_to_add": [_TRAILERS],
        # A watch ends when its client ends it: were the server to know the deadline too and be first, the client would
        # be told of a stream that broke off.
        "request_headers_to_remove": ["grpc-timeout"] if rpc.streaming else [],
    }


def _limited(rpc: Rpc) -> Json:
    """Streams are counted by their cluster alone, for as long as they are open."""
    return of_limited(None if rpc.streaming else _cluster(rpc))


def _cluster(rpc: Rpc) -> str:
    if rpc.service in (SCORE_SERVICE, EVENT_SERVICE):
        return WATCH if rpc.streaming else SCORE
    if rpc.service == INTERNAL_SERVICE:
        return BATCH if rpc.name in _BATCHES else INTERNAL
    return ACTION


def _retries(rpc: Rpc) -> Json:
    """Reads are sent again when the server cannot answer, writes only when it cannot have seen them."""
    retry_on = f"unavailable,{_NOT_PROCESSED}" if rpc.reads else _NOT_PROCESSED
    return {
        "retry_on": retry_on,
        "num_retries": 2,
        "retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"},
    }


def _duration(rpc: Rpc) -> Json:
    """`timeout` would answer UNAVAILABLE, which clients repeat; the duration answers DEADLINE_EXCEEDED."""
    if rpc.streaming:
        endless = {"max_stream_duration": _NO_LIMIT}
        # A live watch sends a heartbeat every ten seconds.
        return {"timeout": _NO_LIMIT, "max_stream_duration": endless, "idle_timeout": _QUIET_SECONDS}
    limited = {"max_stream_duration": UNARY_SECONDS, "grpc_timeout_header_max": UNARY_SECONDS}
    return {"timeout": _NO_LIMIT, "max_stream_duration": limited}


def _reflection(settings: Settings) -> Iterator[Json]:
    if settings.score.reflection:
        yield {
            "match": {"path": REFLECTION_PATH, "headers": _GRPC},
            "route": {"cluster": REFLECTION, "timeout": _NO_LIMIT},
            "typed_per_filter_config": unbuffered() | of_streams(),
            "request_headers_to_add": [_TRAILERS],
        }
