"""Sign-ins: opaque, rotated, ended, and bound to an account that still stands."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import hashlib
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import event

from confhub.errors import Forbidden, Unavailable
from confhub.meetings.tokens import Signer
from confhub.people.account import Account, SignIn
from confhub.people.grant import post_of
from confhub.people.powers import Held
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
from web.requests.viewer import Viewer
from web.services import Services

SECURE = {"public_origin": "https://hop.dienbien.example"}


async def is_in(browser: object, **cookies: str) -> bool:
    answer = await browser.get("/", cookies=cookies, allow_redirects=False)  # type: ignore[attr-defined]
    return bool(answer.status == 200)


async def test_the_cookie_says_nothing_and_the_store_holds_only_its_hash(
    signed_in: SignedIn, services: Services
) -> None:
    secret = str(cookie(await signed_in("secretary", "nam-po"), "confhub"))
    # 256 bits and the account's mark in base64, and our signature.
    assert len(secret) == 54 + 1 + 43
    digest = hashlib.sha256(secret.encode()).hexdigest()
    found = await services.store.accounts.sign_in(digest, services.clock())
    assert found is not None
    assert found[1].login == "secretary.nam-po"
    assert await services.store.accounts.sign_in(secret, services.clock()) is None


def asked_of_the_store(services: Services) -> list[str]:
    """Every statement from now on, but for what the delivery of news asks by itself."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        task = asyncio.current_task()
        if task is None or task.get_name() not in ("outbox", "claim"):
            asked.append(statement)

    engine = services.store.accounts._database._engine  # type: ignore[attr-defined]
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    return asked


async def test_a_cookie_that_we_never_made_costs_the_store_nothing(
    client: WebClient, services: Services
) -> None:
    foreign = Signer(b"x" * 32, "sign-in 1").sign(b"y" * 32)
    device = services.tokens.devices.sign(b"y" * 32)
    asked = asked_of_the_store(services)
    for secret in ("aaaa", "A" * 43, foreign, device, f"{foreign[:-1]}A", "a" * 4000, "é.é"):
        for path in ("/", "/meetings/m1/socket", "/accounts", "/signin"):
            answer = await client.get(path, cookies={"confhub": secret}, allow_redirects=False)
            assert answer.status < 500
    assert asked == []


async def test_the_cookie_of_an_ended_sign_in_is_looked_up_once_a_minute(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await services.store.accounts.end_sign_ins("secre-nam-po")
    asked = asked_of_the_store(services)
    for _ in range(5):
        assert not await is_in(browser)
    once = len(asked)
    assert 0 < sum("sign_in" in statement for statement in asked) == 1
    clock.pass_by(seconds=61)
    assert not await is_in(browser)
    assert len(asked) == 2 * once


async def test_scripts_and_other_sites_cannot_use_the_cookie(new_client: Making) -> None:
    answer = await sign_in(await new_client(), "secretary.nam-po")
    sent = SimpleCookie(answer.headers["Set-Cookie"])["confhub"]
    assert (sent["httponly"], sent["samesite"], sent["path"]) == (True, "Lax", "/")
    assert sent["domain"] == ""


async def test_over_tls_every_cookie_is_secure_and_the_sign_in_is_bound_to_the_host(
    new_client: Making,
) -> None:
    answer = await sign_in(await new_client(**SECURE), "secretary.nam-po")
    cookies = SimpleCookie()
    for header in answer.headers.getall("Set-Cookie"):
        cookies.load(header)
    assert set(cookies) == {"__Host-confhub", "confhub-device"}
    assert all(morsel["secure"] and morsel["httponly"] for morsel in cookies.values())


async def test_signing_in_changes_the_secret_and_ends_the_one_before(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    before = str(cookie(browser, "confhub"))
    await sign_in(browser, "secretary.nam-po")
    after = str(cookie(browser, "confhub"))
    assert before != after
    assert await is_in(browser, confhub=after)
    assert not await is_in(browser, confhub=before)


async def test_a_secret_planted_before_signing_in_is_worth_nothing(new_client: Making) -> None:
    browser = await new_client()
    await browser.post(
        "/signin",
        data={"login": "secretary.nam-po", "password": PASSWORD},
        cookies={"confhub": "planted"},
        allow_redirects=False,
    )
    assert cookie(browser, "confhub") != "planted"
    assert not await is_in(browser, confhub="planted")


async def test_a_sign_in_ends_after_a_working_day(signed_in: SignedIn, clock: Clock) -> None:
    browser = await signed_in("secretary", "nam-po")
    secret = str(cookie(browser, "confhub"))
    clock.pass_by(hours=11, minutes=59)
    assert await is_in(browser, confhub=secret)
    clock.pass_by(minutes=1)
    assert not await is_in(browser, confhub=secret)


async def test_locking_an_account_signs_it_out_everywhere(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    account = await services.store.accounts.get("secre-nam-po")
    await services.store.accounts.update(dataclasses.replace(account, active=False))
    assert not await is_in(browser)


async def test_a_changed_role_and_unit_hold_from_the_next_page(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "dien-bien")
    assert (await browser.get("/accounts")).status == 200
    account = await services.store.accounts.get("admin-dien-bien")
    changed = dataclasses.replace(account, role="secretary", unit_id="cha-nua")
    await services.store.accounts.update(changed)
    assert (await browser.get("/accounts")).status == 403
    assert "Xã Chà Nưa" in await (await browser.get("/")).text()


async def test_changing_ones_password_ends_every_other_sign_in(signed_in: SignedIn) -> None:
    here, there = await signed_in("secretary", "nam-po"), await signed_in("secretary", "nam-po")
    before = str(cookie(here, "confhub"))
    wanted = "mot cau de nho hon"
    form = {"present": PASSWORD, "password": wanted, "password_again": wanted}
    answer = await submit(here, "/account/password", form)
    assert answer.status == 303
    assert await is_in(here)
    assert not await is_in(here, confhub=before)
    assert not await is_in(there)


async def test_last_seen_is_written_once_a_minute(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    digest = hashlib.sha256(str(cookie(browser, "confhub")).encode()).hexdigest()

    async def seen_at() -> dt.datetime:
        found = await services.store.accounts.sign_in(digest, clock.now)
        assert found is not None
        return found[0].last_seen_at

    start = await seen_at()
    clock.pass_by(seconds=59)
    await csrf(browser)
    assert await seen_at() == start
    clock.pass_by(seconds=1)
    await csrf(browser)
    assert await seen_at() == clock.now


def test_a_right_holds_in_the_units_below_and_nowhere_else() -> None:
    now = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    account = Account("a", "a", "A", "admin", "nam-po")
    held = (Held(post_of(account), ()),)
    viewer = Viewer(held, account, SignIn("s", "a", "", now, now, now))
    assert viewer.may("manage_accounts", ["central", "dien-bien", "nam-po"])
    assert viewer.may("manage_accounts", ["central", "dien-bien", "nam-po", "cha-nua"])
    assert not viewer.may("manage_accounts", ["central", "dien-bien"])
    assert not viewer.may("manage_accounts", ())
    with pytest.raises(Forbidden):
        viewer.require("manage_accounts", ["central", "lai-chau"])


async def test_who_is_signed_in_stays_so_while_nothing_can_be_written(
    signed_in: SignedIn, services: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")

    async def fail(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(services.store.accounts, "touch", fail)
    clock.pass_by(minutes=2)
    assert await is_in(browser)
