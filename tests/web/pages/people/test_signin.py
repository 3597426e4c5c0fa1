"""Signing in and out, and choosing a language, through the real application."""

from __future__ import annotations

import dataclasses
import datetime as dt
import socket
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientSession, HttpVersion10, TCPConnector
from aiohttp.connector import AddrInfoType

from confhub.demo.logins import PASSWORD as DEMO_PASSWORD
from confhub.people.passwords import hash_password, verify_password
from tests.web.browser import (
    PASSWORD,
    Clock,
    Making,
    SignedIn,
    WebClient,
    cookie,
    csrf,
    sign_in,
    submit,
)
from tests.web.wire.owners import AS_ROOT, NOBODY, socket_of
from web.pages.people import signin
from web.requests import backoff
from web.services import Services


async def test_a_right_password_opens_the_home_page(client: WebClient) -> None:
    answer = await sign_in(client, "secretary.nam-po")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    page = await client.get("/")
    assert page.status == 200
    assert "Huyện Nậm Pồ" in await page.text()


async def test_the_login_is_read_whatever_its_case_and_spaces(client: WebClient) -> None:
    assert (await sign_in(client, "  Secretary.Nam-Po ")).status == 303


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("secretary.nam-po", "sai mat khau"),
        ("secretary.nam-po", ""),
        ("secretary.nam-po", PASSWORD.upper()),
        ("nobody.nam-po", PASSWORD),
        ("", ""),
        ("x" * 500, PASSWORD),
        ("secretary.nam-po", PASSWORD + "x" * 500),
        ("\N{NULL}' or 1=1 --", "\N{NULL}"),
    ],
)
async def test_a_wrong_login_or_password_gets_one_and_the_same_answer(
    client: WebClient, login: str, password: str
) -> None:
    answer = await sign_in(client, login, password)
    page = await answer.text()
    assert answer.status == 400
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in page
    assert cookie(client, "confhub") is None
    assert password == "" or f'value="{password}"' not in page


async def test_what_was_typed_as_the_login_stays_in_the_form(client: WebClient) -> None:
    page = await (await sign_in(client, '"><b>thuky', "sai mat khau", "/meetings")).text()
    assert 'value="&#34;&gt;&lt;b&gt;thuky"' in page
    assert 'name="next" value="/meetings"' in page


async def test_a_locked_account_is_not_let_in(client: WebClient, services: Services) -> None:
    account = await services.store.accounts.get("secre-nam-po")
    await services.store.accounts.update(dataclasses.replace(account, active=False))
    answer = await sign_in(client, "secretary.nam-po")
    assert answer.status == 400
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in await answer.text()


async def change_password(services: Services) -> None:
    accounts = services.store.accounts
    await accounts.set_password("secre-nam-po", await hash_password("mot cau de nho hon"))
    await accounts.end_sign_ins("secre-nam-po")


async def lock(services: Services) -> None:
    account = await services.store.accounts.get("secre-nam-po")
    await services.store.accounts.update(dataclasses.replace(account, active=False))


async def lock_and_open_with_another_password(services: Services) -> None:
    await lock(services)
    await change_password(services)
    account = await services.store.accounts.get("secre-nam-po")
    await services.store.accounts.update(dataclasses.replace(account, active=True))


@pytest.mark.parametrize("change", [change_password, lock, lock_and_open_with_another_password])
@pytest.mark.parametrize("outdated", [False, True])
async def test_a_sign_in_under_way_does_not_outlive_a_change_of_the_account(
    client: WebClient,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Services], Awaitable[None]],
    outdated: bool,
) -> None:
    async def verify(password_hash: str | None, password: str) -> bool:
        right = await verify_password(password_hash, password)
        await change(services)
        return right

    monkeypatch.setattr(signin, "verify_password", verify)
    monkeypatch.setattr(signin, "needs_rehash", lambda _: outdated)
    answer = await sign_in(client, "secretary.nam-po")
    assert answer.status == 400
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in await answer.text()
    assert cookie(client, "confhub") is None
    (entry,) = await services.store.audit.recent(5, subject="secretary.nam-po")
    assert entry.action == "signin.failed"
    monkeypatch.undo()
    if change is not lock:  # and nothing was put in the new one's place
        assert (await sign_in(client, "secretary.nam-po", "mot cau de nho hon")).status == 303


