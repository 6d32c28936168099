"""The order of the checks: a ticket that breaks two rules is refused with the reason of the first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest

from scorewire.score.v1.decisions_pb2 import BlockUserRequest, UnblockUserRequest
from scorewire_server.tokens.signing import SigningKey, new_jwk
from tests.clocks import START
from tests.pair import refusal
from tests.security.forging import Forger, Sign, by, compact

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = int(START)


@dataclass
class Draft:
    """A good ticket and its action data, until a rule is broken."""

    forger: Forger
    sign: Sign
    data: str
    redeemed: bool = False
    blocked: bool = False
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def good(cls, forger: Forger) -> "Draft":
        return cls(forger, by(forger.key), forger.data)

    def written(self) -> str:
        return compact(self.forger.header(**self.header), self.forger.claims(**self.claims), self.sign)


def stranger(draft: Draft) -> None:
    draft.sign = by(SigningKey.of(new_jwk("ES256", START)))


def too_long(draft: Draft) -> None:
    draft.claims |= {"iat": NOW - 3600} if draft.claims.get("exp") == NOW else {"exp": NOW + 3600}


def other_data(draft: Draft) -> None:
    draft.data += " "


def redeemed(draft: Draft) -> None:
    draft.redeemed = True


def blocked(draft: Draft) -> None:
    draft.blocked = True


def headed(**header: object) -> Callable[[Draft], None]:
    return lambda draft: draft.header.update(header)


def claiming(**claims: object) -> Callable[[Draft], None]:
    return lambda draft: draft.claims.update(claims)


RULES: dict[str, Callable[[Draft], None]] = {
    "TICKET_MALFORMED": headed(crit=["exp"]),
    "TICKET_KEY_UNKNOWN": headed(kid="another"),
    "TICKET_ALGORITHM_NOT_ALLOWED": headed(alg="none"),
    "TICKET_SIGNATURE_INVALID": stranger,
    "TICKET_TYPE_INVALID": headed(typ="session+jwt"),
    "TICKET_ISSUER_INVALID": claiming(iss="scorewire-guests"),
    "TICKET_AUDIENCE_INVALID": claiming(aud="another-service"),
    "TICKET_CLAIM_MISSING": claiming(jti=...),
    "TICKET_CLAIM_INVALID": claiming(sub="no user id"),
    "TICKET_FROM_FUTURE": claiming(iat=NOW + 3),
    "TICKET_EXPIRED": claiming(exp=NOW),
    "TICKET_LIFETIME_TOO_LONG": too_long,
    "TICKET_DATA_MISMATCH": other_data,
    "TICKET_ALREADY_REDEEMED": redeemed,
    "USER_BLOCKED": blocked,
}


async def refused(scores, draft: Draft) -> str | None:
    if draft.redeemed:
        await scores.redeem(draft.forger.ticket(), draft.forger.data)
    user = {"user_id": "mallory", "reason": "a rule of this test"}
    if draft.blocked:
        await scores.admin.BlockUser(BlockUserRequest(**user))
    before = await scores.board()
    told = await refusal(scores.redeem(draft.written(), draft.data))
    assert await scores.board() == before
    if draft.blocked:
        await scores.admin.UnblockUser(UnblockUserRequest(**user))
    return told.reason


@pytest.mark.parametrize("reason", RULES)
async def test_each_rule_has_its_reason(scores, forger, reason):
    draft = Draft.good(forger)
    RULES[reason](draft)
    assert await refused(scores, draft) == reason


@pytest.mark.parametrize(("first", "second"), list(combinations(RULES, 2)))
async def test_the_first_broken_rule_is_told(scores, forger, first, second):
    draft = Draft.good(forger)
    RULES[first](draft)
    RULES[second](draft)
    assert await refused(scores, draft) == first


async def test_what_breaks_no_rule_counts(scores, forger):
    draft = Draft.good(forger)
    assert (await scores.redeem(draft.written(), draft.data)).score_increase == 10
