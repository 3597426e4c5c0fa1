"""A hub passes descriptions, views and the media plane's news between pages and media."""

from __future__ import annotations

import asyncio

import pytest

from confhub.bus import news
from confhub.bus.interface import Bus
from rooms.media.events import (
    LayersWanted,
    MediaLost,
    Slot,
    SlotsChanged,
    SourcesChanged,
    SpeakersChanged,
    TransportChanged,
)
from tests.rooms.fakes import FakeConference
from tests.rooms.house import MEETING, PATIENCE_S, House, site_seat, until


async def test_sdp_goes_to_the_media_plane_and_back(
    house: House, conference: FakeConference
) -> None:
    page, _ = await house.join(site_seat("xa"))
    offer = await page.expect("offer", offer_id=1)
    await page.send("publish", sdp="v=0 mine", sources={"0": "microphone", "1": "camera"})
    await page.expect("published", sdp="answer 1")
    assert conference.publishers["s-xa"].offers == [
        ("v=0 mine", {"0": "microphone", "1": "camera"})
    ]
    await page.send("answer", offer_id=offer["offer_id"] + 1, sdp="v=0")
    await page.expect("problem", code="stale_answer", about="answer")
    await page.send("answer", offer_id=offer["offer_id"], sdp="v=0 yes")
    await page.send("restart", fresh=True)
    await page.expect("offer", offer_id=2)
    subscriber = conference.subscribers["s-xa"]
    assert (subscriber.answers, subscriber.restarts) == (["v=0 yes"], 1)