async def test_an_account_of_a_dissolved_unit_is_told_so(
    client: WebClient, services: Services
) -> None:
    await services.store.units.close_units(["cha-nua"], dt.date(2026, 11, 1))
    answer = await sign_in(client, "site.cha-nua")
    assert answer.status == 403
    assert "Đơn vị của tài khoản này không còn hoạt động" in await answer.text()


@pytest.mark.parametrize("target", ["/meetings?view=week", "/sites/cha-nua-room"])
async def test_the_page_asked_for_opens_after_signing_in(client: WebClient, target: str) -> None:
    asked = await client.get(target, allow_redirects=False)
    assert asked.status == 303
    form = await client.get(asked.headers["Location"])
    assert f'name="next" value="{target}"' in await form.text()
    answer = await sign_in(client, "secretary.nam-po", target=target)
    assert answer.headers["Location"] == target


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "//[",
        "",
    ],
)
async def test_no_target_leads_to_another_site(client: WebClient, target: str) -> None:
    answer = await sign_in(client, "secretary.nam-po", target=target)
    assert answer.headers["Location"] == "/"
    again = await client.get("/signin", params={"next": target}, allow_redirects=False)
    assert (again.status, again.headers["Location"]) == (303, "/")


async def test_signing_in_and_failing_are_written_down(
    client: WebClient, services: Services
) -> None:
    await sign_in(client, "secretary.nam-po", "sai mat khau")
    await sign_in(client, "secretary.nam-po")
    entries = await services.store.audit.recent(2, subject="secretary.nam-po")
    assert {(entry.action, entry.address) for entry in entries} == {
        ("signin.failed", "127.0.0.1"),
        ("signin.ok", "127.0.0.1"),
    }


async def test_of_a_crowd_of_wrong_tries_one_line_a_minute_is_kept_and_each_at_an_account(
    client: WebClient, services: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "ADDRESS_FREE", 2)
    await lock(services)
    for number in range(5):
        await sign_in(client, f"nobody-{number}")
    clock.pass_by(seconds=60)
    for login in ("nobody-5", "secretary.nam-po", "technician.nam-po", "nobody-6"):
        await sign_in(client, login, "sai mat khau")
    entries = await services.store.audit.recent(20)
    lines = [(entry.subject, entry.detail) for entry in entries if entry.action == "signin.failed"]
    single = {"nobody-0", "nobody-1", "secretary.nam-po", "technician.nam-po"}
    assert sorted(lines) == sorted([*((login, "") for login in single), ("", "3"), ("", "2")])
    assert {entry.address for entry in entries} == {"127.0.0.1"}


