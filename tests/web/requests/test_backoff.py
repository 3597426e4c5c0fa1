"""How guessing slows down, and how it never locks the owner out."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio

from confhub.bus.interface import Bus
from confhub.bus.local import LocalBus
from confhub.bus.redis import RedisBus
from confhub.errors import TooMany
from confhub.meetings.tokens import Signer
from confhub.people import passwords
from confhub.store import accounts
from confhub.store.database import database
from confhub.turns import Turns
from tests.web.browser import NOON, PASSWORD, Clock, Making, SignedIn, csrf, sign_in, submit
from web.requests import backoff
from web.services import Services

SIGNER = Signer(b"k" * 32, "devices")


HASH = "$argon2id$of-thuky"


def attempt(
    login: str = "thuky",
    address: str = "10.0.0.1",
    device: str = "",
    password_hash: str = HASH,
    now: dt.datetime = NOON,
) -> backoff.Attempt:
    return backoff.attempt(login, address, device, SIGNER, password_hash, now)


def test_the_wait_doubles_and_is_capped() -> None:
    waits = [backoff.ACCOUNT.delay_s(tries) for tries in range(1, 200)]
    assert waits[:10] == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32]
    assert max(waits) == waits[-1] == 300
    assert all(later >= sooner for sooner, later in pairwise(waits))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8:0:ff::1", True),  # one house's /56
        ("2001:db8::1", "2001:db8:0:100::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("", "unknown", False),
    ],
)
def test_addresses_are_counted_by_customer(one: str, other: str, same: bool) -> None:
    keys = attempt(address=one).address_key, attempt(address=other).address_key
    assert (keys[0] == keys[1]) is same


def test_a_known_browser_is_counted_by_itself_for_its_own_login_only() -> None:
    device = backoff.device_token("thuky", HASH, SIGNER, NOON)
    assert attempt(device=device).known
    assert attempt(device=device).account_key != attempt().account_key
    assert not attempt(login="quantri", device=device).known
    assert attempt(device=device + "x").account_key == attempt().account_key
    assert attempt(device="\N{NULL}").account_key == attempt().account_key


def test_a_browser_is_known_until_its_account_has_another_password() -> None:
    device = backoff.device_token("thuky", HASH, SIGNER, NOON)
    assert not attempt(device=device, password_hash="another").known
    assert backoff.device_token("thuky", HASH, SIGNER, NOON, device) == device
    assert backoff.device_token("thuky", "another", SIGNER, NOON, device) != device


def test_a_browser_is_known_for_a_year_after_its_last_sign_in_and_stays_the_same_one() -> None:
    device = backoff.device_token("thuky", HASH, SIGNER, NOON)
    year = dt.timedelta(days=backoff.DEVICE_DAYS)
    assert attempt(device=device, now=NOON + year).known
    assert not attempt(device=device, now=NOON + year + dt.timedelta(days=1)).known
    again = backoff.device_token("thuky", HASH, SIGNER, NOON + year, device)
    later = attempt(device=again, now=NOON + 2 * year)
    assert later.known
    assert later.account_key == attempt(device=device).account_key


@pytest_asyncio.fixture(params=["local", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    made: Bus
    if request.param == "local":
        made = LocalBus(NOON.timestamp)
    else:
        made = RedisBus(request.getfixturevalue("redis_address"))
    yield made
    await made.close()


async def passes(bus: Bus, address: str = "10.0.0.1") -> bool:
    try:
        await backoff.begin(bus, attempt(address=address), NOON)
    except TooMany:
        return False
    return True


async def test_of_tries_sent_together_only_one_passes_each_wait(bus: Bus) -> None:
    passed = sum(await asyncio.gather(*(passes(bus, f"10.0.{n}.1") for n in range(50))))
    assert passed == backoff.ACCOUNT.free + 1


async def test_of_tries_sent_together_from_one_address_no_more_pass(bus: Bus) -> None:
    passed = sum(await asyncio.gather(*(passes(bus) for _ in range(50))))
    assert 1 <= passed <= backoff.ACCOUNT.free + 1


async def test_a_try_that_its_address_stops_begins_no_wait_of_the_account(bus: Bus) -> None:
    elsewhere = [attempt(address=f"10.0.{n}.1") for n in range(1, backoff.ACCOUNT.free + 1)]
    for tried in elsewhere:
        await backoff.begin(bus, tried, NOON)
    here = attempt()
    for n in range(backoff.ADDRESS_FREE):
        await backoff.begin(bus, attempt(login=f"n{n}"), NOON)
    assert here.shared_key is not None
    await bus.hit(f"signin:{here.shared_key}", 60)
    assert await bus.acquire(f"signin-wait:{here.shared_key}", "another", 60)
    assert not await passes(bus)
    assert await passes(bus, "10.0.99.1")


async def test_the_message_names_the_time_in_the_callers_zone(bus: Bus) -> None:
    now = NOON.astimezone(dt.timezone(dt.timedelta(hours=7)))
    for _ in range(backoff.ACCOUNT.free + 1):
        await backoff.begin(bus, attempt(), now)
    with pytest.raises(TooMany) as refusal:
        await backoff.begin(bus, attempt(), now)
    assert "12:00:02" in str(refusal.value)
    assert refusal.value.retry_after_s == 2


async def wrong(browser: object, times: int, login: str = "secretary.nam-po") -> int:
    status = 0
    for _ in range(times):
        status = (await sign_in(browser, login, "sai mat khau")).status  # type: ignore[arg-type]
    return status


async def test_wrong_passwords_make_an_account_wait_and_say_until_when(
    new_client: Making, clock: Clock
) -> None:
    browser = await new_client()
    assert await wrong(browser, 6) == 400
    refused = await sign_in(browser, "secretary.nam-po")
    page = await refused.text()
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "2"
    assert "Xin thử lại lúc 12:00:02 (sau 2 giây)" in page
    assert 'value="secretary.nam-po"' in page
    clock.pass_by(seconds=2)
    assert (await sign_in(browser, "secretary.nam-po")).status == 303


async def test_an_unknown_login_waits_like_a_known_one(new_client: Making) -> None:
    browser = await new_client()
    assert await wrong(browser, 7, "nobody.nam-po") == 429


async def test_another_account_of_the_same_office_does_not_wait(new_client: Making) -> None:
    browser = await new_client()
    assert await wrong(browser, 7) == 429
    assert (await sign_in(browser, "technician.nam-po")).status == 303


async def test_behind_an_address_that_guesses_only_the_logins_it_tried_wait(
    new_client: Making,
) -> None:
    guesser = await new_client()
    for n in range(backoff.ADDRESS_FREE):
        assert await wrong(guesser, 1, f"nobody{n}") == 400
    assert await wrong(guesser, 1, "site.nam-po") == 400
    assert await wrong(guesser, 1, "site.nam-po") == 400
    assert await wrong(guesser, 1, "site.nam-po") == 429
    for login in ("secretary.nam-po", "technician.nam-po", "admin.nam-po"):
        assert (await sign_in(await new_client(), login)).status == 303


async def test_many_known_browsers_guess_no_faster_than_some(
    new_client: Making, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0

    async def count(password_hash: str | None, password: str) -> bool:
        nonlocal looked_at
        looked_at += 1
        return await passwords.verify_password(password_hash, password)

    browsers = []
    for _ in range(10):
        browsers.append(await new_client())
        assert (await sign_in(browsers[-1], "secretary.nam-po")).status == 303
    monkeypatch.setattr("web.pages.people.signin.verify_password", count)
    for browser in browsers:
        await wrong(browser, 4)
    assert looked_at == backoff.DEVICES.free + 1


async def test_who_tries_very_many_logins_waits_and_nobody_elsewhere_does(
    new_client: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0

    async def count(password_hash: str | None, password: str) -> bool:
        nonlocal looked_at
        looked_at += 1
        return password == PASSWORD and await passwords.verify_password(password_hash, password)

    browser = await new_client(trusted_proxies=("127.0.0.1",))
    here, elsewhere = ({"X-Forwarded-For": f"10.0.{n}.1"} for n in range(2))
    known = await new_client(trusted_proxies=("127.0.0.1",))
    assert (await sign_in(known, "admin.nam-po", **here)).status == 303
    monkeypatch.setattr("web.pages.people.signin.verify_password", count)
    tries = [sign_in(browser, f"nobody{n}", "sai mat khau", **here) for n in range(190)]
    statuses = Counter(answer.status for answer in await asyncio.gather(*tries))
    assert looked_at == statuses[400] == backoff.OF_ADDRESS.free + 1, statuses
    assert (await sign_in(browser, "secretary.nam-po", **here)).status == 429
    assert (await sign_in(browser, "secretary.nam-po", **elsewhere)).status == 303
    assert (await sign_in(known, "admin.nam-po", **here)).status == 303


async def test_known_browsers_have_a_line_of_their_own() -> None:
    device, other = (backoff.device_token("thuky", HASH, SIGNER, NOON) for _ in range(2))
    strangers = [attempt(login=f"n{n}", address="2001:db8:0:9::7").place for n in range(9)]
    assert {place[:-1] for place in strangers} == {
        ("address", "2001:db8::/48", "2001:db8::/56", "2001:db8:0:9::/64")
    }
    assert len(set(strangers)) == 9
    known = [attempt(device=value).place for value in (device, other)]
    assert [place[:-1] for place in known] == [("known", "10.0.0.1")] * 2
    assert known[0] != known[1]


async def test_an_account_has_so_many_sign_ins_and_the_oldest_end(
    new_client: Making, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(accounts, "MOST_SIGN_INS", 3)
    browsers = []
    for _ in range(5):
        browsers.append(await new_client())
        clock.pass_by(seconds=1)
        assert (await sign_in(browsers[-1], "secretary.nam-po")).status == 303
    answers = [await browser.get("/", allow_redirects=False) for browser in browsers]
    assert [answer.status for answer in answers] == [303, 303, 200, 200, 200]


async def test_right_passwords_are_taken_off_the_address_again(
    bus: Bus,
) -> None:
    tried = attempt()
    for _ in range(3):
        begun = await backoff.begin(bus, tried, NOON)
        await backoff.succeed(bus, tried, begun)
    assert await bus.hit(f"signin:{tried.address_key}", 60) == 1
    assert await bus.hit(f"signin:{tried.shared_key}", 60) == 1


async def test_a_try_that_was_refused_does_not_count_for_the_address(bus: Bus) -> None:
    at_one = attempt(login="one")
    for _ in range(backoff.ACCOUNT.free + 1):
        await backoff.begin(bus, at_one, NOON)
    later = NOON + dt.timedelta(seconds=2)
    together = [backoff.begin(bus, attempt(login="one"), later) for _ in range(40)]
    results = await asyncio.gather(*together, return_exceptions=True)
    kinds = Counter(type(result) for result in results)
    assert kinds[TooMany] >= 39, kinds
    await backoff.begin(bus, attempt(login="other"), later)
    assert await bus.hit(f"signin:{at_one.address_key}", 60) <= backoff.ACCOUNT.free + 4


@pytest.mark.parametrize(
    ("of_crowd", "of_honest"),
    [
        ("10.0.0.1", "10.0.1.{}"),  # one address
        ("2001:db8:0:{:x}00::1", "2001:db8:{}::1"),  # many houses' networks of one organisation's
    ],
)
async def test_a_crowd_of_one_place_shuts_nobody_else_out(
    new_client: Making, monkeypatch: pytest.MonkeyPatch, of_crowd: str, of_honest: str
) -> None:
    monkeypatch.setattr(passwords, "_TURNS", Turns(1, 8))
    # Each try writes down what became of it, one after another: slower where others use the disk.
    monkeypatch.setattr(database, "POOL_TIMEOUT_S", 60.0)
    browser = await new_client(trusted_proxies=("127.0.0.1",))

    async def come(address: str, login: str, password: str) -> int:
        answer = await sign_in(browser, login, password, **{"X-Forwarded-For": address})
        return answer.status

    crowd = [asyncio.create_task(come(of_crowd.format(n), f"nobody{n}", "x")) for n in range(25)]
    honest = [
        asyncio.create_task(come(of_honest.format(n), login, PASSWORD))
        for n, login in enumerate(("secretary.nam-po", "site.nam-po", "admin.nam-po"), start=1)
    ]
    assert await asyncio.gather(*honest) == [303] * 3
    assert set(await asyncio.gather(*crowd)) <= {400, 429, 503}


async def test_a_stranger_cannot_delay_the_owners_browser(
    signed_in: SignedIn, new_client: Making
) -> None:
    owner, stranger = await signed_in("secretary", "nam-po"), await new_client()
    assert await wrong(stranger, 7) == 429
    assert (await sign_in(owner, "secretary.nam-po")).status == 303


async def test_a_right_password_starts_the_account_afresh(
    new_client: Making, services: Services
) -> None:
    browser = await new_client()
    await wrong(browser, 5)
    assert (await sign_in(browser, "secretary.nam-po")).status == 303
    assert await wrong(await new_client(), 5) == 400


async def test_an_open_desk_is_no_place_to_guess_the_password(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    wanted = "mot cau de nho hon"
    form = {"present": "doan mo", "password": wanted, "password_again": wanted}
    for _ in range(6):
        answer = await submit(browser, "/account/password", form)
        assert answer.status == 400
    answer = await submit(browser, "/account/password", form | {"present": PASSWORD})
    assert "Xin thử lại lúc" in await answer.text()
    assert await csrf(browser)
