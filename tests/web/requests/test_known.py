"""Whoever brings something of ours has a rate of his own, however many ask from his address."""

from __future__ import annotations

import pytest

from confhub.bucket import Rate
from confhub.meetings.meeting import JoinLink
from confhub.meetings.tokens import Signer
from tests.web.browser import Clock, WebClient, cookie, other_browser, sign_in
from web import middleware
from web.requests.known import FILES_COOKIE
from web.requests.route import PAGE, weight_of
from web.services import Services
from web.wire import request_turns


@pytest.fixture(autouse=True)
def _each_counts_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "weight_of", lambda row, is_stranger: 1)


@pytest.fixture
def link(clock: Clock) -> JoinLink:
    return JoinLink("k" * 16, "m" * 16, "cha-nua-room", clock())


@pytest.fixture
async def crowd(client: WebClient, monkeypatch: pytest.MonkeyPatch) -> WebClient:
    """One who has asked for all that his address may ask for."""
    monkeypatch.setattr(request_turns, "NETWORK", Rate(1e-6, 20))
    monkeypatch.setattr(request_turns, "OWN", Rate(1e-6, 5))
    while (await client.get("/healthz")).status != 429:
        pass
    return client


async def statuses(browser: WebClient, path: str, times: int, **headers: str) -> list[int]:
    found = []
    for _ in range(times):
        answer = await browser.get(path, headers=headers, allow_redirects=False)
        found.append(answer.status)
    return found


async def test_a_site_that_comes_by_a_link_is_served_with_all_its_files(
    crowd: WebClient, services: Services, link: JoinLink
) -> None:
    async with other_browser(crowd) as site:
        answer = await site.get(f"/join/{services.tokens.sign(link)}")
        assert answer.status != 429
        sent = answer.cookies[FILES_COOKIE]
        assert (sent["path"], sent["httponly"], sent["samesite"]) == ("/static", True, "Lax")
        assert await statuses(site, "/signin", 1) == [429]  # the cookie is for files alone
        assert await statuses(site, "/static/v/none.js", 5) == [404] * 4 + [429]
    assert await statuses(crowd, "/static/v/none.js", 1) == [429]


@pytest.mark.parametrize("use", ["whip", "whep"])
async def test_a_device_is_served(
    crowd: WebClient, services: Services, link: JoinLink, use: str
) -> None:
    token = getattr(services.tokens, use).sign(link)
    found = await statuses(crowd, f"/{use}/m1", 6, Authorization=f"Bearer {token}")
    assert 429 not in found[:5]
    assert found[5] == 429


async def test_tokens_that_are_not_ours_give_nothing(crowd: WebClient) -> None:
    foreign = Signer(b"x" * 32, "files of a link's page 1").sign(b"k" * 16)
    assert await statuses(crowd, f"/join/{foreign}", 1) == [429]
    assert await statuses(crowd, "/whip/m1", 1, Authorization=f"Bearer {foreign}") == [429]
    for sent in (f"{FILES_COOKIE}={foreign}", f"confhub={foreign}"):
        assert await statuses(crowd, "/static/v/none.js", 1, Cookie=sent) == [429]


async def test_an_account_has_one_rate_in_all_its_browsers(
    client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_turns, "OWN", Rate(1e-6, 5))
    async with other_browser(client) as other:
        for browser in (client, other):
            assert (await sign_in(browser, "secretary.nam-po")).status == 303
        assert await statuses(client, "/", 3) == [200] * 3
        assert await statuses(other, "/", 3) == [200] * 2 + [429]
    assert await statuses(client, "/", 1) == [429]


async def test_a_sign_in_that_is_known_to_have_ended_gives_nothing_any_more(
    crowd: WebClient, services: Services
) -> None:
    secret = services.tokens.sign_ins.sign(b"s" * 32 + b"a" * 16)
    sent = f"confhub={secret}"
    # Whether it has ended the store says, once asked, for a minute.
    assert await statuses(crowd, "/", 2, Cookie=sent) == [303, 429]


@pytest.mark.parametrize("is_known_elsewhere", [False, True])
async def test_the_cookie_of_an_ended_sign_in_uses_up_nothing_of_its_accounts(
    client: WebClient,
    services: Services,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    is_known_elsewhere: bool,
) -> None:
    monkeypatch.setattr(request_turns, "OWN", Rate(1e-6, 5))
    assert (await sign_in(client, "secretary.nam-po")).status == 303
    secret = str(cookie(client, "confhub"))
    await services.store.accounts.end_sign_ins("secre-nam-po")
    clock.pass_by(minutes=1)
    if is_known_elsewhere:  # and forgotten again
        assert (await client.get("/", allow_redirects=False)).status == 303
        clock.pass_by(minutes=1)
    async with other_browser(client) as old, other_browser(client) as owner:
        assert (await sign_in(owner, "secretary.nam-po")).status == 303
        sent = {"Cookie": f"confhub={secret}"}
        # Files are given without the store's being asked.
        assert (await statuses(old, "/static/v/none.js", 6, **sent))[-1] == 429
        assert await statuses(owner, "/", 5) == [200] * 5


async def test_who_comes_back_is_served_behind_a_crowd_and_counts_with_his_account_then(
    client: WebClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await sign_in(client, "secretary.nam-po")).status == 303
    clock.pass_by(minutes=5)
    monkeypatch.setattr(request_turns, "NETWORK", Rate(1e-6, 20))
    monkeypatch.setattr(request_turns, "OWN", Rate(1e-6, 5))
    async with other_browser(client) as stranger:
        while 429 not in await statuses(stranger, "/healthz", 1):
            pass
    assert await statuses(client, "/", 7) == [200] * 6 + [429]


async def test_a_sign_in_of_before_that_names_no_account_has_a_rate_too(
    crowd: WebClient, services: Services
) -> None:
    sent = f"confhub={services.tokens.sign_ins.sign(b's' * 32)}"
    assert await statuses(crowd, "/static/v/none.js", 6, Cookie=sent) == [404] * 5 + [429]


async def test_a_page_counts_for_what_it_costs(
    client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await sign_in(client, "secretary.nam-po")).status == 303
    monkeypatch.setattr(middleware, "weight_of", weight_of)
    monkeypatch.setattr(request_turns, "OWN", Rate(1e-6, 2 * PAGE + 2))
    async with other_browser(client) as browser:
        assert (await sign_in(browser, "secretary.nam-po")).status == 303
        assert await statuses(browser, "/", 3) == [200] * 2 + [429]
        assert await statuses(browser, "/static/v/none.js", 3) == [404] * 2 + [429]
