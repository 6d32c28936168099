"""Identities: which names URI SANs have, and who may call what."""

from types import SimpleNamespace

import pytest

from scorewire_server.errors import StartError
from scorewire_server.rpc.server import Service, allowed_callers
from scorewire_server.rpc.tls import identity_of, peer_identity


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("spiffe://scorewire.local/ops", "ops"),
        ("spiffe://scorewire.local/ops/admin", "ops/admin"),
        ("spiffe://scorewire.local/", None),
        ("spiffe://scorewire.local", None),
        ("spiffe://scorewire.local.evil.example/ops", None),
        ("spiffe://elsewhere/ops", None),
        ("SPIFFE://scorewire.local/ops", None),
        ("https://scorewire.local/ops", None),
        ("ops", None),
        ("", None),
    ],
)
def test_identity_of(uri, name):
    assert identity_of(uri, "scorewire.local") == name


@pytest.mark.parametrize(
    ("ids", "name"),
    [
        pytest.param([b"spiffe://scorewire.local/ops"], "ops", id="one"),
        pytest.param([], None, id="none"),
        pytest.param([b"spiffe://scorewire.local/ops", b"spiffe://scorewire.local/action"], None, id="two"),
    ],
)
def test_peer_identity(ids, name):
    context = SimpleNamespace(auth_context=lambda: {"peer_spiffe_id": ids} if ids else {})
    assert peer_identity(context, "scorewire.local") == name


SERVICES = [Service("a.v1.A", print, None, ["ops"]), Service("b.v1.B", print, None, ["ops", "action"])]


def test_a_list_of_the_settings_replaces_that_of_the_service():
    assert allowed_callers(SERVICES, {"b.v1.B": ["gateway"]}) == {
        "a.v1.A": frozenset({"ops"}),
        "b.v1.B": frozenset({"gateway"}),
    }


def test_an_empty_list_is_nobody():
    assert allowed_callers(SERVICES, {"a.v1.A": []})["a.v1.A"] == frozenset()


def test_a_list_of_a_service_that_is_not_served_is_a_mistake():
    with pytest.raises(StartError, match=r"a\.v1\.Missing"):
        allowed_callers(SERVICES, {"a.v1.Missing": ["ops"]})
