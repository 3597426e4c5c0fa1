"""Calendars at secret addresses, as programs of other people read them."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import logging
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import recurring_ical_events
from icalendar import Calendar

from confhub.config import Settings
from confhub.desks import agreements as agreement_desk
from confhub.desks import grants
from confhub.desks import meetings as desk
from confhub.people.actor import Actor
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import Said
from confhub.planning.ical import calendar
from tests.web.browser import NOON, Clock, SignedIn, WebClient, submit
from tests.web.meeting_pages import ROOMS, schedule
from web import paces
from web.api import feeds
from web.api.feeds import PULL
from web.services import Services

DAY = dt.date(2026, 12, 2)


async def made(browser: WebClient, **of: str) -> str:
    """The path of a new address."""
    answer = await submit(browser, "/account/feeds", of)
    assert answer.status == 200, await answer.text()
    found = re.search(r'value="http://[^/]+(/calendar/[^"]+)"', await answer.text())
    assert found is not None
    return found[1]


async def read(browser: WebClient, path: str) -> Calendar:
    answer = await browser.get(path)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "text/calendar"
    return Calendar.from_ical(await answer.read())


def stored_in(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


def khal(config: Path, *words: str) -> str:
    done = subprocess.run(
        ["khal", "-c", str(config), *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def titles(shown: Calendar) -> list[str]:
    return [str(event["SUMMARY"]) for event in recurring_ical_events.of(shown).at(DAY)]


async def test_a_feed_tells_what_its_account_sees_and_no_more(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    district = await signed_in("secretary", "nam-po")
    meeting = await schedule(
        district, services, sites=ROOMS["cha-nua"], note="Mang theo báo cáo", title="Giao ban; tuần"
    )
    path = await made(district)
    shown = await read(client, path)  # no cookie
    (event,) = shown.walk("VEVENT")
    assert titles(shown) == ["Giao ban; tuần"]
    assert event["DTSTART"].dt.isoformat() == "2026-12-02T08:00:00+07:00"
    assert event["LOCATION"] == "Phòng họp Huyện Nậm Pồ"
    told = (await (await client.get(path)).read()).decode()
    assert "join/" not in told
    assert "Mang theo" not in told
    assert "Chà Nưa" not in told  # who is invited
    commune = await signed_in("site", "si-pha")
    assert titles(await read(client, await made(commune))) == []
    links = await services.store.links.latest(meeting.id)
    assert not any(services.tokens.sign(link) in told for link in links)


async def test_a_feed_says_whose_time_is_not_confirmed_and_when_it_was(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    now = services.clock().astimezone(services.zone)
    rule = Rule("nam-po", "dien-bien")
    await agreement_desk.set_rule(services.store, Actor(now), "nam-po", rule)
    district = await signed_in("secretary", "nam-po")
    meeting = await schedule(district, services)
    path = await made(district)
    (before,) = (await read(district, path)).walk("VEVENT")
    assert before["STATUS"] == "TENTATIVE"
    assert "Chờ xác nhận giờ" in before["DESCRIPTION"]
    clock.pass_by(minutes=1)
    later = Actor(services.clock().astimezone(services.zone))
    await agreement_desk.answer(services.store, later, meeting.id, 1, Said("confirm"))
    (after,) = (await read(district, path)).walk("VEVENT")
    assert after["STATUS"] == "CONFIRMED"
    assert "xác nhận" not in after["DESCRIPTION"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt


async def test_feeds_of_a_unit_and_of_a_site_hold_their_meetings(
    signed_in: SignedIn, services: Services
) -> None:
    district = await signed_in("secretary", "nam-po")
    await schedule(district, services, sites=ROOMS["cha-nua"])
    for of, there in (
        ({"unit": "cha-nua"}, True),
        ({"unit": "si-pha"}, False),
        ({"site": "cha-nua-room"}, True),
        ({"site": "si-pha-room"}, False),
    ):
        assert bool(titles(await read(district, await made(district, **of)))) is there, of
    for of in ({"unit": "lai-chau"}, {"site": "lai-chau-room"}, {"unit": "nothing"}):
        assert (await submit(district, "/account/feeds", of)).status == 404, of


async def test_a_change_has_the_same_uid_a_later_sequence_and_another_tag(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, sites=ROOMS["cha-nua"])
    path = await made(browser)
    first = await browser.get(path)
    tag = first.headers["ETag"]
    again = await browser.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status, await again.read()) == (304, b"")
    (before,) = Calendar.from_ical(await first.read()).walk("VEVENT")
    await desk.cancel(services.store, Actor(NOON), meeting.id, meeting.version, "Mưa lũ")
    changed = await browser.get(path, headers={"If-None-Match": tag})
    assert changed.status == 200
    (after,) = Calendar.from_ical(await changed.read()).walk("VEVENT")
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["STATUS"] == "CANCELLED"
    assert after["DTSTAMP"].dt == NOON


async def test_an_address_is_shown_once_and_can_be_made_anew_and_ended(
    signed_in: SignedIn, client: WebClient
) -> None:
    browser = await signed_in("secretary", "nam-po")
    old = await made(browser, unit="cha-nua")
    page = await (await browser.get("/account/feeds")).text()
    assert old not in page
    (feed_id,) = re.findall(r"/account/feeds/(\w+)/renew", page)
    stranger = await signed_in("secretary", "cha-nua")
    for name in ("renew", "end"):
        assert (await submit(stranger, f"/account/feeds/{feed_id}/{name}", {})).status == 404
    renewed = await (await submit(browser, f"/account/feeds/{feed_id}/renew", {})).text()
    (new,) = re.findall(r'value="http://[^/]+(/calendar/[^"]+)"', renewed)
    assert (await client.get(old)).status == 404
    assert (await client.get(new)).status == 200
    (feed_id,) = re.findall(r"/account/feeds/(\w+)/renew", renewed)
    assert (await submit(browser, f"/account/feeds/{feed_id}/end", {})).status == 303
    assert (await client.get(new)).status == 404


async def test_a_right_that_ended_ends_what_an_address_tells(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    browser = await signed_in("secretary", "nam-po")
    path = await made(browser)
    assert (await client.get(path)).status == 200
    await grants.end(services.store, Actor(NOON), "secre-nam-po", NOON)
    answer = await client.get(path)
    assert answer.status == 404
    assert (await answer.json())["code"] == "not_found"


async def test_a_secret_is_stored_nowhere_and_stands_in_no_log(
    signed_in: SignedIn, services: Services, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = await signed_in("secretary", "nam-po")
    path = await made(browser)
    secret = path.rpartition("/")[2]
    for asked in (path, f"{path}/", f"{path}x", f"{path}?a=1"):
        await browser.get(asked)
    # The test's own server has a log that ours has not (web/requests/access_log.py).
    said = [one.getMessage() for one in caplog.records if one.name != "aiohttp.access"]
    assert secret not in "\n".join(said)
    assert secret.encode() not in stored_in(Path(settings.data_dir))


async def test_a_calendar_of_other_peoples_making_shows_it(
    signed_in: SignedIn, services: Services, tmp_path: Path
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, sites=ROOMS["cha-nua"])
    body = await (await browser.get(await made(browser))).read()
    (tmp_path / "feed.ics").write_bytes(body)
    config = tmp_path / "khal.conf"
    config.write_text(
        f"[calendars]\n[[hop]]\npath = {tmp_path / 'hop'}\n"
        "[locale]\nlocal_timezone = Asia/Ho_Chi_Minh\ndefault_timezone = Asia/Ho_Chi_Minh\n"
        "timeformat = %H:%M\ndateformat = %d/%m/%Y\nlongdateformat = %d/%m/%Y\n"
        "datetimeformat = %d/%m/%Y %H:%M\nlongdatetimeformat = %d/%m/%Y %H:%M\n"
        f"[sqlite]\npath = {tmp_path / 'khal.db'}\n"
    )
    await asyncio.to_thread(
        khal, config, "import", "--batch", "-a", "hop", str(tmp_path / "feed.ics")
    )
    asked = ("list", "--format", "{start} {end} {title} {location}", "01/12/2026", "7d")
    said = await asyncio.to_thread(khal, config, *asked)
    assert "02/12/2026 08:00 02/12/2026 09:30 Giao ban tháng 12 Phòng họp Huyện Nậm Pồ" in said


async def test_a_secret_address_has_one_pace_and_who_guesses_takes_none_of_it(
    signed_in: SignedIn, client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = await signed_in("secretary", "nam-po")
    path, other = await made(district), await made(district)
    askers = iter(f"198.51.100.{number}" for number in range(1, 255))
    monkeypatch.setattr(paces, "client_address", lambda _: next(askers))
    for _ in range(PULL.burst + 5):
        assert (await client.get("/calendar/abc")).status == 404
    answers = [(await client.get(path)).status for _ in range(PULL.burst + 1)]
    assert answers == [200] * PULL.burst + [429]
    assert (await client.get(other)).status == 200


async def test_who_has_what_stands_is_told_so_without_its_being_made(
    signed_in: SignedIn, services: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, sites=ROOMS["cha-nua"])
    path = await made(browser)
    count = 0

    def counted(*of: Any) -> bytes:
        nonlocal count
        count += 1
        return calendar(*of)

    monkeypatch.setattr(feeds, "calendar", counted)
    tag = (await browser.get(path)).headers["ETag"]

    async def asked_again() -> int:
        return (await browser.get(path, headers={"If-None-Match": tag})).status

    await signed_in("secretary", "si-pha")  # which changes no calendar
    assert (await asked_again(), count) == (304, 1)
    assert (await browser.get(path)).status == 200  # who has nothing is given it
    await desk.cancel(services.store, Actor(NOON), meeting.id, meeting.version, "Mưa lũ")
    assert (await asked_again(), count) == (200, 3)
    tag = (await browser.get(path)).headers["ETag"]
    assert (await asked_again(), count) == (304, 4)
    clock.pass_by(days=1)  # other meetings are near, units may have other names
    assert (await asked_again(), count) == (304, 5)


async def test_a_tag_is_believed_for_some_minutes_only(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, sites=ROOMS["cha-nua"])
    path = await made(browser)
    tag = (await browser.get(path)).headers["ETag"]
    # Past the desk, so that nothing of it is on record.
    await services.store.meetings.update(dataclasses.replace(meeting, title="Họp khác"))
    clock.pass_by(seconds=feeds.BELIEVED.total_seconds() - 1)
    assert (await browser.get(path, headers={"If-None-Match": tag})).status == 304
    clock.pass_by(seconds=1)
    again = await browser.get(path, headers={"If-None-Match": tag})
    assert (again.status, "Họp khác" in await again.text()) == (200, True)


async def test_an_act_that_is_put_on_record_behind_a_later_one_is_seen(services: Services) -> None:
    audit = services.store.audit

    async def is_seen(action: str, at: dt.datetime) -> bool:
        before = await audit.newest(NOON)
        await audit.write(action, at=at)
        return await audit.newest(NOON) != before

    assert await is_seen("meeting.changed", NOON)
    assert not await is_seen("signin.failed", NOON)
    assert not await is_seen("attendance.left_open", NOON)
    assert await is_seen("meeting.changed", NOON - dt.timedelta(minutes=5))
    # A hub whose clock is wrong hides no act that comes after it.
    assert await is_seen("meeting.changed", NOON + dt.timedelta(days=30))
    assert await is_seen("meeting.cancelled", NOON)
