"""Addresses, and what they mean."""

import shutil
from pathlib import Path

import pytest

from scorewire_client import Tls
from scorewire_client.channels import Endpoint


@pytest.mark.parametrize(
    ("address", "target", "secure"),
    [
        pytest.param("localhost:8080", "localhost:8080", False, id="host and port"),
        pytest.param("localhost", "localhost:8080", False, id="host alone"),
        pytest.param("http://127.0.0.1:81/", "127.0.0.1:81", False, id="plaintext URL"),
        pytest.param("https://scores.example.com", "scores.example.com:443", True, id="TLS URL"),
        pytest.param("https://[::1]:8443", "[::1]:8443", True, id="IPv6"),
    ],
)
def test_reads_addresses(address, target, secure):
    endpoint = Endpoint.of(address, None)
    assert endpoint.target == target
    assert (endpoint.credentials is not None) == secure


@pytest.mark.parametrize(
    ("address", "tls"),
    [
        pytest.param("", None, id="nothing"),
        pytest.param("ftp://localhost:21", None, id="another scheme"),
        pytest.param("localhost:8080/api", None, id="a path"),
        pytest.param("localhost:port", None, id="a port that is no number"),
        pytest.param("localhost:99999", None, id="a port out of range"),
        pytest.param("localhost:8080", Tls(), id="certificates for plaintext"),
    ],
)
def test_refuses_what_is_no_address(address, tls):
    with pytest.raises(ValueError, match=r".+"):
        Endpoint.of(address, tls)


@pytest.mark.parametrize("broken", ["ca.pem", "ops.pem", "ops.key"])
def test_a_broken_certificate_is_named(tmp_path: Path, certs: Path, broken: str):
    for name in ("ca.pem", "ops.pem", "ops.key"):
        shutil.copy(certs / name, tmp_path)
    tls = Tls(tmp_path / "ca.pem", tmp_path / "ops.pem", tmp_path / "ops.key")
    assert Endpoint.of("https://localhost", tls).credentials
    (tmp_path / broken).write_bytes((tmp_path / broken).read_bytes()[:40])
    with pytest.raises(OSError, match=f"{tmp_path / broken}.* no certificate"):
        Endpoint.of("https://localhost", tls)


def test_a_missing_certificate_is_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"nobody\.pem"):
        Endpoint.of("https://localhost", Tls(ca=tmp_path / "nobody.pem"))