async def test_a_bad_description_is_a_problem_and_the_page_may_try_again(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.send("publish", sdp="rubbish", sources={})
    problem = await page.expect("problem", code="bad_description", about="publish")
    assert "line 1" in problem["message"]
    await page.send("publish", sdp="v=0", sources={})
    await page.expect("published")


async def test_a_handshake_that_hangs_holds_up_nothing_else(
    house: House, conference: FakeConference
) -> None:
    hold = asyncio.Event()
    page, _ = await house.join(site_seat("xa"))
    await page.expect("offer")
    conference.publisher("s-xa").hold = hold
    await page.send("publish", sdp="v=0", sources={})
    await page.send("hand", raised=True)
    await page.member("s-xa")
    await page.send("ping", at=4)
    await page.expect("pong", at=4)
    hold.set()
    await page.expect("published")


async def test_an_offer_that_comes_late_is_not_for_the_page_s_next_socket(
    house: House, conference: FakeConference
) -> None:
    hold = conference.subscriber("s-xa").hold = asyncio.Event()
    page, welcome = await house.join(site_seat("xa"))
    desk = house.hub._rooms[MEETING]._stage.desks["s-xa"]
    await until(lambda: not desk._offers.is_due(0.0))
    await page.socket.close()
    await until(lambda: desk._client is None)
    again = await house.page(site_seat("xa"))
    assert (await again.hello(welcome["resume"]))["resumed"]
    hold.set()
    assert (await again.expect("offer"))["sdp"] == "offer 2"
    assert [message["type"] for message in again.seen].count("offer") == 1


async def test_sites_stay_on_the_board_while_their_media_cannot_be_measured(
    house: House, bus: Bus, conference: FakeConference
) -> None:
    conference.measures = False
    async with bus.subscribe(news.QUALITY_TOPIC) as payloads:
        page, _ = await house.join(site_seat("xa"))
        await page.expect("offer")
        loop = house.hub._rooms[MEETING]
        for _ in range(2):
            loop.report_soon()
            await asyncio.sleep(0)
        await until(lambda: conference.asked >= 2)
        seen = []
        async with asyncio.timeout(PATIENCE_S):
            async for payload in payloads:
                seen.append(news.decode_quality(payload))
                if len(seen) == 2:  # when it came, and when nothing had been measured
                    break
    assert [report.presence is not None for report in seen] == [True, True]
    assert [report.hub_side for report in seen] == [None, None]


async def test_a_view_is_cut_and_clamped(house: House, conference: FakeConference) -> None:
    page, _ = await house.join(site_seat("xa"))
    tiles = [{"member": f"s-{n}", "source": "camera", "height_px": 99_999} for n in range(40)]
    tiles[1]["height_px"] = -5
    await page.send("view", tiles=tiles)
    await until(lambda: bool(conference.subscriber("s-xa").tiles))
    seen = conference.subscriber("s-xa").tiles
    assert [tile.height_px for tile in seen[:3]] == [2160, 0, 2160]
    assert len(seen) == 25


async def test_the_hub_s_side_is_reported_when_a_connection_comes_up(
    house: House, bus: Bus
) -> None:
    async with bus.subscribe(news.QUALITY_TOPIC) as payloads:
        page, _ = await house.join(site_seat("xa"))
        await page.expect("offer")
        await page.send("publish", sdp="v=0", sources={})
        await page.expect("published")
        house.hub.on_media(TransportChanged(MEETING, "s-xa", "send", "connected", "GCM"))
        async with asyncio.timeout(PATIENCE_S):
            async for payload in payloads:
                report = news.decode_quality(payload)
                if report.hub_side is not None and report.hub_side.up_bps:
                    break
    side = report.hub_side
    assert side is not None
    assert (side.send_state, side.receive_state, side.cipher) == ("connected", "connected", "GCM")
    assert (side.rtt_ms, side.loss_up_fraction, side.loss_down_fraction) == (30.0, 0.01, 0.02)
    assert side.jitter_down_ms == 1.0
    assert report.presence is not None


async def test_media_events_reach_pages(house: House) -> None:
    await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    house.hub.on_media(SpeakersChanged(MEETING, ("s-huyen",), "s-huyen"))
    await page.expect("speaking", members=["s-huyen"], dominant="s-huyen")
    slot = Slot("v0", "video", "s-huyen", "camera")
    house.hub.on_media(SlotsChanged(MEETING, "s-xa", (slot,)))
    slots = await page.expect("slots")
    assert slots["slots"] == [
        {"mid": "v0", "kind": "video", "member": "s-huyen", "source": "camera"}
    ]
    house.hub.on_media(SourcesChanged(MEETING, "s-huyen", ("microphone", "camera")))  # no news


async def test_a_screen_is_forwarded_with_its_sound_while_it_is_shared(
    house: House, conference: FakeConference
) -> None:
    chair, _ = await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    muted = conference.muted
    assert muted["s-huyen", "screen"]
    await chair.send("screen", on=True)
    await page.member("s-huyen", screen=True)
    assert (muted["s-huyen", "screen"], muted["s-huyen", "screen_audio"]) == (False, False)
    await page.send("screen", on=True)
    problem = await page.expect("problem", about="screen")
    assert problem["code"] == "screen_taken"
    await chair.send("screen", on=False)
    await page.member("s-huyen", screen=False)
    assert (muted["s-huyen", "screen"], muted["s-huyen", "screen_audio"]) == (True, True)


async def test_a_page_hears_what_nobody_watches_and_again_on_its_next_socket(
    house: House, conference: FakeConference
) -> None:
    page, welcome = await house.join(site_seat("xa"))
    await page.send("publish", sdp="v=0", sources={"1": "camera"})
    await page.expect("published")
    assert conference.publishers["s-xa"].pauses_unseen
    for rids in (("q", "h"), (), ("q",)):
        house.hub.on_media(LayersWanted(MEETING, "s-xa", "camera", rids))
        await page.expect("layers", source="camera", rids=list(rids))
    await page.socket.close()
    again = await house.page(site_seat("xa"))
    assert (await again.hello(welcome["resume"]))["resumed"]
    await again.expect("layers", source="camera", rids=["q"])


async def test_pages_come_back_and_build_anew_when_all_media_are_gone(
    house: House, conference: FakeConference
) -> None:
    page, welcome = await house.join(site_seat("xa"))
    await page.expect("offer")
    await page.send("microphone", on=True)
    await page.member("s-xa", microphone=True)
    house.hub.on_media(SpeakersChanged(MEETING, ("s-xa",), "s-xa"))
    house.hub.on_media(MediaLost(MEETING))
    await page.expect("speaking", members=[], dominant=None)
    assert (await page.expect("closed"))["retry"]
    again = await house.page(site_seat("xa"))
    came = await again.hello(welcome["resume"])
    assert not came["resumed"]
    assert [member["microphone"] for member in came["members"] if member["id"] == "s-xa"] == [True]
    assert (await again.expect("offer"))["offer_id"] == 1
    assert conference.muted["s-xa", "microphone"] is False


async def test_media_are_removed_only_once_nobody_is_at_their_desk(
    house: House, conference: FakeConference, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.expect("offer")
    loop = house.hub._rooms[MEETING]
    desk = loop._stage.desks["s-xa"]
    attached: list[bool] = []
    remove = conference.remove

    def noted(member: str) -> None:
        attached.append(desk._client is not None)
        remove(member)

    monkeypatch.setattr(conference, "remove", noted)
    loop.stop()
    await loop.wait_closed()
    assert attached == [False]
