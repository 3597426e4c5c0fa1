"""The doors of a live meeting's socket: who comes in, by what, and who does not."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event

from confhub.bus import news
from confhub.jobs.delivery import Delivery, news_on
from confhub.meetings.meeting import AgendaItem, JoinLink, Meeting
from confhub.people.grant import Grant
from confhub.units.site import Site
from rooms.hub.hub import Limits, RoomHub
from rooms.hub.ownership import new_hub
from tests.rooms.fakes import FakeMedia
from tests.rooms.house import PATIENCE_S, Page
from tests.waiting import until
from tests.web.browser import Clock, WebClient, other_browser, sign_in, submit
from tests.web.meeting_pages import of_nam_po
from web import sockets
from web.app import build_app
from web.routes import SOCKETS
from web.services import Services
from web.wire.shaping import SOCKET_BURST_BYTES, SOCKET_BYTES_S


@dataclasses.dataclass
class Door:
    services: Services
    browser: WebClient
    meeting: Meeting
    link: JoinLink

    @property
    def by_link(self) -> str:
        return f"/join/{self.services.tokens.sign(self.link)}/socket"

    @property
    def by_account(self) -> str:
        return f"/meetings/{self.meeting.id}/socket"

    async def refused(self, path: str, **headers: str) -> int:
        with pytest.raises(WSServerHandshakeError) as refusal:
            await self.browser.ws_connect(path, headers=headers)
        return refusal.value.status

    async def enter(self, path: str) -> tuple[Page, dict[str, object]]:
        origin = str(self.browser.make_url("/")).rstrip("/")
        page = Page(await self.browser.ws_connect(path, headers={"Origin": origin}))
        return page, await page.hello()


@pytest_asyncio.fixture
async def door(services: Services, clock: Clock) -> AsyncIterator[Door]:
    async with opened(services, clock, Limits(heartbeat_s=0.5, check_s=0.5)) as made:
        yield made


@pytest_asyncio.fixture
async def patient_door(services: Services, clock: Clock) -> AsyncIterator[Door]:
    """Asks nobody again of its own accord."""
    async with opened(services, clock, Limits(check_s=3600.0)) as made:
        yield made


@contextlib.asynccontextmanager
async def opened(services: Services, clock: Clock, limits: Limits) -> AsyncIterator[Door]:
    start = clock.now + dt.timedelta(minutes=30)
    meeting = of_nam_po(start, id="m1", title="Giao ban")
    await services.store.meetings.add(meeting)
    links = await services.store.links.ensure(meeting, meeting.ends_at)
    link = next(link for link in links if link.site_id == "cha-nua-room")
    hub = RoomHub(
        store=services.store,
        bus=services.bus,
        media=FakeMedia(),
        hub=new_hub("hub-1"),
        limits=limits,
    )
    await hub.start()
    app = build_app(dataclasses.replace(services, rooms=hub))
    browser: WebClient = TestClient(TestServer(app))
    await browser.start_server()
    yield Door(services, browser, meeting, link)
    await hub.close()
    await browser.close()


async def test_a_site_comes_in_by_its_link(door: Door) -> None:
    page, welcome = await door.enter(door.by_link)
    assert welcome["member"] == "s-cha-nua-room"
    assert (welcome["may_drive"], welcome["may_end"]) == (False, False)
    await page.send("leave")
    assert await page.closed() == 1000


async def test_the_secretary_comes_in_by_account_and_drives(door: Door) -> None:
    await sign_in(door.browser, "secretary.nam-po")
    _, welcome = await door.enter(door.by_account)
    assert welcome["member"] == "a-secre-nam-po"
    assert (welcome["may_drive"], welcome["may_end"]) == (True, True)


async def test_a_foreign_page_is_refused_before_the_upgrade(door: Door) -> None:
    assert await door.refused(door.by_link, Origin="https://evil.example") == 403
    assert await door.refused(door.by_link, Origin="null") == 403


@pytest.mark.parametrize("way", ["by_link", "by_account"])
async def test_asking_again_reads_a_few_rows_of_a_meeting_of_a_thousand_sites(
    services: Services, clock: Clock, way: str
) -> None:
    """A thousand pages ask every minute: of whole meetings that would be a million rows."""
    others = [Site(f"s{n}", "si-pha", f"s-{n}", f"Phòng {n}") for n in range(1000)]
    await services.store.sites.add_many(others)
    async with opened(services, clock, Limits(heartbeat_s=0.5, check_s=0.1)) as door:
        sites = (*door.meeting.sites, *(site.id for site in others))
        agenda = tuple(AgendaItem(f"Mục {n}") for n in range(50))
        meeting = dataclasses.replace(door.meeting, sites=sites, agenda=agenda)
        await services.store.meetings.update(meeting)
        if way == "by_account":
            await sign_in(door.browser, "secretary.nam-po")
        page, _ = await door.enter(door.by_link if way == "by_link" else door.by_account)
        listening = asyncio.create_task(page.closed())
        asked = 0
        rows: list[int] = []

        def note(_connection: object, cursor: object, statement: str, *_rest: object) -> None:
            nonlocal asked
            # Of the link or the sign-in: each check reads it once.
            asked += "FROM join_link" in statement or "FROM sign_in" in statement
            rows.append(len(getattr(cursor, "_rows", ())))

        database: Any = services.store.meetings._database
        for engine in (database._engine, database._aside_engine):
            event.listen(engine.sync_engine, "after_cursor_execute", note)

        async def has_asked(times: int) -> bool:
            return asked >= times

        async def has_begun() -> bool:
            return (await services.store.meetings.get("m1")).status == "live"

        await until(has_begun)  # and has read what it needs by the second question
        asked = 0
        await until(partial(has_asked, 2))
        asked = 0
        rows.clear()
        await until(partial(has_asked, 5))
        listening.cancel()
        assert sum(rows) < 5 * 20
        assert len(rows) < 5 * 20


async def test_a_link_in_a_loop_waits_and_others_come_in(door: Door) -> None:
    answers = [(await door.browser.get(door.by_link)).status for _ in range(SOCKETS.burst + 10)]
    assert answers[: SOCKETS.burst] == [400] * SOCKETS.burst  # no upgrade was asked for
    assert 429 in answers
    await sign_in(door.browser, "secretary.nam-po")
    await door.enter(door.by_account)


async def test_without_a_sign_in_there_is_no_socket(door: Door) -> None:
    origin = str(door.browser.make_url("/")).rstrip("/")
    assert await door.refused(door.by_account, Origin=origin) in (401, 303)


async def test_who_is_not_invited_is_refused(door: Door) -> None:
    await sign_in(door.browser, "site.si-pha")
    assert await door.refused(door.by_account) == 403


async def test_a_forged_a_revoked_and_an_expired_link_are_gone(door: Door, clock: Clock) -> None:
    assert await door.refused("/join/abc.def/socket") == 410
    await door.services.store.links.revoke(door.link.id, clock.now)
    assert await door.refused(door.by_link) == 410
    clock.pass_by(days=2)
    assert await door.refused(door.by_link) == 410


async def test_before_the_doors_open_there_is_no_socket(door: Door, clock: Clock) -> None:
    clock.pass_by(hours=-3)
    assert await door.refused(door.by_link) == 403


async def test_a_link_revoked_during_the_meeting_closes_its_socket(
    door: Door, clock: Clock
) -> None:
    page, _ = await door.enter(door.by_link)
    await door.services.store.links.revoke(door.link.id, clock.now)
    item = news.MeetingNews("m1", "link_revoked", "cha-nua-room")
    await door.services.bus.publish(news.MEETINGS_TOPIC, news.encode(item))
    await page.expect("closed", reason="revoked", retry=False)


async def test_signing_out_elsewhere_closes_the_socket_at_the_next_check(door: Door) -> None:
    await sign_in(door.browser, "secretary.nam-po")
    page, _ = await door.enter(door.by_account)
    await door.services.store.accounts.end_sign_ins("secre-nam-po")
    async with asyncio.timeout(PATIENCE_S):
        await page.expect("closed", reason="revoked")


async def test_a_site_that_is_inside_comes_back_however_late(door: Door, clock: Clock) -> None:
    page, welcome = await door.enter(door.by_link)

    async def is_inside() -> bool:
        inside = await door.services.store.rooms.staying("m1")
        return (
            inside == {"s-cha-nua-room"}
            and (await door.services.store.meetings.get("m1")).status == "live"
        )

    await until(is_inside)
    clock.pass_by(hours=16)  # more than half a day after the planned end
    page.cut()
    again, seat = await door.enter(door.by_link)
    assert seat["member"] == welcome["member"]
    await sign_in(door.browser, "secretary.nam-po")
    driver, _ = await door.enter(door.by_account)
    await again.send("leave")
    await again.closed()

    async def is_empty_of_sites() -> bool:
        return await door.services.store.rooms.staying("m1") == {"a-secre-nam-po"}

    await until(is_empty_of_sites)
    assert await door.refused(door.by_link) == 409
    await driver.send("leave")
    await driver.closed()


async def test_a_plain_request_is_told_that_this_is_a_socket(door: Door) -> None:
    answer = await door.browser.get(door.by_link)
    assert answer.status == 400


async def _set_password(door: Door) -> None:
    async with other_browser(door.browser) as administrator:
        await sign_in(administrator, "admin.nam-po")
        await submit(administrator, "/accounts/secre-nam-po/password", {})


async def _lock(door: Door) -> None:
    form = {"login": "secretary.nam-po", "name": "Thư ký", "role": "secretary", "version": "1"}
    form |= {"unit_id": "nam-po", "language": "vi"}
    async with other_browser(door.browser) as administrator:
        await sign_in(administrator, "admin.nam-po")
        answer = await submit(administrator, "/accounts/secre-nam-po", form)
        assert answer.status == 303, await answer.text()


async def _sign_out(door: Door) -> None:
    await submit(door.browser, "/signout", {})


async def _set_on_the_machine(door: Door) -> None:
    """By a process that shares no bus with the hub: by the record."""
    hub = door.services
    words = ("--data-dir", hub.settings.data_dir, "user", "password", "secretary.nam-po")
    command = (sys.executable, "-m", "confhub", *words, "--generate")
    setting = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    assert await setting.wait() == 0
    look = Delivery(hub.store, news_on(hub.bus), lambda: dt.datetime.now(dt.UTC))
    assert await look.deliver_waiting() > 0


@pytest.mark.parametrize("end", [_set_password, _set_on_the_machine, _lock, _sign_out])
async def test_a_sign_in_that_ends_takes_its_sockets_along_at_once(
    patient_door: Door, end: Callable[[Door], Awaitable[None]]
) -> None:
    await sign_in(patient_door.browser, "secretary.nam-po")
    page, _ = await patient_door.enter(patient_door.by_account)
    await end(patient_door)
    await page.expect("closed", reason="revoked", retry=False)


async def _standing_in(door: Door, ends_at: dt.datetime) -> Page:
    """Chà Nưa's technician stands in for the host's secretary, and is in."""
    grants = door.services.store.grants
    (post,) = await grants.of("secre-nam-po")
    handed = Grant("h", "techn-cha-nua", post.role, post.unit_id, ends_at=ends_at, source=post)
    await grants.add(dataclasses.replace(handed, given_by=post.account_id))
    await sign_in(door.browser, "technician.cha-nua")
    page, welcome = await door.enter(door.by_account)
    assert (welcome["member"], welcome["may_drive"]) == ("a-techn-cha-nua", True)
    return page


async def _take_back(door: Door) -> None:
    async with other_browser(door.browser) as giver:
        await sign_in(giver, "secretary.nam-po")
        answer = await submit(giver, "/account/grants/h/end", {"mode": "now"})
        assert answer.status == 303


@pytest.mark.parametrize("act", [_take_back, _lock])
async def test_a_right_that_is_taken_away_closes_the_socket_at_once(
    patient_door: Door, clock: Clock, act: Callable[[Door], Awaitable[None]]
) -> None:
    page = await _standing_in(patient_door, clock.now + dt.timedelta(days=1))
    await act(patient_door)
    async with asyncio.timeout(PATIENCE_S):
        await page.expect("closed", reason="revoked")


async def test_a_right_that_ends_by_itself_closes_the_socket_at_its_end(
    patient_door: Door, clock: Clock
) -> None:
    end = clock.now + dt.timedelta(seconds=1)
    page = await _standing_in(patient_door, end)
    clock.now = end
    async with asyncio.timeout(PATIENCE_S):
        await page.expect("closed", reason="revoked")


async def test_others_stay_when_an_account_is_locked(patient_door: Door) -> None:
    page, _ = await patient_door.enter(patient_door.by_link)
    await _lock(patient_door)
    await page.send("ping", at=1)
    await page.expect("pong")


async def test_a_link_has_few_sockets_at_once(door: Door) -> None:
    origin = str(door.browser.make_url("/")).rstrip("/")
    opened = [
        await door.browser.ws_connect(door.by_link, headers={"Origin": origin})
        for _ in range(sockets.MOST_BY_OWNER)
    ]
    assert await door.refused(door.by_link, Origin=origin) == 429
    await sign_in(door.browser, "secretary.nam-po")
    page, _ = await door.enter(door.by_account)
    for socket in opened:
        await socket.close()

    async def is_free() -> bool:
        try:
            await (await door.browser.ws_connect(door.by_link, headers={"Origin": origin})).close()
        except WSServerHandshakeError:
            return False
        return True

    await until(is_free)
    await page.socket.close()


async def test_an_address_has_so_many_sockets_whoever_they_are(
    services: Services, clock: Clock
) -> None:
    settings = msgspec.structs.replace(services.settings, connections_per_address=2)
    few = dataclasses.replace(services, settings=settings)
    async with opened(few, clock, Limits(check_s=3600.0)) as door:
        await sign_in(door.browser, "secretary.nam-po")
        for path in (door.by_link, door.by_account):
            await door.enter(path)
        origin = str(door.browser.make_url("/")).rstrip("/")
        assert await door.refused(door.by_account, Origin=origin) == 429


async def test_a_room_reads_its_sockets_at_a_bounded_rate(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[tuple[int, int]] = []

    class Connection:
        def limit(self, bytes_s: int, burst: int) -> None:
            limits.append((bytes_s, burst))

    monkeypatch.setattr(sockets, "shaped_of", lambda _request: Connection())
    page, _ = await door.enter(door.by_link)
    assert limits == [(SOCKET_BYTES_S, SOCKET_BURST_BYTES)]
    await page.send("leave")
    assert await page.closed() == 1000


async def test_a_flood_of_pongs_closes_the_socket(door: Door) -> None:
    page, _ = await door.enter(door.by_link)
    with contextlib.suppress(ConnectionError):
        for _ in range(1000):
            await page.socket.pong()
    assert await page.closed() is not None
    assert await door.browser.get("/healthz")
