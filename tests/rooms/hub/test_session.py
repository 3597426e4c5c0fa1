"""One socket, over real WebSockets: what it bears with, and when it says goodbye."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import WSMsgType

from rooms.hub import session
from rooms.hub.session import Limits
from rooms.protocol.messages import MAX_MESSAGE_BYTES
from rooms.sockets.relays import RelayAccess
from tests.rooms.conftest import NewHouse
from tests.rooms.house import PATIENCE_S, House, Page, secretary, site_seat, until


async def test_hello_is_answered_with_the_whole_room(house: House) -> None:
    _, welcome = await house.join(site_seat("xa"))
    assert welcome["member"] == "s-xa"
    assert welcome["resumed"] is False
    assert welcome["may_drive"] is False
    assert welcome["room"]["title"] == "Giao ban tuần"
    assert welcome["room"]["chair"] == "s-huyen"
    seats = {m["id"]: (m["unit"], m["level"], m["rank"], m["presence"]) for m in welcome["members"]}
    assert seats == {
        "s-tinh": ("Tỉnh Điện Biên", "Tỉnh", 2, "absent"),
        "s-huyen": ("Huyện Nậm Pồ", "Huyện", 3, "absent"),
        "s-xa": ("Xã Chà Nưa", "Xã", 4, "present"),
    }


async def test_silence_instead_of_hello_closes(new_house: NewHouse) -> None:
    house = await new_house(limits=Limits(hello_s=0.1))
    page = await house.page(site_seat("xa"))
    assert await page.closed() == 1008
    assert page.seen[-1] | {"message": ""} == {
        "type": "closed",
        "reason": "protocol",
        "message": "",
        "retry": False,
    }


async def test_an_old_page_is_told_to_load_again(house: House) -> None:
    page = await house.page(site_seat("xa"))
    await page.send("hello", version=0)
    closed = await page.expect("closed", reason="protocol", retry=False)
    assert closed["message"] == "Trang này đã cũ. Xin tải lại trang."


@pytest.mark.parametrize(
    ("text", "about", "field"),
    [
        ("{", None, "JSON"),
        ("[" * 30_000, None, "JSON"),
        ('"hello"', None, "JSON"),
        ("{}", None, "type"),
        ('{"type":"shout"}', "shout", "type"),
        ('{"type":"hand"}', "hand", "raised"),
        ('{"type":"hand","raised":1}', "hand", "raised"),
        ('{"type":"view","tiles":[{"member":"a","source":"mic","height_px":1}]}', "view", "source"),
        (f'{{"type":"mute","member":"{"a" * 40}"}}', "mute", "member"),
        ('{"type":"ping","at":1e999}', "ping", "at"),
    ],
)
async def test_a_bad_message_is_named_and_the_socket_stays(
    house: House, text: str, about: str | None, field: str
) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.socket.send_str(text)
    problem = await page.expect("problem", code="bad_message", about=about)
    assert field in problem["message"]
    await page.send("ping", at=1.5)
    await page.expect("pong", at=1.5)


async def test_a_binary_frame_is_a_bad_message(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.socket.send_bytes(b"\x00")
    await page.expect("problem", code="bad_message")


async def test_a_socket_that_sends_only_rubbish_is_closed(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    for _ in range(20):
        await page.socket.send_str("rubbish")
    await page.expect("closed", reason="protocol")
    assert await page.closed() == 1008


async def test_an_oversize_message_closes_with_1009_and_the_hub_serves_on(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.socket.send_str("x" * (MAX_MESSAGE_BYTES + 1))
    assert await page.closed() == 1009
    other, welcome = await house.join(site_seat("huyen"))
    assert next(m for m in welcome["members"] if m["id"] == "s-xa")["presence"] in (
        "present",
        "reconnecting",
    )
    await other.send("ping", at=1)
    await other.expect("pong")


async def test_messages_before_the_welcome_are_refused(house: House) -> None:
    page = await house.page(site_seat("xa"))
    await page.send("hand", raised=True)
    await page.expect("problem", code="hello_first", about="hand")
    await page.hello()
    await page.send("hello", version=1)
    await page.expect("problem", code="already_in", about="hello")


async def test_too_many_of_one_kind_are_dropped_and_told_once(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    for number in range(30):
        await page.send("camera", on=number % 2 == 0)
    await page.send("ping", at=7)
    await page.expect("pong", at=7)
    told = [m for m in page.seen if m["type"] == "problem"]
    assert [(m["code"], m["about"]) for m in told] == [("too_many", "camera")]


async def test_a_flood_is_cut_off(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    for number in range(400):
        await page.send("ping", at=number)
    await page.expect("closed", reason="protocol", retry=False)


async def test_a_silent_peer_is_lost_after_three_beats_and_keeps_its_seat(
    new_house: NewHouse,
) -> None:
    house = await new_house(limits=Limits(heartbeat_s=0.1))
    chair, _ = await house.join(site_seat("huyen"))
    page = await house.page(site_seat("xa"), autoping=False)
    await page.hello()
    # It neither reads nor answers pings from here on; the chair does both.
    view = await chair.member("s-xa", presence="reconnecting")
    assert view["microphone"] is False
    assert not chair.socket.closed


async def test_who_is_asked_about_again_and_again_is_pinged_all_the_same(
    new_house: NewHouse,
) -> None:
    house = await new_house(limits=Limits(heartbeat_s=1.0))
    chair, _ = await house.join(site_seat("huyen"))
    page = await house.page(site_seat("xa", account_id="xa"), autoping=False)
    await page.hello()

    async def ask() -> None:
        while True:
            house.hub.recheck_accounts()
            await asyncio.sleep(0)

    asking = asyncio.create_task(ask())
    await chair.member("s-xa", presence="reconnecting")
    asking.cancel()


async def test_a_hub_that_was_held_up_loses_nobody(new_house: NewHouse) -> None:
    house = await new_house(limits=Limits(heartbeat_s=0.2))
    page = await house.page(site_seat("xa"), autoping=False)
    await page.hello()
    time.sleep(2)  # noqa: ASYNC251 - the hold-up itself: ten beats, in which nobody reads anything
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(3):  # the beat that was due, and two more
            while (frame := await page.socket.receive()).type is not WSMsgType.PING:
                assert frame.type is WSMsgType.TEXT, "let go"
            await page.socket.pong(frame.data)
    assert house.hub.live()[0].present == 1


async def test_pongs_alone_keep_a_socket_alive(new_house: NewHouse) -> None:
    house = await new_house(limits=Limits(heartbeat_s=0.2))
    page, _ = await house.join(site_seat("xa"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.closed(), 1.2)  # it answers pings and sends nothing
    assert house.hub.live()[0].present == 1


async def test_the_peer_s_ping_frame_is_answered(house: House) -> None:
    page = await house.page(site_seat("xa"), autoping=False)
    await page.hello()
    await page.socket.ping(b"here")
    async with asyncio.timeout(PATIENCE_S):
        while (frame := await page.socket.receive()).type is not WSMsgType.PONG:
            pass
    assert bytes(frame.data) == b"here"


async def test_a_slow_reader_is_let_go_without_holding_up_the_room(new_house: NewHouse) -> None:
    # Long words fill the kernel's buffers and then the outbox within the rate limits.
    house = await new_house(
        limits=Limits(finish_s=0.2), translate=lambda text, language: text + "." * 200_000
    )
    fast, _ = await house.join(site_seat("huyen"))
    slow, _ = await house.join(site_seat("xa"))
    response: Any = slow.socket._response
    response.connection.transport.pause_reading()
    for _ in range(90):
        await slow.send("lower_hand", member="s-xa")
    await fast.member("s-xa", presence="reconnecting")
    await fast.send("ping", at=3)
    await fast.expect("pong", at=3)


async def test_a_link_revoked_while_inside_sends_its_site_out(house: House) -> None:
    chair, _ = await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    house.revoked.add("s-xa")
    await house.announce("link_revoked", "xa")
    await page.expect("closed", reason="revoked", retry=False)
    assert await page.closed() == 4003
    await chair.member("s-xa", presence="absent")


async def test_news_of_a_revoked_link_spare_who_came_another_way(house: House) -> None:
    page, _ = await house.join(site_seat("xa", link_id=None))
    checks = house.checks
    await house.announce("link_revoked", "xa")
    await until(lambda: house.checks > checks)
    await page.send("ping", at=1)
    await page.expect("pong")


async def test_a_revoked_link_whose_news_got_lost_ends_at_the_next_check(
    new_house: NewHouse,
) -> None:
    house = await new_house(limits=Limits(heartbeat_s=0.05, check_s=0.1, missed_heartbeats=1_000))
    page, _ = await house.join(site_seat("xa"))
    house.revoked.add("s-xa")
    await page.expect("closed", reason="revoked")


async def test_a_revoked_link_is_stopped_at_the_door(house: House) -> None:
    house.revoked.add("s-xa")
    page = await house.page(site_seat("xa"))
    await page.send("hello", version=1)
    closed = await page.expect("closed", reason="revoked", retry=False)
    assert "hết hạn hoặc bị thu hồi" in closed["message"]


async def test_a_meeting_that_is_not_there_is_said_so(house: House) -> None:
    page = await house.page(site_seat("xa", meeting_id="m9"))
    await page.send("hello", version=1)
    closed = await page.expect("closed", reason="removed")
    assert closed["message"] == "Không tìm thấy cuộc họp."


async def test_words_are_in_the_language_of_the_seat(new_house: NewHouse) -> None:
    house = await new_house(translate=lambda text, language: f"[{language}] {text}")
    page, _ = await house.join(site_seat("xa", language="en"))
    await page.send("layout", mode="grid")
    problem = await page.expect("problem", code="forbidden", about="layout")
    assert problem["message"].startswith("[en] ")


async def test_a_stopping_hub_asks_everybody_to_come_back(house: House) -> None:
    inside, _ = await house.join(secretary())
    outside = await house.page(site_seat("xa"))
    closing = asyncio.create_task(house.hub.close())
    await inside.expect("closed", reason="stopping", retry=True)
    await outside.expect("closed", reason="stopping", retry=True)
    assert await inside.closed() == 1012
    assert await outside.closed() == 1012
    await asyncio.wait_for(closing, PATIENCE_S)
    late: Page = await house.page(site_seat("tinh"))
    await late.expect("closed", reason="stopping")


async def test_relays_come_before_the_welcome_and_are_renewed(
    new_house: NewHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "RENEW_S", 0.0)
    relays = RelayAccess(("turn:turn.example.gov.vn",), "secret")
    house = await new_house(
        limits=Limits(heartbeat_s=0.05, missed_heartbeats=10_000), relays=relays
    )
    page, _ = await house.join(site_seat("xa"))
    assert [message["type"] for message in page.seen[:2]] == ["relays", "welcome"]
    (relay,) = page.seen[0]["relays"]
    assert relay["urls"] == ["turn:turn.example.gov.vn"]
    assert relay["username"].endswith(":s-xa")
    await page.expect("relays")


async def test_a_hub_without_relays_says_nothing_of_them(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    assert page.seen[0]["type"] == "welcome"
