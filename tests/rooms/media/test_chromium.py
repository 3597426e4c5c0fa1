"""Real Chromium pages send to and receive from the router over loopback."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rooms.media.events import MediaEvent, OfferNeeded, SpeakersChanged, TransportChanged
from rooms.media.router import MediaRouter, local_addresses
from rooms.media.source import Tile
from tests.rooms.media.browser import Member, launch_browser, serve_page, wait_for


class Room:
    """A router, a browser and a conference with as many pages as a test opens."""

    def __init__(self, router: MediaRouter, browser: Any, url: str, events: list[MediaEvent]):
        self.router = router
        self.events = events
        self.conference = router.conference("room")
        self._browser = browser
        self._url = url

    async def open_page(self, member_id: str) -> Member:
        page = await self._browser.new_page()
        await page.goto(self._url)
        return Member(page, self.conference, member_id)

    def states(self, member_id: str, direction: str) -> list[str]:
        return [
            event.state
            for event in self.events
            if isinstance(event, TransportChanged)
            and (event.member_id, event.direction) == (member_id, direction)
        ]


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    events: list[MediaEvent] = []
    router = await MediaRouter.open(addresses=local_addresses(), port=0, on_event=events.append)
    try:
        async with serve_page() as url, launch_browser() as browser:
            yield Room(router, browser, url, events)
    finally:
        await router.close()


def pick(stats: list[dict[str, Any]], stats_type: str, **wanted: Any) -> list[dict[str, Any]]:
    return [
        item
        for item in stats
        if item["type"] == stats_type
        and all(item.get(key) == value for key, value in wanted.items())
    ]


async def shown(member: Member, mid: str) -> dict[str, Any]:
    found = pick((await member.stats())["receive"], "inbound-rtp", mid=mid)
    return found[0] if found else {}


async def is_shown(member: Member, mid: str, height: int, after: int = 0) -> int:
    """Frames decoded, once they have this height and there are more than `after`."""
    item = await shown(member, mid)
    frames: int = item.get("framesDecoded", 0)
    return frames if item.get("frameHeight") == height and frames > after else 0


async def test_a_page_sends_three_layers_and_another_sees_and_hears_it(room: Room) -> None:
    sender, viewer = await room.open_page("a"), await room.open_page("b")
    subscriber = room.conference.subscriber("b")
    subscriber.set_view([Tile("a", "camera", 720)])
    await sender.publish()
    await viewer.subscribe()

    frames = await wait_for(lambda: is_shown(viewer, "v0", 720), "decoded at full height")
    subscriber.set_view([Tile("a", "camera", 160)])
    await wait_for(lambda: is_shown(viewer, "v0", 180, frames + 5), "decoded at thumbnail height")

    async def is_heard() -> bool:
        return bool((await shown(viewer, "a0")).get("totalAudioEnergy", 0) > 0.01)

    await wait_for(is_heard, "audio energy")

    async def upper_layers_send() -> list[dict[str, Any]]:
        stats = pick((await sender.stats())["send"], "outbound-rtp", kind="video")
        sending = [item for item in stats if item["active"] and item.get("framesSent", 0) > 10]
        return sending if len(sending) == 3 else []

    layers = await wait_for(upper_layers_send, "three layers")
    assert {item["rid"]: item["frameHeight"] for item in layers} == {"l": 180, "m": 360, "h": 720}

    async def round_trips() -> bool:
        reports = pick((await sender.stats())["send"], "remote-inbound-rtp")
        return len(reports) == 4 and all("roundTripTime" in report for report in reports)

    await wait_for(round_trips, "the hub's reports on all four streams")
    for member, side in ((sender, "send"), (viewer, "receive")):
        (transport,) = pick((await member.stats())[side], "transport")
        assert transport["srtpCipher"] == "SRTP_AEAD_AES_256_GCM"

    for party in (room.conference.publisher("a"), subscriber):
        agent = party.transport.agent
        assert agent.has_answered  # a check of the hub's own, without which nothing is sent
        assert agent.selected in agent.paths

    now = time.monotonic()
    sent = room.conference.publisher("a").measure(now)
    assert sent.state == "connected"
    assert sent.cipher == "SRTP_AEAD_AES_256_GCM"
    assert sent.rtt_ms is not None
    assert sent.rtt_ms < 200
    received = subscriber.measure(now)
    assert received.rtt_ms is not None
    assert subscriber.line.by_feedback
    assert any(isinstance(event, SpeakersChanged) for event in room.events)
    final = await shown(viewer, "v0")
    assert final["packetsLost"] == 0
    assert final["freezeCount"] == 0
    assert set(room.router.stats().bad_datagrams) <= {"unknown_stream"}  # early probing


async def test_a_slot_changes_its_source_and_the_view_grows_without_a_gap(room: Room) -> None:
    members = [await room.open_page(name) for name in "abc"]
    for member in members[:2]:
        await member.publish()
    viewer = members[2]
    subscriber = room.conference.subscriber("c")
    subscriber.set_view([Tile("a", "camera", 360)])
    await viewer.subscribe()
    frames = await wait_for(lambda: is_shown(viewer, "v0", 360), "the first source")

    subscriber.set_view([Tile("b", "camera", 180)])
    await wait_for(lambda: is_shown(viewer, "v0", 180, frames + 5), "the second in the same slot")
    item = await shown(viewer, "v0")
    assert item["packetsLost"] == 0

    subscriber.set_view(
        [Tile("b", "camera", 180), Tile("a", "camera", 180)]
        + [Tile(f"absent{index}", "camera", 180) for index in range(4)]
    )
    assert room.events.count(OfferNeeded("room", "c")) == 1
    await viewer.subscribe()
    assert len(subscriber.slots()) == 3 + 9
    await wait_for(lambda: is_shown(viewer, "v1", 180), "the first source in another slot")
    assert subscriber.slots()[3].member_id == "b"


async def test_a_cut_line_is_noticed_and_ice_restart_brings_media_back(room: Room) -> None:
    sender, viewer = await room.open_page("a"), await room.open_page("b")
    subscriber = room.conference.subscriber("b")
    subscriber.set_view([Tile("a", "camera", 180)])
    await sender.publish()
    await viewer.subscribe()
    await wait_for(lambda: is_shown(viewer, "v0", 180), "media before the cut")
    before = room.conference.publisher("a").transport.credentials

    port = room.router._port
    port.pause()
    await wait_for(lambda: "disconnected" in room.states("a", "send"), "the cut is noticed")
    port.resume()

    subscriber.restart()
    await sender.republish(restart=True)
    await viewer.subscribe()
    await wait_for(lambda: room.states("a", "send")[-1] == "connected", "sending again")
    await wait_for(lambda: room.states("b", "receive")[-1] == "connected", "receiving again")
    frames = (await shown(viewer, "v0"))["framesDecoded"]
    await wait_for(lambda: is_shown(viewer, "v0", 180, frames + 5), "media after the restart")
    assert room.conference.publisher("a").transport.credentials != before
    assert room.states("a", "send").count("connecting") == 1  # the keys were kept


async def test_pages_that_load_again_take_their_places_with_new_keys(room: Room) -> None:
    sender, viewer = await room.open_page("a"), await room.open_page("b")
    subscriber = room.conference.subscriber("b")
    subscriber.set_view([Tile("a", "camera", 180)])
    await sender.publish()
    await viewer.subscribe()
    frames = await wait_for(lambda: is_shown(viewer, "v0", 180), "media before")

    await sender.page.reload()
    await sender.publish()
    await wait_for(lambda: is_shown(viewer, "v0", 180, frames + 10), "the sender's new streams")

    await viewer.page.reload()
    subscriber.restart()
    await viewer.subscribe()
    await wait_for(lambda: is_shown(viewer, "v0", 180, 5), "decoded by the new page")
    assert (await shown(viewer, "a0"))["packetsReceived"] > 0
