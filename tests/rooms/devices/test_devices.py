"""Devices in a meeting by HTTP: a hub over a real router, and small clients that send and play."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from confhub.bus import news
from confhub.bus.interface import Bus
from confhub.errors import Gone, NotFound, TooMany, Unavailable
from confhub.quality import HubSide
from confhub.store import Store
from rooms.devices.devices import OPENING_RATE
from rooms.devices.offer import MalformedOffer, NotAcceptable
from rooms.devices.playback import Playback
from rooms.devices.publication import Publication
from rooms.devices.session import DeviceLimits, DeviceSession
from rooms.media.events import MediaEvent
from rooms.media.port.ice import Credentials, IceAgent
from rooms.media.router import MediaRouter
from rooms.media.sdp.fragment import parse_fragment
from rooms.plane.local import LocalPlane
from rooms.state.picture import Wish
from rooms.state.room import SeatTaken
from rooms.state.seat import Seat
from tests.rooms.house import MEETING, PATIENCE_S, House, Page, secretary, site_seat, until
from tests.rooms.media.hall import Sender
from tests.rooms.media.peer import Peer, play_offer, send_offer

ENCODER = site_seat("xa", device=True)
PLAYER = site_seat("huyen", device=True)
CHECK_S = 0.2
IDLE_S = 0.3  # after which a room that nobody is in closes


class Hall:
    """A hub, its router, and the clients of one test."""

    def __init__(self, house: House, router: MediaRouter) -> None:
        self.house = house
        self.router = router
        self.peers: list[Peer] = []
        self.turned_away = False
        self.checks = 0

    @property
    def devices(self) -> Any:
        return self.house.hub.devices

    async def check(self) -> None:
        self.checks += 1
        if self.turned_away:
            raise Gone

    async def publish(self, seat: Seat = ENCODER, **options: Any) -> tuple[DeviceSession, Sender]:
        peer = self.peer()
        options.setdefault("rids", ())
        session, answer = await self.devices.publish(seat, self.check, send_offer(peer, **options))
        peer.follow(answer)
        await peer.connect()
        await until(lambda: session.is_connected)
        return session, Sender(peer, has_rids=False)

    async def play(self, wish: Wish, seat: Seat = PLAYER) -> tuple[DeviceSession, Peer]:
        peer = self.peer()
        session, answer = await self.devices.play(seat, self.check, play_offer(peer), wish)
        peer.follow(answer)
        await peer.connect()
        await until(lambda: session.is_connected)
        return session, peer

    def peer(self) -> Peer:
        self.peers.append(Peer())
        return self.peers[-1]

    @property
    def conference(self) -> Any:
        return self.router.conference(MEETING)


@pytest_asyncio.fixture
async def hall(store: Store, bus: Bus) -> AsyncIterator[Hall]:
    async with open_hall(store, bus, DeviceLimits(check_s=CHECK_S)) as opened:
        yield opened


@pytest_asyncio.fixture
async def hasty_hall(store: Store, bus: Bus) -> AsyncIterator[Hall]:
    """One that does not wait long for media."""
    async with open_hall(store, bus, DeviceLimits(connect_s=0.5)) as opened:
        yield opened


@asynccontextmanager
async def open_hall(store: Store, bus: Bus, limits: DeviceLimits) -> AsyncIterator[Hall]:
    houses: list[House] = []

    def pass_on(event: MediaEvent) -> None:
        for house in houses:
            house.hub.on_media(event)

    router = await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=pass_on)
    house = House(store, bus, LocalPlane(router), device_limits=limits, idle_s=IDLE_S)
    houses.append(house)
    await house.open()
    opened = Hall(house, router)
    yield opened
    for peer in opened.peers:
        await peer.close()
    await house.close()
    assert len(house.hub.devices) == 0
    await router.close()


async def watch(hall: Hall) -> Page:
    page, _ = await hall.house.join(secretary())
    return page


# Publishing -------------------------------------------------------------------------------


async def test_a_device_takes_its_site_s_seat_and_is_switched_on(hall: Hall) -> None:
    page = await watch(hall)
    await hall.publish()
    seen = await page.member("s-xa", microphone=True, camera=True)
    assert (seen["presence"], seen["device"], seen["name"]) == (
        "present",
        True,
        "Phòng họp Xã Chà Nưa",
    )
    tracks = hall.conference.publishers["s-xa"].tracks
    assert set(tracks) == {"microphone", "camera"}
    await until(lambda: not any(track.muted for track in tracks.values()))


async def test_the_board_hears_what_the_hub_measures_of_a_device(hall: Hall) -> None:
    async with hall.house.bus.subscribe(news.QUALITY_TOPIC) as reports:
        await hall.publish()
        side = HubSide()
        async with asyncio.timeout(PATIENCE_S):
            async for payload in reports:
                side = news.decode_quality(payload).hub_side or side
                if side.send_state == "connected":
                    break
    assert (side.device, side.receive_state, bool(side.cipher)) == (True, "new", True)


async def test_no_offer_is_made_to_a_device(hall: Hall) -> None:
    await hall.publish()
    assert "s-xa" not in hall.conference.subscribers


async def test_the_hub_mutes_a_device_and_lets_it_speak_again(hall: Hall) -> None:
    page = await watch(hall)
    await hall.publish()
    await page.member("s-xa", microphone=True)
    await page.send("mute", member="s-xa")
    await page.member("s-xa", microphone=False)
    assert hall.conference.publishers["s-xa"].tracks["microphone"].muted
    await page.send("unmute", member="s-xa")
    await page.member("s-xa", microphone=True)
    assert not hall.conference.publishers["s-xa"].tracks["microphone"].muted


async def test_a_session_that_is_deleted_leaves_the_seat(hall: Hall) -> None:
    page = await watch(hall)
    session, _ = await hall.publish()
    session.end()
    await page.member("s-xa", presence="left", device=False)
    await until(lambda: "s-xa" not in hall.conference.publishers)
    with pytest.raises(NotFound):
        hall.devices.find(session.id, ENCODER.link_id, Publication)


async def test_media_that_breaks_is_a_lost_seat_and_comes_back_to_it(hall: Hall) -> None:
    page = await watch(hall)
    session, sender = await hall.publish()
    await page.member("s-xa", camera=True)
    agent = hall.conference.publishers["s-xa"].transport.agent
    be_silent_for(agent, 20.0)
    await page.member("s-xa", presence="reconnecting", device=True)
    await sender.peer.check()
    back = await page.member("s-xa", presence="present")
    assert (back["device"], back["microphone"], back["camera"]) == (True, True, True)
    assert not session.has_ended
    assert hall.conference.publishers["s-xa"].tracks


async def test_a_device_that_was_cut_off_takes_over_from_its_dead_session(hall: Hall) -> None:
    page = await watch(hall)
    first, sender = await hall.publish()
    with pytest.raises(SeatTaken):
        await hall.publish()
    await sender.peer.close()  # DTLS says goodbye, as an encoder switched off does
    hall.peers.remove(sender.peer)
    await page.member("s-xa", presence="reconnecting")
    second, _ = await hall.publish()
    await page.member("s-xa", presence="present", camera=True)
    await until(lambda: first.has_ended)
    assert second.is_connected
    assert hall.devices.find(second.id, ENCODER.link_id, Publication) is second


async def test_a_page_s_seat_is_taken_for_a_device_but_not_the_other_way(hall: Hall) -> None:
    page, _ = await hall.house.join(site_seat("xa"))
    with pytest.raises(SeatTaken):
        await hall.publish()
    await page.send("leave")
    await page.closed()
    session, _ = await hall.publish()
    again, _ = await hall.house.join(site_seat("xa"))
    await until(lambda: session.has_ended)
    await again.send("ping", at=1)
    await again.expect("pong")


async def test_a_device_whose_media_never_comes_gives_its_seat_back(hasty_hall: Hall) -> None:
    hall = hasty_hall
    page = await watch(hall)
    await hall.devices.publish(ENCODER, hall.check, send_offer(hall.peer(), rids=()))
    await page.member("s-xa", presence="present")
    await page.member("s-xa", presence="left")


async def test_a_revoked_link_sends_the_device_out(hall: Hall) -> None:
    page = await watch(hall)
    session, _ = await hall.publish()
    hall.turned_away = True
    await hall.house.announce("link_revoked", "xa")
    await page.member("s-xa", presence="absent")
    await until(lambda: session.has_ended and not len(hall.devices))


async def test_a_revocation_whose_news_got_lost_is_found_by_the_next_check(hall: Hall) -> None:
    session, _ = await hall.publish()
    hall.turned_away = True
    await until(lambda: session.has_ended)


async def test_the_meeting_s_end_ends_all_sessions(hall: Hall) -> None:
    page = await watch(hall)
    sending, _ = await hall.publish()
    playing, _ = await hall.play(Wish("s-huyen"))
    await page.send("end")
    await until(lambda: sending.has_ended and playing.has_ended and not len(hall.devices))
    assert not hall.conference.subscribers


async def test_what_cannot_be_taken_leaves_no_trace(hall: Hall) -> None:
    offer = send_offer(hall.peer(), rids=())
    with pytest.raises(MalformedOffer):
        await hall.devices.publish(ENCODER, hall.check, "hello")
    with pytest.raises(NotAcceptable):
        await hall.devices.publish(ENCODER, hall.check, offer.replace("VP8", "H264"))
    stranger = site_seat("khac", device=True)
    with pytest.raises(NotFound):
        await hall.devices.publish(stranger, hall.check, offer)
    hall.turned_away = True
    with pytest.raises(Gone):
        await hall.devices.publish(ENCODER, hall.check, offer)
    assert len(hall.devices) == 0
    await until(lambda: not hall.conference.publishers)


async def test_who_asks_too_often_is_told_to_wait(hall: Hall) -> None:
    for _ in range(OPENING_RATE.burst):
        with pytest.raises(MalformedOffer):
            await hall.devices.publish(ENCODER, hall.check, "hello")
    with pytest.raises(TooMany):
        await hall.devices.publish(ENCODER, hall.check, "hello")


async def test_a_hub_that_closes_takes_no_device(hall: Hall) -> None:
    await hall.house.hub.close()
    with pytest.raises(Unavailable):
        await hall.devices.publish(ENCODER, hall.check, send_offer(hall.peer(), rids=()))


async def test_an_ice_restart_gives_new_credentials_and_a_new_tag(hall: Hall) -> None:
    session, sender = await hall.publish()
    before = session.etag
    fragment = parse_fragment(await session.restart_ice(Credentials("newufrag", "n" * 24)))
    transport = hall.conference.publishers["s-xa"].transport
    assert fragment.ufrag == transport.credentials.ufrag == session.ufrag
    assert session.etag == f'"{fragment.ufrag}"' != before
    assert session.is_connected
    sender.voice()
    track = hall.conference.publishers["s-xa"].tracks["microphone"]
    await until(lambda: track.layers and track.layers[""].reception.packets)


# Playing ----------------------------------------------------------------------------------


async def test_a_projector_shows_who_presides_and_hears_who_speaks(hall: Hall) -> None:
    _, sender = await hall.publish()
    _, projector = await hall.play(Wish("s-huyen"))

    async def is_played() -> bool:
        sender.voice()
        sender.frame(key=True)
        await asyncio.sleep(0.02)
        return {98, 101} <= {data[1] & 0x7F for data in projector.rtp}

    async with asyncio.timeout(10):
        while not await is_played():
            pass


async def test_everybody_sees_who_listens_and_when_no_more(hall: Hall) -> None:
    page = await watch(hall)
    session, _ = await hall.play(Wish("s-huyen"))
    assert (await page.member("s-huyen", players=1))["presence"] == "absent"
    session.end()
    await page.member("s-huyen", players=0)
    await until(lambda: not hall.conference.subscribers.keys() - {"a-thuky"})


async def test_a_pinned_member_is_the_one_shown(hall: Hall) -> None:
    await hall.publish()
    session, _ = await hall.play(Wish("s-huyen", member="s-xa"))
    player = hall.conference.subscribers[session.member]
    await until(
        lambda: {slot.member_id for slot in player.slots() if slot.kind == "video"} == {"s-xa"}
    )


async def test_a_player_whose_line_is_dead_is_ended(hall: Hall) -> None:
    session, _ = await hall.play(Wish("s-huyen"))
    agent = hall.conference.subscribers[session.member].transport.agent
    be_silent_for(agent, 60.0)
    await until(lambda: session.has_ended and not len(hall.devices))


async def test_a_revoked_link_silences_its_players(hall: Hall) -> None:
    session, _ = await hall.play(Wish("s-huyen"))
    hall.turned_away = True
    await hall.house.announce("link_revoked", "huyen")
    await until(lambda: session.has_ended)


async def test_a_session_is_found_only_by_its_own_link_and_kind(hall: Hall) -> None:
    session, _ = await hall.play(Wish("s-huyen"))
    assert hall.devices.find(session.id, "link-huyen", Playback) is session
    for link, kind in (("link-xa", Playback), ("link-huyen", Publication)):
        with pytest.raises(NotFound):
            hall.devices.find(session.id, link, kind)


async def test_a_bad_offer_to_play_leaves_no_trace(hall: Hall) -> None:
    offer = play_offer(hall.peer()).replace("VP8", "H264")
    with pytest.raises(NotAcceptable):
        await hall.devices.play(PLAYER, hall.check, offer, Wish("s-huyen"))
    assert not hall.conference.subscribers


async def test_a_room_with_only_players_stays_open(hall: Hall) -> None:
    session, _ = await hall.play(Wish("s-huyen"))
    before = hall.checks
    await until(lambda: (hall.checks - before) * CHECK_S > 3 * IDLE_S)
    [room] = hall.house.hub.live()
    assert room.present == 0
    session.end()
    await until(lambda: not hall.house.hub.live())


def be_silent_for(agent: IceAgent, seconds: float) -> None:
    """As if nothing had come from the device for so long."""
    assert agent.checked_at is not None
    assert agent.consented_at is not None
    agent.checked_at -= seconds
    agent.consented_at -= seconds
    agent.heard_at -= seconds
