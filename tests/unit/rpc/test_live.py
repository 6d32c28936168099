"""The certificate of a running process: which new files it takes, and what it says when it does not."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from scorewire_server.certs import make_certificates
from scorewire_server.errors import StartError
from scorewire_server.rotation import trust_new
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.tls import TlsFiles, Trust
from tests.certificates import issue
from tests.processes import TRUST_DOMAIN

DAY = 86400.0
SCORE = f"spiffe://{TRUST_DOMAIN}/score"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_certificates(tmp_path / "certs", TRUST_DOMAIN)
    return tmp_path / "certs"


class Now:
    """A clock that is set."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC).timestamp()

    def __call__(self) -> float:
        return self.time


def live(folder: Path, now: Now | None = None) -> LiveTls:
    return LiveTls(Trust(TlsFiles.of(folder, "score"), TRUST_DOMAIN, "score"), now or Now())


def put(folder: Path, files: TlsFiles) -> None:
    """Files of a certificate where those of the score server are."""
    shutil.copy(files.key, folder / "score.key")
    shutil.copy(files.certificate, folder / "score.pem")


def renew(folder: Path) -> None:
    (folder / "score.pem").unlink()
    assert make_certificates(folder, TRUST_DOMAIN) == ["score"]


def test_a_new_certificate_is_taken(folder: Path) -> None:
    tls = live(folder)
    before, generation = tls.certificate, tls.generation
    renew(folder)
    tls.look()
    assert tls.certificate != before
    assert tls.certificate.chain == (folder / "score.pem").read_bytes()
    assert tls.generation > generation


def test_a_new_bundle_is_taken(folder: Path) -> None:
    tls = live(folder)
    trust_new(folder, TRUST_DOMAIN)
    tls.look()
    assert (len(tls.bundle.authorities), tls.bundle.pem) == (2, (folder / "ca.pem").read_bytes())


def other_san(folder: Path) -> None:
    put(folder, issue(folder, folder / "x", uris=(f"spiffe://{TRUST_DOMAIN}/ops",)))


def two_sans(folder: Path) -> None:
    put(folder, issue(folder, folder / "x", uris=(SCORE, f"spiffe://{TRUST_DOMAIN}/ops")))


def no_san(folder: Path) -> None:
    put(folder, issue(folder, folder / "x", names=(f"score.{TRUST_DOMAIN}",)))


def other_domain(folder: Path) -> None:
    put(folder, issue(folder, folder / "x", uris=("spiffe://elsewhere.local/score",)))


def over(folder: Path) -> None:
    put(folder, issue(folder, folder / "x", uris=(SCORE,), days=-1))


