"""Forms of other pages change nothing; forms of ours do."""

from __future__ import annotations

import pytest

from tests.web.browser import SignedIn, WebClient, csrf, sign_in, submit
from web.services import Services


async def language(services: Services) -> str:
    return (await services.store.accounts.get("secre-nam-po")).language


async def test_a_token_is_spelt_anew_on_every_page_and_all_spellings_hold(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first, second = await csrf(browser), await csrf(browser)
    assert first != second
    for token, wanted in ((first, "en"), (second, "vi"), (first, "en")):
        form = {"csrf": token, "language": wanted, "next": "/"}
        assert (await browser.post("/language", data=form, allow_redirects=False)).status == 303
        assert await language(services) == wanted


@pytest.mark.parametrize("token", ["", "00", "zz" * 64, "00" * 64, "é", "0" * 60_000])
async def test_a_wrong_token_changes_nothing(
    signed_in: SignedIn, services: Services, token: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await browser.post("/language", data={"csrf": token, "language": "en"})
    assert answer.status == 403
    assert await language(services) == "vi"


async def test_an_upgrade_that_is_asked_for_excuses_no_form_from_its_token(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    answer = await browser.post("/language", data={"language": "en"}, headers=upgrade)
    assert answer.status == 403
    assert await language(services) == "vi"


async def test_the_token_of_another_sign_in_does_not_fit(signed_in: SignedIn) -> None:
    mine, theirs = await signed_in("secretary", "nam-po"), await signed_in("secretary", "nam-po")
    form = {"csrf": await csrf(theirs), "language": "en"}
    assert (await mine.post("/language", data=form)).status == 403


async def test_scripts_send_the_token_as_a_header(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    refused = await browser.post("/api/meetings/conflicts", json={})
    assert (refused.status, (await refused.json())["code"]) == (403, "bad_csrf")
    token = await csrf(browser)
    heard = await browser.post("/api/meetings/conflicts", json={}, headers={"X-CSRF-Token": token})
    assert heard.status != 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_foreign_page_is_refused_even_with_the_token(
    signed_in: SignedIn, services: Services, headers: dict[str, str]
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {"csrf": await csrf(browser), "language": "en"}
    answer = await browser.post("/language", data=form, headers=headers)
    assert answer.status == 403
    assert "đến từ một trang khác" in await answer.text()
    assert await language(services) == "vi"


async def test_a_foreign_page_signs_nobody_in(client: WebClient) -> None:
    answer = await sign_in(client, "secretary.nam-po", Origin="https://evil.example")
    assert answer.status == 403


async def test_a_page_of_ours_is_heard(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    origin = str(browser.make_url("/")).rstrip("/")
    form = {"csrf": await csrf(browser), "language": "en", "next": "/"}
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    answer = await browser.post("/language", data=form, headers=headers, allow_redirects=False)
    assert answer.status == 303


async def test_a_foreign_pages_form_does_not_sign_out(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    await browser.post("/signout", headers={"Origin": "https://evil.example"})
    assert (await browser.get("/", allow_redirects=False)).status == 200
    assert (await submit(browser, "/signout", {})).status == 303
