"""A form sent after its sign-in ended: nothing typed is lost, no password is carried."""

from __future__ import annotations

import html
import re

import pytest
from aiohttp import ClientResponse, FormData

from confhub.errors import Unavailable
from confhub.store import MeetingStore
from tests.web.browser import PASSWORD, SignedIn, WebClient, sign_in
from tests.web.meeting_pages import FORM, hidden
from web.services import Services

TRICKY = '\nDòng 1\r\n"><script>alert(1)</script>&amp;'


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.S)
    assert form is not None, page
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    return {html.unescape(name): html.unescape(value) for name, value in found}


async def lose_sign_in(browser: WebClient, services: Services) -> None:
    await services.store.accounts.end_sign_ins("secre-nam-po")


async def sign_in_again(browser: WebClient, page: str, **changed: str) -> ClientResponse:
    fields = fields_of(page, "/signin") | {"login": "secretary.nam-po", "password": PASSWORD}
    return await browser.post("/signin", data=fields | changed, allow_redirects=False)


async def test_a_meeting_typed_before_the_sign_in_ended_is_saved_after_it(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = FORM | await hidden(browser, "/meetings/new") | {"sites": FORM["sites"], "note": TRICKY}
    await lose_sign_in(browser, services)

    refused = await browser.post("/meetings/new", data=form, allow_redirects=False)
    assert refused.status == 401
    page = await refused.text()
    assert "Nội dung bạn vừa nhập vẫn được giữ" in page
    assert "<script>alert" not in page

    entered = await sign_in_again(browser, page)
    assert entered.status == 200
    page = await entered.text()
    assert "Gửi tiếp" in page
    carried = fields_of(page, "/meetings/new")
    assert carried["note"] == TRICKY
    assert {n: v for n, v in carried.items() if n != "csrf"} == {
        n: v for n, v in form.items() if n != "csrf"
    }

    saved = await browser.post("/meetings/new", data=carried, allow_redirects=False)
    assert saved.status == 303
    meeting = await services.store.meetings.get(saved.headers["Location"].rsplit("/", 1)[1])
    assert meeting.title == FORM["title"]


async def test_a_mistyped_password_loses_nothing(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    await lose_sign_in(browser, services)
    page = await (await browser.post("/meetings/new", data={"title": "Giao ban"})).text()
    answer = await sign_in_again(browser, page, password="sai mat khau")
    assert answer.status == 400
    fields = fields_of(await answer.text(), "/signin")
    assert (fields["resume"], fields["carried"]) == ("/meetings/new", '[["title","Giao ban"]]')


async def test_a_button_without_fields_is_asked_about_too(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await lose_sign_in(browser, services)
    refused = await browser.post("/meetings/m1/cancel", data={"csrf": "00"})
    entered = await sign_in_again(browser, await refused.text())
    assert set(fields_of(await entered.text(), "/meetings/m1/cancel")) == {"csrf"}


async def test_a_form_with_passwords_is_typed_anew(client: WebClient) -> None:
    secret = {"present": "cu-cu-cu-cu", "password": "moi-moi-moi", "password_again": "moi-moi"}
    origin = str(client.make_url("/")).rstrip("/")
    answer = await client.post(
        "/account/password",
        data=secret,
        headers={"Referer": f"{origin}/account/password"},
        allow_redirects=False,
    )
    assert answer.headers["Location"] == "/signin?next=%2Faccount%2Fpassword"


async def test_a_sign_in_never_carries_its_own_password(client: WebClient) -> None:
    fields = {"resume": "/meetings/new", "carried": '[["title","Giao ban"]]'}
    answer = await client.post(
        "/signin", data=fields | {"login": "secretary.nam-po", "password": "sai mat khau"}
    )
    assert "sai mat khau" not in await answer.text()


async def test_a_carried_form_goes_to_a_page_of_ours_only(client: WebClient) -> None:
    fields = {"resume": "https://evil.example/", "carried": '[["title","Giao ban"]]'}
    answer = await client.post(
        "/signin", data=fields | {"login": "secretary.nam-po", "password": PASSWORD}
    )
    page = await answer.text()
    assert "evil.example" not in page
    assert fields_of(page, "/")["title"] == "Giao ban"


async def test_a_file_is_chosen_anew_on_the_page_it_was_chosen_on(client: WebClient) -> None:
    origin = str(client.make_url("/")).rstrip("/")
    upload = FormData()
    upload.add_field("file", b"a,b\n" * 200_000, filename="units.csv")
    answer = await client.post(
        "/units/import",
        data=upload,
        headers={"Referer": f"{origin}/units/import"},
        allow_redirects=False,
    )
    assert answer.headers["Location"] == "/signin?next=%2Funits%2Fimport"


async def test_a_program_gets_a_401_and_no_form(client: WebClient) -> None:
    answer = await client.post("/api/meetings/conflicts", json={})
    assert answer.status == 401
    assert (await answer.json())["code"] == "not_signed_in"


async def test_a_page_of_an_earlier_sign_in_asks_and_sends_in_todays(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    origin = str(browser.make_url("/")).rstrip("/")
    form = FORM | await hidden(browser, "/meetings/new") | {"sites": FORM["sites"]}
    await sign_in(browser, "secretary.nam-po")  # in another tab
    asked = await browser.post("/meetings/new", data=form, headers={"Origin": origin})
    assert asked.status == 403
    carried = fields_of(await asked.text(), "/meetings/new")
    saved = await browser.post("/meetings/new", data=carried, allow_redirects=False)
    assert saved.status == 303


async def test_a_forged_form_of_no_known_origin_is_never_offered_again(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await browser.post("/accounts/new", data={"login": "ke.xau", "csrf": "00"})
    assert answer.status == 403
    assert "ke.xau" not in await answer.text()


async def test_what_is_carried_is_bounded_like_every_form(client: WebClient) -> None:
    answer = await client.post("/meetings/new", data={"note": "x" * 600_000})
    assert answer.status == 413
    assert "Nội dung quá lớn" in await answer.text()


async def test_a_meeting_that_cannot_be_stored_is_kept_and_saved_once_it_can(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")
    origin = {"Origin": str(browser.make_url("/")).rstrip("/")}
    form = FORM | await hidden(browser, "/meetings/new") | {"sites": FORM["sites"], "note": TRICKY}

    async def fail(_store: object, _meeting: object) -> None:
        raise Unavailable("Ổ đĩa đầy.", code="store_full")

    with monkeypatch.context() as patch:
        patch.setattr(MeetingStore, "add", fail)
        refused = await browser.post("/meetings/new", data=form, headers=origin)
    assert refused.status == 503
    page = await refused.text()
    assert "Ổ đĩa đầy." in page
    carried = fields_of(page, "/meetings/new")
    assert carried["note"] == TRICKY

    saved = await browser.post("/meetings/new", data=carried, allow_redirects=False)
    assert saved.status == 303
    meeting = await services.store.meetings.get(saved.headers["Location"].rsplit("/", 1)[1])
    assert meeting.title == FORM["title"]


async def test_what_was_typed_is_kept_while_nobody_can_say_who_is_signed_in(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")
    origin = {"Origin": str(browser.make_url("/")).rstrip("/")}

    async def fail(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(services.store.accounts, "sign_in", fail)
        refused = await browser.post("/meetings/new", data={"title": "Giao ban"}, headers=origin)
        foreign = await browser.post(
            "/meetings/new", data={"title": "Giao ban"}, headers={"Origin": "https://evil.example"}
        )
    assert (refused.status, foreign.status) == (503, 503)
    assert "Giao ban" not in await foreign.text()
    # There was no token to give: the next answer asks once more, with today's.
    carried = fields_of(await refused.text(), "/meetings/new")
    asked = await browser.post("/meetings/new", data=carried, headers=origin)
    assert asked.status == 403
    assert fields_of(await asked.text(), "/meetings/new")["title"] == "Giao ban"


async def test_to_somebody_unknown_no_more_than_a_meeting_is_given_back(
    client: WebClient,
) -> None:
    origin = str(client.make_url("/")).rstrip("/")
    headers = {"Referer": f"{origin}/meetings/new"}
    long = {"note": "'" * 100_000}
    refused = await client.post("/meetings/new", data=long, headers=headers)
    page = await refused.text()
    assert refused.status == 401
    assert len(page) < 64 * 1024
    assert "quá dài nên trang này không giữ được" in page
    assert fields_of(page, "/signin") == {"next": "/meetings/new"}

    carried = {"resume": "/meetings/new", "carried": f'[["note","{long["note"]}"]]'}
    wrong = {"login": "'" * 30_000, "password": "sai mat khau"}
    again = await client.post("/signin", data=carried | wrong)
    assert len(await again.text()) < 64 * 1024

    # 1,000 sites, and the longest note and agenda of letters of three bytes.
    usual = {"sites": "00000000-0000-4000," * 1000, "note": "ổ" * 10_000, "agenda": "ộ" * 4_000}
    kept = await client.post("/meetings/new", data=usual, headers=headers)
    assert "Nội dung bạn vừa nhập vẫn được giữ" in await kept.text()


async def test_while_the_store_is_away_no_more_than_a_meeting_is_given_back(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")
    origin = {"Origin": str(browser.make_url("/")).rstrip("/")}

    async def fail(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(services.store.accounts, "sign_in", fail)
    refused = await browser.post("/meetings/new", data={"note": "'" * 100_000}, headers=origin)
    assert refused.status == 503
    assert len(await refused.text()) < 64 * 1024
