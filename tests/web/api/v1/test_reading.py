"""Programs of other institutions read with an access token."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import re
from base64 import urlsafe_b64encode

import pytest
from aiohttp import ClientError, ClientResponse

from confhub.desks import accounts
from confhub.people.actor import Actor
from confhub.people.api_token import ALLOWS
from tests.web.browser import Clock, SignedIn, WebClient, csrf_in
from tests.web.meeting_pages import schedule
from tests.web.pages.test_paper_files import DATA, paper_of, times
from web.papers import sending
from web.services import Services

ALL = tuple(ALLOWS)


async def made(admin: WebClient, unit_id: str, *scopes: str, last: str = "01/03/2027") -> str:
    """The secret of a new token."""
    path = f"/units/{unit_id}/tokens"
    page = await (await admin.get(path)).text()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    form = [("csrf", csrf_in(page)), ("key", key[1]), ("name", "Một cửa"), ("last", last)]
    answer = await admin.post(path, data=[*form, *(("scopes", one) for one in scopes)])
    text = await answer.text()
    assert answer.status == 200, text
    secret = re.search(r'id="new-token"[^>]*>([^<]+)<', text)
    assert secret is not None
    assert secret[1] not in await (await admin.get(path)).text()  # shown this once
    return secret[1]


async def ask(client: WebClient, path: str, secret: str, **headers: str) -> ClientResponse:
    sent = {"Authorization": f"Bearer {secret}", **headers}
    return await client.get(f"/api/v1{path}", headers=sent)


async def test_a_program_reads_a_units_meetings_and_what_became_of_them(
    signed_in: SignedIn, services: Services, client: WebClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    meeting = await schedule(await signed_in("secretary", "nam-po"), services)
    secret = await made(await signed_in("admin", "nam-po"), "nam-po", *ALL)
    found = await (await ask(client, "/meetings", secret)).json()
    assert [one["id"] for one in found["meetings"]] == [meeting.id]
    assert found["next"] is None
    answer = await ask(client, f"/meetings/{meeting.id}", secret)
    one = await answer.json()
    assert (one["title"], one["site_ids"]) == (meeting.title, list(meeting.sites))
    tag = answer.headers["ETag"]
    assert tag == f'"{meeting.version}"'
    again = await ask(client, f"/meetings/{meeting.id}", secret, **{"If-None-Match": tag})
    assert again.status == 304
    for part, of in (("answers", "site_id"), ("attendance", "site_id"), ("links", "site_id")):
        rows = (await (await ask(client, f"/meetings/{meeting.id}/{part}", secret)).json())[part]
        assert {row[of] for row in rows} <= meeting.invited
        assert rows
    documents = await ask(client, f"/meetings/{meeting.id}/documents", secret)
    assert (await documents.json()) == {"documents": []}
    nothing = f"/meetings/{meeting.id}/documents/none/files/1"
    assert (await ask(client, nothing, secret)).status == 404
    ended = await ask(client, "/meetings?status=ended", secret)
    assert (await ended.json())["meetings"] == []
    assert secret not in caplog.text


async def test_lists_come_in_pages(signed_in: SignedIn, client: WebClient) -> None:
    secret = await made(await signed_in("admin", "dien-bien"), "dien-bien", "read_units")
    for kind in ("units", "sites"):
        whole = (await (await ask(client, f"/{kind}", secret)).json())[kind]
        assert len(whole) > 2
        seen, cursor = [], ""
        while True:
            answer = await ask(client, f"/{kind}?limit=1{cursor}", secret)
            page = await answer.json()
            assert len(page[kind]) == 1
            seen += page[kind]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert seen == whole
        one = f"/{kind}/{whole[0]['id']}"
        assert await (await ask(client, one, secret)).json() == whole[0]
    own = (await (await ask(client, "/units?unit=nam-po", secret)).json())["units"]
    assert "nam-po" in [one["id"] for one in own]
    assert "dien-bien" not in [one["id"] for one in own]


async def test_a_page_of_meetings_goes_on_where_the_last_ended(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    first = await schedule(secretary, services)
    later = dt.timedelta(hours=5)
    starts_at, ends_at = first.starts_at + later, first.ends_at + later
    second = dataclasses.replace(
        first, id="second", agenda=(), starts_at=starts_at, ends_at=ends_at
    )
    await services.store.meetings.add(second)
    secret = await made(await signed_in("admin", "nam-po"), "nam-po", "read_meetings")
    page = await (await ask(client, "/meetings?limit=1", secret)).json()
    assert [one["id"] for one in page["meetings"]] == [first.id]
    page = await (await ask(client, f"/meetings?limit=1&cursor={page['next']}", secret)).json()
    assert [one["id"] for one in page["meetings"]] == [second.id]
    assert page["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=201", "limit=x", "cursor=x", "cursor=InhpIl0=", "status=none"),
        *("to=", "from=x", "from=2026-12-02&to=2026-12-01", "from=2026-01-01&to=2027-12-01"),
        # Without a zone, and at the ends of the calendar, where no sum of ours goes.
        *(
            "cursor=" + urlsafe_b64encode(f'["{at}","a"]'.encode()).decode()
            for at in (
                *("2026-01-01T00:00:00", "0001-01-01T00:00:00+23:59"),
                "9999-12-31T23:59:59-23:59",
            )
        ),
    ],
)
async def test_a_wrong_question_is_a_problem_in_the_callers_language(
    signed_in: SignedIn, client: WebClient, query: str
) -> None:
    secret = await made(await signed_in("admin", "nam-po"), "nam-po", "read_meetings")
    said = set()
    for language in ("vi", "en"):
        path = f"/meetings?{query}"
        answer = await ask(client, path, secret, **{"Accept-Language": language})
        assert answer.status == 400
        assert answer.content_type == "application/problem+json"
        assert answer.headers["Content-Language"] == language
        said.add((await answer.json())["detail"])
    assert len(said) == 2


async def test_a_token_opens_its_scopes_in_its_unit_alone(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    above = await signed_in("admin", "dien-bien")
    meeting = await schedule(await signed_in("secretary", "nam-po"), services)
    secret = await made(above, "nam-po", "read_units")
    units = (await (await ask(client, "/units", secret)).json())["units"]
    assert {one["id"] for one in units} >= {"nam-po"}
    assert "dien-bien" not in {one["id"] for one in units}
    for path in ("/units/dien-bien", "/units?unit=dien-bien", "/units/none", "/sites/none"):
        assert (await ask(client, path, secret)).status == 404
    refused = await ask(client, f"/meetings/{meeting.id}", secret)
    assert refused.status == 403
    assert (await refused.json())["code"] == "insufficient_scope"
    # Nor is it a sign-in.
    page = await client.get("/units", headers={"Authorization": f"Bearer {secret}"})
    assert str(page.url).split("?")[0].endswith("/signin")


async def test_a_token_ends_when_it_is_revoked_or_old_or_its_maker_is_locked(
    signed_in: SignedIn, services: Services, client: WebClient, clock: Clock
) -> None:
    admin = await signed_in("admin", "nam-po")
    secrets = [await made(admin, "nam-po", "read_units") for _ in range(2)]
    first, second = sorted(
        await services.store.api_tokens.of_unit("nam-po"), key=lambda one: one.made_at
    )
    html = await (await admin.get("/units/nam-po/tokens")).text()
    path = f"/units/nam-po/tokens/{first.id}/revoke"
    answer = await admin.post(path, data={"csrf": csrf_in(html)}, allow_redirects=False)
    assert answer.status == 303
    statuses = {(await ask(client, "/units", secret)).status for secret in secrets}
    assert statuses == {200, 401}
    kept = await services.store.api_tokens.get(second.id)
    assert kept.used_at is not None or (await services.store.api_tokens.get(first.id)).used_at
    story = await (await admin.get("/units/nam-po/history")).text()
    assert "thu hồi mã truy cập của hệ thống khác." in story
    account = await services.store.accounts.get(second.account_id)
    maker = Actor(services.clock())
    third = await made(admin, "nam-po", "read_units")
    await accounts.change(services.store, maker, dataclasses.replace(account, active=False))
    assert (await ask(client, "/units", third)).status == 401


async def test_a_token_ends_when_somebody_else_resets_its_makers_password(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    secret = await made(await signed_in("admin", "nam-po"), "nam-po", "read_units")
    assert (await ask(client, "/units", secret)).status == 200
    (token,) = await services.store.api_tokens.of_unit("nam-po")
    house = Actor(services.clock())
    await accounts.reset_password(services.store, house, token.account_id, "other", issued=True)
    assert (await ask(client, "/units", secret)).status == 401
    assert await services.store.api_tokens.of_unit("nam-po") == []


async def test_a_form_that_is_sent_twice_makes_one_token_and_says_so(
    signed_in: SignedIn, services: Services
) -> None:
    path, admin = "/units/nam-po/tokens", await signed_in("admin", "nam-po")
    html = await (await admin.get(path)).text()
    form = {"csrf": csrf_in(html), "key": "k", "name": "Một cửa", "last": "01/03/2027"}
    form["scopes"] = "read_units"
    answers = [await admin.post(path, data=form) for _ in range(2)]
    assert [one.status for one in answers] == [200, 409]
    page = await answers[1].text()
    assert "đã được tạo từ biểu mẫu này" in page
    assert 'name="key" value="k"' not in page  # the next is another
    assert "new-token" not in page
    assert len(await services.store.api_tokens.of_unit("nam-po")) == 1


async def test_a_document_is_read_by_a_token_and_that_is_on_record(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    version, _page = await paper_of(secretary, services)
    admin = await signed_in("admin", "nam-po")
    secret = await made(admin, "nam-po", "read_papers")
    meeting_id = version.meeting_id
    answer = await ask(client, f"/meetings/{meeting_id}/documents", secret)
    (document,) = (await answer.json())["documents"]
    assert document["versions"][0]["sha256"] == version.digest
    path = f"/meetings/{meeting_id}/documents/{document['id']}/files/1"
    whole = await ask(client, path, secret)
    assert (whole.status, await whole.read() == DATA) == (200, True)
    part = await ask(client, path, secret, Range="bytes=9-")
    assert (part.status, await part.read() == DATA[9:]) == (206, True)
    assert await times(services) == 1
    (opening,) = await services.store.papers.openings([version.id], 10)
    (token,) = await services.store.api_tokens.of_unit("nam-po")
    assert opening.account_id == token.account_id
    other = await made(admin, "nam-po", "read_meetings")
    assert (await ask(client, path, other)).status == 403


async def test_a_document_is_read_no_longer_than_the_token_holds(
    signed_in: SignedIn, services: Services, client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CHECK_S", -1.0)
    version, _page = await paper_of(await signed_in("secretary", "nam-po"), services)
    secret = await made(await signed_in("admin", "nam-po"), "nam-po", "read_papers")
    path = f"/meetings/{version.meeting_id}/documents/{version.paper_id}/files/1"
    reading = await ask(client, path, secret)
    assert await reading.content.readexactly(1000) == DATA[:1000]
    (token,) = await services.store.api_tokens.of_unit("nam-po")
    await services.store.api_tokens.end(token.id, services.clock())
    with pytest.raises(ClientError):
        await reading.read()


async def test_a_token_is_over_after_its_last_day(
    signed_in: SignedIn, client: WebClient, clock: Clock
) -> None:
    secret = await made(
        await signed_in("admin", "nam-po"), "nam-po", "read_units", last="03/12/2026"
    )
    assert (await ask(client, "/units", secret)).status == 200
    clock.pass_by(seconds=10 * 86_400)
    assert (await ask(client, "/units", secret)).status == 401


async def test_wrong_tokens_are_refused_and_tries_are_paced(
    services: Services, client: WebClient
) -> None:
    unknown = services.tokens.programs.sign(b"x" * 32)
    for secret in ("x", unknown):
        answer = await ask(client, "/units", secret)
        assert answer.status == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await client.get("/api/v1/units")).status == 401
    for _ in range(200):
        if (answer := await ask(client, "/units", "x")).status == 429:
            break
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0


async def test_only_who_administers_the_unit_makes_tokens_and_a_wrong_form_says_why(
    signed_in: SignedIn, services: Services
) -> None:
    path = "/units/nam-po/tokens"
    assert (await (await signed_in("secretary", "nam-po")).get(path)).status == 403
    assert (await (await signed_in("admin", "nam-po")).get("/units/dien-bien/tokens")).status == 404
    admin = await signed_in("admin", "nam-po")
    html = await (await admin.get(path)).text()
    for last, said in (
        ("", "Xin ghi ngày cuối."),
        ("01/01/2020", "Ngày này đã qua."),
        ("01/01/2029", "nhiều nhất một năm"),
    ):
        form = {"csrf": csrf_in(html), "key": "k", "name": "", "last": last}
        answer = await admin.post(path, data=form)
        page = await answer.text()
        assert answer.status == 400
        for words in (said, "Xin ghi tên hệ thống", "Xin chọn ít nhất một quyền."):
            assert words in page
    assert await services.store.api_tokens.of_unit("nam-po") == []