def half_certificate(folder: Path) -> None:
    pem = (folder / "score.pem").read_bytes()
    (folder / "score.pem").write_bytes(pem[: len(pem) // 2])


def empty_certificate(folder: Path) -> None:
    (folder / "score.pem").write_bytes(b"")


def half_chain(folder: Path) -> None:
    (folder / "score.pem").write_bytes((folder / "score.pem").read_bytes() + (folder / "ca.pem").read_bytes()[:300])


def broken_key(folder: Path) -> None:
    (folder / "score.key").write_bytes(b"no key")


def other_key(folder: Path) -> None:
    (folder / "score.key").write_bytes((folder / "ops.key").read_bytes())


def readable_key(folder: Path) -> None:
    renew(folder)
    (folder / "score.key").chmod(0o644)


def no_key(folder: Path) -> None:
    (folder / "score.key").unlink()


def half_bundle(folder: Path) -> None:
    trust_new(folder, TRUST_DOMAIN)
    (folder / "ca.pem").write_bytes((folder / "ca.pem").read_bytes()[:-60])


def no_bundle(folder: Path) -> None:
    (folder / "ca.pem").unlink()


SPOILT = [
    pytest.param(other_san, f"put one there of {SCORE} alone", id="another identity"),
    pytest.param(two_sans, f"put one there of {SCORE} alone", id="two identities"),
    pytest.param(no_san, "certificate of nobody", id="no identity"),
    pytest.param(other_domain, "spiffe://elsewhere.local/score", id="another trust domain"),
    pytest.param(over, "renew it", id="over"),
    pytest.param(half_certificate, "half", id="half a certificate"),
    pytest.param(empty_certificate, "holds no certificate", id="an empty file"),
    pytest.param(half_chain, "half a certificate", id="half a chain"),
    pytest.param(broken_key, "holds no private key", id="a broken key"),
    pytest.param(other_key, "whoever replaces one has to replace the other", id="the key of another"),
    pytest.param(readable_key, "chmod 600", id="a key that others can read"),
    pytest.param(no_key, "No such file", id="no key"),
    pytest.param(half_bundle, "half a certificate", id="half a bundle"),
    pytest.param(no_bundle, "No such file", id="no bundle"),
]


@pytest.mark.parametrize(("spoil", "words"), SPOILT)
def test_what_is_no_good_changes_nothing_and_is_said(folder: Path, spoil, words: str) -> None:
    tls = live(folder)
    before = tls.certificate, tls.bundle, tls.generation
    spoil(folder)
    with capture_logs() as said:
        tls.look()
        tls.look()
    assert (tls.certificate, tls.bundle, tls.generation) == before
    (line,) = said
    assert (line["log_level"], words in line["problem"]) == ("error", True), line
    assert "PRIVATE KEY" not in str(line)


@pytest.mark.parametrize(("spoil", "words"), SPOILT)
def test_what_is_no_good_stops_the_start(folder: Path, spoil, words: str) -> None:
    spoil(folder)
    with pytest.raises(StartError, match=words.replace("(", r"\(")):
        live(folder)


def test_a_key_and_its_certificate_may_come_one_after_the_other(folder: Path) -> None:
    new = issue(folder, folder / "x", uris=(SCORE,))
    tls = live(folder)
    before = tls.certificate
    shutil.copy(new.key, folder / "score.key")
    tls.look()
    assert tls.certificate == before
    shutil.copy(new.certificate, folder / "score.pem")
    tls.look()
    assert tls.certificate.chain == new.certificate.read_bytes()


def test_one_that_begins_later_is_taken_when_it_begins(folder: Path) -> None:
    now = Now()
    tls = live(folder, now)
    renew(folder)
    now.time -= 10 * 60
    tls.look()
    assert tls.certificate.chain != (folder / "score.pem").read_bytes()
    now.time += 10 * 60
    tls.look()
    assert tls.certificate.chain == (folder / "score.pem").read_bytes()


def test_metrics_have_the_end_of_each(folder: Path) -> None:
    tls = live(folder)
    ends = {name: REGISTRY.get_sample_value(METRIC, {"identity": name}) for name in ("score", "ca")}
    assert ends == {
        "score": tls.certificate.leaf.not_valid_after_utc.timestamp(),
        "ca": tls.bundle.authorities[0].not_valid_after_utc.timestamp(),
    }


METRIC = "scorewire_certificate_expiry_timestamp_seconds"


def test_warnings_come_ahead_and_more_often_towards_the_end(folder: Path) -> None:
    now = Now()
    tls = live(folder, now)
    end = tls.certificate.leaf.not_valid_after_utc.timestamp()
    warned = []
    with capture_logs() as said:
        for days in [10.0, 7.6, 7.4, 7.3, 3.8, 3.6, 1.9, 1.8, 1.7, -0.1, -0.2, -9.0]:
            now.time = end - days * DAY
            tls.look()
            warned += [days] * len(said)
            said.clear()
    assert warned == [7.4, 3.6, 1.8, -0.1]


def test_what_is_over_is_an_error_in_the_log(folder: Path) -> None:
    now = Now()
    tls = live(folder, now)
    now.time += timedelta(days=31).total_seconds()
    with capture_logs() as said:
        tls.look()
    assert [(line["log_level"], line["certificate"]) for line in said] == [("error", "score")]
