"""Users of several identity providers, and guests: nobody comes in as the user of another."""

from typing import Any

import pytest
from pydantic import ValidationError

from scorewire.score.v1.score_pb2 import GetStandingRequest
from scorewire_server.errors import StartError
from scorewire_server.settings import ActionSettings, Settings
from scorewire_server.tokens.keys import jwks_file
from tests.clocks import SetClock
from tests.pair import AUDIENCE, PROVIDER, prepare, refusal, running_actions, session

PARTNER, MOVED = "https://partner.example.com", "https://moved.example.com"


def issuers(keys: Any, **prefixes: str | None) -> list[dict[str, Any]]:
    """Providers that sign with one key, so that the claim `iss` alone tells them apart."""
    names = {"provider": PROVIDER, "partner": PARTNER, "moved": MOVED}
    common = {"audience": AUDIENCE, "jwks_file": jwks_file(keys, "provider")}
    return [common | {"issuer": names[name], "user_prefix": prefix} for name, prefix in prefixes.items()]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(tmp_path, certs) -> Settings:
    accepted = issuers(tmp_path / "keys", provider="", partner="partner:", moved="partner:")
    return prepare(tmp_path, certs, action={"session_issuers": accepted, "guests": True})


async def test_one_sub_of_two_issuers_is_two_users(own_actions, own_scores, settings, clock):
    own = (await own_actions.do(session(settings, clock, sub="ada"))).score
    other = (await own_actions.do(session(settings, clock, sub="ada", iss=PARTNER))).score
    standings = {each.user_id: each.score for each in (await own_scores.board()).standings}
    assert standings == {"ada": own, "partner:ada": other}


async def test_issuers_of_one_prefix_share_their_users(own_actions, own_scores, settings, clock):
    await own_actions.do(session(settings, clock, sub="bob", iss=PARTNER))
    both = (await own_actions.do(session(settings, clock, sub="bob", iss=MOVED))).score
    standing = (await own_scores.public.GetStanding(GetStandingRequest(user_id="partner:bob"))).standing
    assert standing.score == both


@pytest.mark.parametrize(
    ("issuer", "sub"),
    [
        pytest.param(PROVIDER, "partner:ada", id="a user of another issuer"),
        pytest.param(PROVIDER, "partner:", id="the prefix of another issuer alone"),
        pytest.param(PROVIDER, "guest-0a8046b575ca1d83", id="a guest"),
        pytest.param(PARTNER, "", id="nobody"),
        pytest.param(PARTNER, "x" * 57, id="too long with the prefix"),
        pytest.param(PARTNER, 7, id="a number"),
    ],
)
async def test_who_plays_the_user_of_another_is_refused(own_actions, own_scores, settings, clock, issuer, sub):
    refused = await refusal(own_actions.do(session(settings, clock, sub=sub, iss=issuer)))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "SESSION_INVALID")
    assert (await own_scores.board()).total_users == 0


async def test_a_guest_keeps_the_id_it_was_told(own_actions, own_scores):
    guest = await own_actions.sign_in()
    assert guest.user_id.startswith("guest-")
    await own_actions.do(guest.token)
    assert [each.user_id for each in (await own_scores.board()).standings] == [guest.user_id]


def test_of_several_issuers_each_must_say_its_prefix(tmp_path):
    silent = issuers(tmp_path, provider=None, partner="partner:", moved=None)
    with pytest.raises(ValidationError, match=f"{PROVIDER}, {MOVED} must say it"):
        ActionSettings.model_validate({"session_issuers": silent})


@pytest.mark.parametrize("prefix", ["a/", "ä", "x" * 33, "a\n"], ids=["slash", "letter", "long", "line"])
def test_a_prefix_is_the_beginning_of_a_user_id(tmp_path, prefix):
    with pytest.raises(ValidationError, match=r"session_issuers\.0\.user_prefix"):
        ActionSettings.model_validate({"session_issuers": issuers(tmp_path, provider=prefix)})


@pytest.mark.parametrize("prefix", ["guest-", "guest-a"])
async def test_no_issuer_shares_its_users_with_guests(tmp_path, certs, clock, prefix):
    settings = prepare(tmp_path, certs, action={"session_issuers": issuers(tmp_path / "keys", provider=prefix)})
    with pytest.raises(StartError, match=f"{PROVIDER} has the user_prefix {prefix}, .* are those of guests"):
        async with running_actions(settings, clock, 1):
            pass


def test_one_issuer_needs_no_prefix(tmp_path):
    (accepted,) = ActionSettings.model_validate({"session_issuers": issuers(tmp_path, provider=None)}).session_issuers
    assert accepted.user_prefix is None
