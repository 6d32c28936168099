"""Every way to make a ticket that is none: each is refused with its own reason, and no score changes."""

from typing import Any

import pytest

from tests.clocks import START
from tests.pair import refusal
from tests.security.forgeries import FORGERIES

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(("forge", "reason"), FORGERIES)
async def test_a_forgery_is_refused(scores, forger, forge, reason):
    before = await scores.board()
    refused = await refusal(scores.redeem(forge(forger), forger.data))
    code = "PERMISSION_DENIED" if reason == "TICKET_DATA_MISMATCH" else "UNAUTHENTICATED"
    assert (refused.code, refused.reason) == (code, reason)
    assert await scores.board() == before


WRONG_CLAIMS: dict[str, list[Any]] = {
    "iss": [...],
    "aud": [...],
    "sub": [
        ...,
        None,
        7,
        "",
        "a b",
        "ada\n",
        "x" * 65,
        "ünï",
        "m\u0430llory",
        "mallory\u200b",
        "\uff4dallory",
        "\ud800",
    ],
    "iat": [..., None, "1", True, START, "now", -1, 2**53, 2**70, []],
    "exp": [..., None, "1", True, START + 10, -1, 2**53, 2**70, {}],
    "jti": [..., None, 7, ["x"]],
    "name": [7, "", " Ada", "x" * 33, "A\u202eda", ["Ada"]],
}


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        pytest.param(claim, value, id=f"{claim} {'missing' if value is ... else ascii(value)}")
        for claim, values in WRONG_CLAIMS.items()
        for value in values
    ],
)
async def test_a_claim_that_is_missing_or_wrong_is_named(scores, forger, claim, value):
    before = await scores.board()
    refused = await refusal(scores.redeem(forger.claiming(**{claim: value}), forger.data))
    reason = "TICKET_CLAIM_MISSING" if value is ... else "TICKET_CLAIM_INVALID"
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", reason)
    assert refused.metadata == {"claim": claim}
    assert await scores.board() == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data.replace("quiz.answer", "dice.roll"), id="another action"),
        pytest.param(lambda data: data + " ", id="a space more"),
        pytest.param(lambda data: data.replace('"correct":true', '"correct":true,"rolled":6'), id="a field more"),
        pytest.param(lambda data: "{}", id="other data"),
    ],
)
async def test_changed_action_data_is_refused(scores, forger, change):
    before = await scores.board()
    refused = await refusal(scores.redeem(forger.ticket(), change(forger.data)))
    assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "TICKET_DATA_MISMATCH")
    assert await scores.board() == before