async def test_a_second_tabs_sign_in_form_works_and_replaces_the_first(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = cookie(browser, "confhub")
    assert (await sign_in(browser, "technician.nam-po")).status == 303
    assert "Technician Huyện Nậm Pồ" in await (await browser.get("/")).text()
    stolen = await browser.get("/", cookies={"confhub": str(first)}, allow_redirects=False)
    assert stolen.status == 303


async def test_signing_out_ends_the_sign_in_on_the_server_too(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    secret = cookie(browser, "confhub")
    answer = await submit(browser, "/signout", {})
    assert (answer.status, answer.headers["Location"]) == (303, "/signin")
    assert cookie(browser, "confhub") is None
    stolen = await browser.get("/", cookies={"confhub": str(secret)}, allow_redirects=False)
    assert stolen.status == 303


async def test_a_language_chosen_before_signing_in_stays_on_the_page(client: WebClient) -> None:
    answer = await client.post(
        "/language",
        data={"language": "en", "next": "/signin?next=%2Fmeetings"},
        allow_redirects=False,
    )
    assert answer.headers["Location"] == "/signin?next=%2Fmeetings"
    page = await (await client.get("/signin?next=%2Fmeetings")).text()
    assert '<html lang="en">' in page
    assert 'name="next" value="/signin?next=%2Fmeetings"' in page  # of the language form


async def test_a_failed_sign_in_keeps_its_target_through_a_change_of_language(
    client: WebClient,
) -> None:
    page = await (await sign_in(client, "secretary.nam-po", "sai mat khau", "/meetings")).text()
    assert 'name="next" value="/signin?next=%2Fmeetings"' in page


async def test_a_language_chosen_by_somebody_signed_in_follows_them_to_other_machines(
    signed_in: SignedIn, new_client: Making
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await submit(browser, "/language", {"language": "en", "next": "/meetings"})
    assert answer.headers["Location"] == "/meetings"
    assert '<html lang="en">' in await (await browser.get("/meetings")).text()
    elsewhere = await new_client()
    await sign_in(elsewhere, "secretary.nam-po")
    assert '<html lang="en">' in await (await elsewhere.get("/")).text()


async def test_a_language_changed_on_a_forms_answer_comes_back_to_the_form(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("admin", "nam-po")
    origin = str(browser.make_url("/")).rstrip("/")
    answer = await browser.post(
        "/accounts/new",
        data={"csrf": await csrf(browser)},
        headers={"Referer": f"{origin}/accounts/new?unit=cha-nua"},
    )
    assert answer.status == 400
    assert 'name="next" value="/accounts/new?unit=cha-nua"' in await answer.text()


async def test_an_unknown_language_is_refused(client: WebClient) -> None:
    answer = await client.post("/language", data={"language": "../../etc", "next": "/"})
    assert answer.status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"X-Forwarded-For": "10.0.0.9"}, 403),
        ({"X-Real-IP": "127.0.0.1"}, 403),
        ({"Host": "hop.example.gov.vn"}, 403),
    ],
)
async def test_the_published_password_opens_nothing_from_outside(
    client: WebClient, services: Services, headers: dict[str, str], status: int
) -> None:
    await services.store.accounts.set_password("secre-nam-po", await hash_password(DEMO_PASSWORD))
    answer = await sign_in(client, "secretary.nam-po", DEMO_PASSWORD, **headers)
    assert answer.status == status
    if status == 403:
        assert "chỉ dùng được trên chính máy chủ" in await answer.text()
        assert "Set-Cookie" not in answer.headers


async def test_the_published_password_opens_nothing_through_a_proxy_that_names_nobody(
    new_client: Making, services: Services
) -> None:
    await services.store.accounts.set_password("secre-nam-po", await hash_password(DEMO_PASSWORD))
    client = await new_client()
    async with ClientSession(version=HttpVersion10) as proxy:
        form = {"login": "secretary.nam-po", "password": DEMO_PASSWORD}
        answer = await proxy.post(client.make_url("/signin"), data=form, allow_redirects=False)
        assert answer.status == 403


@AS_ROOT
async def test_the_published_password_opens_nothing_to_another_user_s_forwarder_of_bytes(
    new_client: Making, services: Services
) -> None:
    await services.store.accounts.set_password("secre-nam-po", await hash_password(DEMO_PASSWORD))
    client = await new_client()

    def theirs(found: AddrInfoType) -> socket.socket:
        return socket_of(NOBODY, found[0])

    async with ClientSession(connector=TCPConnector(socket_factory=theirs)) as forwarder:
        form = {"login": "secretary.nam-po", "password": DEMO_PASSWORD}
        answer = await forwarder.post(client.make_url("/signin"), data=form, allow_redirects=False)
        assert answer.status == 403
        assert "cùng tài khoản hệ điều hành" in await answer.text()
