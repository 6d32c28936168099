"""Identities: which names URI SANs have."""

from types import SimpleNamespace

import pytest

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
