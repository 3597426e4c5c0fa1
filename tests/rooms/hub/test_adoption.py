"""A hub ends, or dies, and media go on: the next one takes charge of what runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from confhub.bus.interface import Bus
from confhub.errors import Unavailable
from confhub.store import Store
from confhub.supervision import ledger
from rooms.hub.adoption import Adoption
from rooms.hub.ownership import new_hub
from rooms.media.events import MediaEvent, Slot
from rooms.media.router import MediaRouter
from rooms.media.running import Receiving, RunningRoom, Sending
from rooms.plane.remote import RemotePlane
from rooms.plane.worker import running_worker
from rooms.state.snapshot import NewerSnapshot
from tests import waiting
from tests.faults import throw_into
from tests.rooms.conftest import NewHouse
from tests.rooms.fakes import FakeConference, FakeMedia
from tests.rooms.house import MEETING, PATIENCE_S, House, secretary, site_seat, until
from tests.rooms.media.peer import Peer
from tests.rooms.plane.planes import nobody, open_router
from tests.rooms.voices import SILENCE_S, enter


class Level:
    """One worker, and the hubs that command it one after another."""

    def __init__(self, store: Store, bus: Bus, path: Path, router: MediaRouter) -> None:
        self.router = router
        self._store = store
        self._bus = bus
        self._path = path
        self._houses: list[tuple[House, RemotePlane]] = []

    async def hub(self) -> House:
        """A hub that follows the one before."""
        before = self._houses[-1][0].me.id if self._houses else ""
        me = new_hub("hub-1")

        def pass_on(event: MediaEvent) -> None:
            house.hub.on_media(event)

        plane = RemotePlane(self._path, me.id, pass_on)
        house = House(self._store, self._bus, plane, hub=me, before=before, media_stay=True)
        await plane.open()
        self._houses.append((house, plane))
        await house.open()
        return house

    async def stop(self) -> None:
        house, plane = self._houses[-1]
        await house.close()
        await plane.close()

    async def kill(self) -> None:
        """As near as one process comes: it says nothing to anybody any more."""
        await self._houses[-1][1].close()

    async def close(self) -> None:
        for house, plane in reversed(self._houses):
            await house.close()
            await plane.close()


@pytest_asyncio.fixture
async def level(store: Store, bus: Bus, tmp_path: Path) -> AsyncIterator[Level]:
    path = tmp_path / "media.sock"
    async with running_worker(path, "worker-1", open_router, nobody) as router:
        made = Level(store, bus, path, router)
        yield made
        await made.close()


def sequences(peer: Peer, source_type: int = 111) -> list[int]:
    """Of the voice that came, in the order of its coming."""
    voices = [data for data in list(peer.rtp) if data[1] & 0x7F == source_type]
    return [int.from_bytes(data[2:4], "big") for data in voices]


@pytest.mark.parametrize("end", [Level.stop, Level.kill])
async def test_not_one_packet_is_lost_while_one_hub_follows_another(
    level: Level, store: Store, end: object
) -> None:
    before = await level.hub()
    commune, its_welcome = await enter(before, "xa")
    district, welcome = await enter(before, "huyen")
    await commune.publish()
    await commune.page.send("microphone", on=True)
    assert await commune.is_heard_by(district)

    async def is_kept() -> bool:
        saved = await store.rooms.snapshot(MEETING)
        if saved is None or saved.count(b"resume_hash") != 2:
            return False
        return b'"microphone":true' in saved  # a crash may lose the last second of switches

    await waiting.until(is_kept, PATIENCE_S)
    talk = asyncio.create_task(commune.talk())
    await (level.stop() if end is Level.stop else level.kill())
    count = len(district.down.rtp)
    await until(lambda: len(district.down.rtp) > count + 10)  # no hub is there

    after = await level.hub()
    back = await after.page(site_seat("xa"))
    assert (await back.hello(resume=its_welcome["resume"]))["resumed"] is True
    other = await after.page(site_seat("huyen"))
    assert (await other.hello(resume=welcome["resume"]))["resumed"] is True
    while not any(slot["member"] == "s-xa" for slot in (await other.expect("slots"))["slots"]):
        pass
    count = len(district.down.rtp)
    await until(lambda: len(district.down.rtp) > count + 10)
    talk.cancel()
    seen = sequences(district.down)
    assert seen == list(range(seen[0], seen[0] + len(seen)))

    driver, _ = await after.join(secretary())
    await driver.send("mute", member="s-xa")
    await back.expect("muted", source="microphone")
    await back.member("s-xa", microphone=False)
    assert not await commune.is_heard_by(district, SILENCE_S)
    await back.send("leave")
    await back.expect("closed", reason="left")
    await until(lambda: "s-xa" not in level.router.conferences[MEETING].publishers)
    for site in (commune, district):
        await site.close()


SLOT = Slot("v0", "video", "s-xa", "camera")


def going_on(*members: str) -> RunningRoom:
    return RunningRoom(
        MEETING,
        {member: Sending("connected", "G", {"camera": ("l",)}) for member in members},
        {member: Receiving("connected", "G", (SLOT,), wants_offer=True) for member in members},
        members[:1],
        members[0],
    )


async def test_a_page_finds_its_slots_layers_speakers_and_the_offer_that_is_due(
    new_house: NewHouse, media: FakeMedia, conference: FakeConference, store: Store
) -> None:
    first = await new_house(media_stay=True)
    _, welcome = await first.join(site_seat("xa"))
    await first.close()
    assert conference.removed == []
    conference.goes_on = going_on("s-xa")
    after = await new_house(before=first.me.id, media_stay=True)
    page = await after.page(site_seat("xa"))
    assert (await page.hello(welcome["resume"]))["resumed"]
    for kind in ("speaking", "slots", "layers", "offer"):
        if kind not in {message["type"] for message in page.seen}:
            await page.expect(kind)


async def test_media_of_whom_the_hub_does_not_expect_back_are_ended(
    new_house: NewHouse, conference: FakeConference
) -> None:
    first = await new_house(media_stay=True)
    await first.join(site_seat("xa"))
    await first.close()
    conference.goes_on = going_on("s-xa", "s-huyen", "p-of-a-device")
    conference.publisher("s-huyen")
    conference.subscriber("p-of-a-device")
    await new_house(before=first.me.id, media_stay=True)  # nobody comes yet
    await until(lambda: len(conference.removed) == 2)
    assert conference.removed == ["s-huyen", "p-of-a-device"]


async def test_a_page_without_its_media_builds_anew(
    new_house: NewHouse, conference: FakeConference
) -> None:
    first = await new_house(media_stay=True)
    _, welcome = await first.join(site_seat("xa"))
    await first.close()
    after = await new_house(before=first.me.id, media_stay=True)
    page = await after.page(site_seat("xa"))
    assert not (await page.hello(welcome["resume"]))["resumed"]


async def test_media_of_a_meeting_that_is_over_are_ended(
    new_house: NewHouse, media: FakeMedia
) -> None:
    gone = media.conference("m-unknown")
    gone.goes_on = going_on("s-xa")
    gone.publisher("s-xa")
    await new_house(media_stay=True)
    await until(lambda: gone.removed == ["s-xa"])


async def test_a_fault_while_the_plane_is_asked_what_goes_on_only_delays_it(
    new_house: NewHouse, media: FakeMedia
) -> None:
    gone = media.conference("m-unknown")
    gone.goes_on = going_on("s-xa")
    gone.publisher("s-xa")
    media.may_answer.clear()
    await new_house(media_stay=True)
    (adopting,) = (item for item in ledger().tasks if item.name == "media adopted")
    await throw_into(adopting)
    media.may_answer.set()
    await until(lambda: gone.removed == ["s-xa"])
    await until(adopting.done)


@pytest.mark.parametrize("failure", [Unavailable, OSError, KeyError])
async def test_a_room_that_cannot_be_opened_yet_holds_up_no_other(
    media: FakeMedia, failure: type[Exception]
) -> None:
    opened: list[str] = []
    failures = {"first": failure()}
    for room in ("first", "second"):
        media.conference(room).goes_on = going_on("s-xa")

    async def find(meeting_id: str) -> None:
        if meeting_id in failures:
            raise failures.pop(meeting_id)
        opened.append(meeting_id)

    adoption = Adoption(media, find)
    with pytest.raises(failure):
        await adoption.run()
    assert opened == ["second"]
    await adoption.run()
    assert opened == ["second", "first"]


async def test_media_of_a_room_that_a_later_version_wrote_are_ended(media: FakeMedia) -> None:
    gone = media.conference("later")
    gone.goes_on = going_on("s-xa")
    gone.publisher("s-xa")

    async def find(meeting_id: str) -> None:
        raise NewerSnapshot

    await Adoption(media, find).run()
    assert gone.removed == ["s-xa"]
