"""How many requests of one address, and of all together, get any further: a bucket of tokens for each.

Envoy makes a bucket for an address when it sees it, and forgets the one that was made first when there are too many.
"""

import math

from limits import RateLimitItem, parse

from scorewire_server.gateway.typed import Json, extension, header
from scorewire_server.settings import GatewaySettings

DETAILS = "local_rate_limited"
"""How Envoy calls it in its log that it has refused a request here."""

_NAME = "envoy.filters.http.local_ratelimit"
_MESSAGE = "filters.http.local_ratelimit.v3.LocalRateLimit"
_ADDRESS = "masked_remote_address"
# Who has one address of IPv6 has all of its network.
_NETWORK = {_ADDRESS: {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}}
_ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def rate_limit(gateway: GatewaySettings) -> Json:
    """The filter."""
    each = parse(gateway.address_requests)
    return extension(
        _NAME,
        _MESSAGE,
        stat_prefix="gateway",
        filter_enabled=_ALWAYS,
        filter_enforced=_ALWAYS,
        rate_limits=[{"actions": [_NETWORK]}],
        descriptors=[{"entries": [{"key": _ADDRESS}], "token_bucket": _bucket(each)}],
        max_dynamic_descriptors=gateway.addresses_remembered,
        # What an address is refused takes nothing from the others' share.
        token_bucket=_bucket(parse(gateway.total_requests)),
        always_consume_default_token_bucket=True,
        rate_limited_as_resource_exhausted=True,
        response_headers_to_add=[
            header("x-ratelimit-limit", f"{each.amount}, {each.amount};w={each.get_expiry()}"),
            header("x-ratelimit-remaining", "0"),
            header("x-ratelimit-reset", str(seconds_to_wait(gateway))),
        ],
    )


def seconds_to_wait(gateway: GatewaySettings) -> int:
    """Whole seconds until an address that is refused has room for a request."""
    each = parse(gateway.address_requests)
    return math.ceil(each.get_expiry() / each.amount)


def _bucket(limit: RateLimitItem) -> Json:
    """Holds as many as the limit says, and is filled as fast, bit by bit."""
    return {"max_tokens": limit.amount, "tokens_per_fill": limit.amount, "fill_interval": f"{limit.get_expiry()}s"}
