"""When certificates end: a metric, and warnings ahead of it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import prometheus_client
import structlog
from cryptography import x509

from scorewire_server.clock import Clock

log = structlog.get_logger()

ENDS = prometheus_client.Gauge(
    "scorewire_certificate_expiry_timestamp_seconds",
    "When the certificate ends, as seconds since 1970: by identity, and `ca` for the first of the trusted authorities.",
    ["identity"],
)
WARN_WITHIN = timedelta(days=30)
"""The longest time before the end at which there are warnings."""


class Expiry:
    """The certificates of one process: warns when a quarter of their time is left, and again at half of that."""

    def __init__(self, identity: str, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._warned: dict[str, tuple[x509.Certificate, float]] = {}
        """For the name of a certificate: for which one a warning was given, and with how many seconds left."""

    def look(self, own: Sequence[x509.Certificate], authorities: Iterable[x509.Certificate]) -> None:
        """Sets the metric, and warns where it is time to."""
        self._look_at(self._identity, own)
        self._look_at("ca", authorities)

    def _look_at(self, name: str, certificates: Iterable[x509.Certificate]) -> None:
        first = min(certificates, key=lambda each: each.not_valid_after_utc)
        end = first.not_valid_after_utc
        ENDS.labels(name).set(end.timestamp())
        left = end.timestamp() - self._clock()
        if self._is_time_to_warn(name, first, left):
            self._warned[name] = (first, left)
            _warn(name, left, f"{end:%Y-%m-%d %H:%M} UTC")

    def _is_time_to_warn(self, name: str, certificate: x509.Certificate, left: float) -> bool:
        warned, before = self._warned.get(name, (None, 0.0))
        if warned == certificate:
            return left <= before / 2 and before > 0
        lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
        return left <= min(lifetime / 4, WARN_WITHIN).total_seconds()


def _warn(name: str, left: float, end: str) -> None:
    if left <= 0:
        log.error("certificate is over, and nobody takes it: renew it", certificate=name, ended=end)
    else:
        log.warning("certificate ends soon: renew it", certificate=name, ends=end, hours_left=round(left / 3600, 1))
