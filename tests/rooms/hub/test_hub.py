"""Rooms over real sockets, store and bus: seats that come back, news, leases, records."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

from confhub.bus import news
from confhub.bus.interface import Bus
from confhub.bus.local import LocalBus
from confhub.desks.rooms import end_left_open
from confhub.meetings.ownership import Fence
from confhub.people.actor import Actor
from confhub.store import Store
from rooms.hub.ownership import new_hub
from rooms.running.clock import steady_clock
from rooms.state.room import RECONNECT_GRACE_S
from tests import waiting
from tests.rooms.conftest import NewHouse
from tests.rooms.fakes import FakeConference
from tests.rooms.house import MEETING, PATIENCE_S, House, meeting, secretary, site_seat, until
from tests.statuses import set_status


class Time:
    """The hub's clock, that a test may push on."""

    def __init__(self) -> None:
        self._steady = steady_clock()
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return self._steady() + self.ahead_s


async def test_everybody_sees_who_comes_and_what_they_do(house: House) -> None:
    chair, _ = await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    await chair.member("s-xa", presence="present", microphone=False)
    await page.send("microphone", on=True)
    await chair.member("s-xa", microphone=True)
    await page.send("hand", raised=True)
    view = await chair.member("s-xa")
    assert view["hand_at"] is not None


async def test_a_late_comer_gets_the_present_layout_and_hands(house: House) -> None:
    driver, _ = await house.join(secretary())
    page, _ = await house.join(site_seat("xa"))
    await page.send("hand", raised=True)
    await driver.member("s-xa", presence="present")
    await driver.send("layout", mode="single", focus="s-tinh")
    await driver.expect("room")
    _, welcome = await house.join(site_seat("tinh"))
    assert welcome["room"]["layout"] == {"mode": "single", "focus": "s-tinh"}
    views = {m["id"]: m for m in welcome["members"]}
    assert views["s-xa"]["hand_at"] is not None
    assert views["a-thuky"]["role"] == "secretary"


async def test_a_microphone_is_off_at_the_hub_until_switched_on(
    house: House, conference: FakeConference
) -> None:
    driver, _ = await house.join(secretary())
    page, _ = await house.join(site_seat("xa"))
    assert conference.muted["s-xa", "microphone"] is True
    await page.send("microphone", on=True)
    await driver.member("s-xa", microphone=True)
    assert conference.muted["s-xa", "microphone"] is False
    await driver.send("mute", member="s-xa")
    await page.expect("muted", source="microphone")
    await driver.member("s-xa", microphone=False)
    assert conference.muted["s-xa", "microphone"] is True


async def test_a_lost_page_resumes_its_seat_switches_and_media(
    house: House, conference: FakeConference
) -> None:
    chair, _ = await house.join(site_seat("huyen"))
    page, welcome = await house.join(site_seat("xa"))
    await page.expect("offer")
    await page.send("microphone", on=True)
    await page.send("hand", raised=True)
    raised = await chair.member("s-xa", microphone=True)
    await page.socket.close()
    await chair.member("s-xa", presence="reconnecting", microphone=True)
    again = await house.page(site_seat("xa"))
    second = await again.hello(resume=welcome["resume"])
    assert second["resumed"] is True
    assert second["resume"] == welcome["resume"]
    assert conference.removed == []
    back = await chair.member("s-xa", presence="present")
    assert back["microphone"] is True
    assert back["hand_at"] is not None
    assert raised["hand_at"] in (None, back["hand_at"])
    # The offer that nobody answered is made again under a new id.
    assert (await again.expect("offer"))["offer_id"] == 2


async def test_a_new_page_of_the_seat_starts_with_new_media_and_switches_off(
    house: House, conference: FakeConference
) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.expect("offer")
    await page.send("microphone", on=True)
    await page.member("s-xa", microphone=True)
    other, welcome = await house.join(site_seat("xa"))
    assert welcome["resumed"] is False
    assert conference.removed == ["s-xa"]
    mine = next(m for m in welcome["members"] if m["id"] == "s-xa")
    assert mine["microphone"] is False
    await page.expect("closed", reason="replaced", retry=False)
    assert await page.closed() == 4001
    await other.send("ping", at=1)
    await other.expect("pong")


async def test_the_replaced_socket_has_no_say_any_more(house: House) -> None:
    first, welcome = await house.join(site_seat("xa"))
    second = await house.page(site_seat("xa"))
    assert (await second.hello(resume=welcome["resume"]))["resumed"] is True
    await first.expect("closed", reason="replaced")
    await first.closed()
    await second.send("hand", raised=True)
    assert (await second.member("s-xa"))["presence"] == "present"


async def test_a_seat_is_empty_after_its_grace(
    new_house: NewHouse, conference: FakeConference, store: Store
) -> None:
    clock = Time()
    house = await new_house(clock=clock)
    chair, _ = await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    await page.expect("offer")
    await page.socket.close()
    await chair.member("s-xa", presence="reconnecting")
    clock.ahead_s = RECONNECT_GRACE_S
    await chair.send("hand", raised=True)  # wakes the loop, whose sleep is on the real clock
    await chair.member("s-xa", presence="absent")
    assert conference.removed == ["s-xa"]

    async def stay_is_closed() -> bool:
        stays = await store.rooms.attendance(MEETING)
        return any(s.member_id == "s-xa" and s.reason == "lost" for s in stays)

    await waiting.until(stay_is_closed)


async def test_leaving_gives_up_the_seat_at_once(house: House) -> None:
    chair, _ = await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    await page.send("leave")
    await page.expect("closed", reason="left", retry=False)
    assert await page.closed() == 1000
    await chair.member("s-xa", presence="left")


async def test_an_officer_s_seat_comes_and_goes(house: House) -> None:
    chair, welcome = await house.join(site_seat("huyen"))
    assert len(welcome["members"]) == 3
    driver, _ = await house.join(secretary())
    await chair.member("a-thuky", presence="present")
    await driver.send("leave")
    await chair.expect("member_gone", member="a-thuky")


async def test_a_changed_meeting_changes_seats(house: House, store: Store) -> None:
    chair, _ = await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    await until_live(store)
    now = await store.meetings.get(MEETING)
    changed = dataclasses.replace(now, title="Họp khẩn", sites=("tinh", "huyen"))
    await store.meetings.update(changed)
    await house.announce("changed")
    await page.expect("closed", reason="removed", retry=False)
    await chair.expect("member_gone", member="s-xa")
    assert (await chair.expect("room"))["room"]["title"] == "Họp khẩn"


async def test_a_site_invited_a_moment_ago_may_join_before_the_news(
    house: House, store: Store
) -> None:
    await store.meetings.update(meeting(sites=("tinh", "huyen")))
    chair, welcome = await house.join(site_seat("huyen"))
    assert [m["id"] for m in welcome["members"]] == ["s-tinh", "s-huyen"]
    await until_live(store)
    now = await store.meetings.get(MEETING)
    await store.meetings.update(dataclasses.replace(now, sites=("tinh", "huyen", "xa")))
    await house.join(site_seat("xa"))
    await chair.member("s-xa", presence="present")


async def test_a_cancelled_meeting_sends_everybody_home(house: House, store: Store) -> None:
    page, _ = await house.join(site_seat("xa"))
    await set_status(store, MEETING, "cancelled", "bão")
    await house.announce("cancelled")
    await page.expect("closed", reason="ended", retry=False)
    await until(lambda: not house.hub.live())
    late = await house.page(site_seat("xa"))
    await late.send("hello", version=1)
    await late.expect("closed", reason="ended", retry=False)


async def test_the_secretary_ends_the_meeting_for_all_and_it_is_on_record(
    house: House, store: Store
) -> None:
    page, _ = await house.join(site_seat("xa"))
    driver, _ = await house.join(secretary())
    await until_live(store)
    await page.send("end")
    await page.expect("problem", code="forbidden", about="end")
    await driver.send("end")
    await page.expect("closed", reason="ended", retry=False)
    await driver.expect("closed", reason="ended")
    await house.hub.close()  # everything is written
    assert (await store.meetings.get(MEETING)).status == "ended"
    acts = {(a.action, a.account_id) for a in await store.audit.recent(10, MEETING)}
    assert acts == {("meeting.live", ""), ("meeting.ended", "thuky")}
    stays = await store.rooms.attendance(MEETING)
    assert {(s.member_id, s.reason) for s in stays} == {("s-xa", "ended"), ("a-thuky", "ended")}
    assert all(s.left_at is not None for s in stays)


async def until_live(store: Store) -> None:
    """Until the journal has noted that somebody came."""

    async def is_live() -> bool:
        return (await store.meetings.get(MEETING)).status == "live"

    await waiting.until(is_live)


async def test_a_restarted_hub_gives_back_seats_hands_switches_and_layout(
    new_house: NewHouse, store: Store
) -> None:
    first = await new_house()
    driver, _ = await first.join(secretary())
    page, before = await first.join(site_seat("xa"))
    await page.send("microphone", on=True)
    await page.send("hand", raised=True)
    await driver.send("layout", mode="grid")
    await page.expect("room")
    await waiting.until(lambda: _is_saved(store))
    # The old hub is not asked anything: what is in the store is all the new one has.
    second = await new_house(before=first.me.id)
    again = await second.page(site_seat("xa"))
    welcome = await again.hello(resume=before["resume"])
    assert welcome["resumed"] is False
    assert welcome["room"]["layout"]["mode"] == "grid"
    views = {m["id"]: m for m in welcome["members"]}
    assert views["s-xa"]["presence"] == "present"
    assert views["s-xa"]["microphone"] is True  # the page lived on and sends as before
    assert views["s-xa"]["hand_at"] is not None
    assert views["a-thuky"]["presence"] == "reconnecting"
    await again.expect("offer", offer_id=1)


async def _is_saved(store: Store) -> bool:
    """Whether the last snapshot holds all that was done above."""
    saved = await store.rooms.snapshot(MEETING)
    return saved is not None and b'"grid"' in saved and b'"hand_at"' in saved


async def test_a_second_hub_names_the_hub_that_runs_the_room(new_house: NewHouse) -> None:
    first = await new_house(hub=new_hub("hub-tinh"))
    await first.join(site_seat("huyen"))
    second = await new_house(hub=new_hub("hub-huyen"))
    page = await second.page(site_seat("xa"))
    await page.send("hello", version=1)
    closed = await page.expect("closed", reason="stopping", retry=True)
    assert "hub-tinh" in closed["message"]


async def test_an_empty_room_closes_and_opens_again(new_house: NewHouse) -> None:
    house = await new_house(idle_s=0.05)
    page, _ = await house.join(site_seat("xa"))
    assert [(r.meeting_id, r.present, r.seats) for r in house.hub.live()] == [(MEETING, 1, 3)]
    await page.send("leave")
    await page.closed()
    await until(lambda: not house.hub.live())
    _, welcome = await house.join(site_seat("xa"))
    assert next(m for m in welcome["members"] if m["id"] == "s-xa")["presence"] == "present"


async def test_the_board_hears_of_sites_and_not_of_officers(house: House, bus: Bus) -> None:
    async with bus.subscribe(news.QUALITY_TOPIC) as payloads:
        await house.join(secretary())
        page, _ = await house.join(site_seat("xa"))
        await page.send("publish", sdp="v=0", sources={})
        await page.expect("published")
        await page.send("digest", digest={"interval_ms": 5000, "path": {"rtt_ms": -3}})
        await page.socket.close()
        seen: list[news.QualityReport] = []
        async with asyncio.timeout(PATIENCE_S):
            async for payload in payloads:
                seen.append(news.decode_quality(payload))
                last = seen[-1].presence
                if last is not None and not last.connected:
                    break
    assert {report.site_id for report in seen} == {"xa"}
    first = seen[0].presence
    assert first is not None
    assert first.connected
    digest = next(report.digest for report in seen if report.digest)
    assert digest.path.rtt_ms is None


async def test_closing_twice_does_no_harm_and_keeps_the_snapshot(
    house: House, store: Store
) -> None:
    await house.join(site_seat("xa"))
    await house.hub.close()
    await house.hub.close()
    assert await store.rooms.snapshot(MEETING) is not None


async def test_who_stayed_away_until_the_record_ended_the_stay_begins_anew(
    new_house: NewHouse, store: Store
) -> None:
    first = await new_house(lease_s=0.3)
    driver, _ = await first.join(secretary())
    page, before = await first.join(site_seat("xa"))
    await page.send("hand", raised=True)
    await driver.send("layout", mode="grid")
    await waiting.until(lambda: _is_saved(store))
    await store.ownership.leave(first.me.id)  # as if it had died
    house = Actor(dt.datetime.now(dt.UTC))
    assert await end_left_open(store, house, dt.timedelta(0)) == [MEETING]
    second = await new_house(before=first.me.id)
    again = await second.page(site_seat("xa"))
    welcome = await again.hello(resume=before["resume"])
    views = {m["id"]: m for m in welcome["members"]}
    assert views["s-xa"]["hand_at"] is None
    assert "a-thuky" not in views
    await until_staying(store, {"s-xa"})


async def until_staying(store: Store, members: set[str]) -> None:
    async def is_so() -> bool:
        return await store.rooms.staying(MEETING) == members

    await waiting.until(is_so)


async def test_a_hub_whose_room_was_taken_sends_its_pages_there_and_writes_nothing(
    new_house: NewHouse, store: Store
) -> None:
    first = await new_house(lease_s=0.3)
    page, _ = await first.join(site_seat("xa"))
    await until_staying(store, {"s-xa"})
    await store.ownership.leave(first.me.id)
    taken = await store.ownership.take(MEETING, new_hub("hub-2"), 600.0)
    assert taken == Fence(MEETING, 2)
    await page.expect("closed", reason="stopping", retry=True)
    await first.hub.close()
    assert await store.rooms.staying(MEETING) == {"s-xa"}
    assert len(await store.ownership.held()) == 1


async def test_a_room_asks_the_record_when_news_may_have_been_lost(
    house: House, store: Store, bus: LocalBus
) -> None:
    page, _ = await house.join(site_seat("xa"))

    async def is_live() -> bool:
        return (await store.meetings.get(MEETING)).status == "live"

    await waiting.until(is_live)
    changed = dataclasses.replace(await store.meetings.get(MEETING), title="Họp khác")
    await store.meetings.update(changed)  # and nobody tells
    checks = house.checks
    bus.lose_news(news.MEETINGS_TOPIC)
    assert (await page.expect("room"))["room"]["title"] == "Họp khác"
    await until(lambda: house.checks > checks)
