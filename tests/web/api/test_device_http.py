"""WHIP and WHEP over HTTP: every status, its headers and its words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import FormData

from confhub.bus import news
from rooms.devices.devices import MAX_PLAYERS_PER_SITE, OPENING_RATE
from rooms.media.port.ice import Credentials
from rooms.media.sdp.fragment import MAX_BYTES, parse_fragment
from rooms.sockets.relays import RelayAccess
from tests.rooms.house import until
from tests.rooms.media.peer import play_offer, send_offer
from tests.statuses import set_status
from tests.web.browser import Clock, sign_in
from tests.web.device_box import Box, open_box, path_of, refused
from web.api.device_sessions import FRAGMENT, SDP
from web.services import Services

RESTART = "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n"
CANDIDATE = "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 6176 typ host\r\n"


@pytest_asyncio.fixture
async def box(services: Services, clock: Clock) -> AsyncIterator[Box]:
    async with open_box(services, clock) as opened:
        yield opened


# Opening ----------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["whip", "whep"])
async def test_a_session_is_created_and_media_flows(box: Box, use: str) -> None:
    answer = await (box.publish() if use == "whip" else box.play())
    assert (answer.status, answer.content_type) == (201, SDP)
    assert answer.headers["Location"].startswith(f"{box.client.make_url('/')}{use}/m1/")
    assert answer.headers["ETag"].strip('"')
    sdp = await answer.text()
    assert "a=setup:passive" in sdp
    assert "a=candidate:" in sdp
    assert "a=end-of-candidates" in sdp
    assert ("a=recvonly" if use == "whip" else "a=sendonly") in sdp
    box.peer.follow(sdp)
    await box.peer.connect()
    session = next(iter(box.hub.devices._sessions.values()))
    await until(lambda: session.is_connected)


async def test_a_device_needs_no_cookie_and_no_page_of_ours(box: Box) -> None:
    answer = await box.publish(Origin="https://encoder.example")
    assert answer.status == 201
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Location" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("use", ["whip", "whep"])
async def test_a_device_is_told_of_relays_with_credentials_of_its_own(box: Box, use: str) -> None:
    box.hub.relays = RelayAccess(["turn:relay.vn:3478", "turns:relay.vn:443?transport=tcp"], "key")
    answer = await (box.publish() if use == "whip" else box.play())
    first, second = answer.headers.getall("Link")
    assert first.startswith('<turn:relay.vn:3478>; rel="ice-server"; username="')
    assert ':s-cha-nua-room"; credential="' in first
    assert second.startswith("<turns:relay.vn:443?transport=tcp>; ")
    assert second.endswith('; credential-type="password"')
    assert "Link" in answer.headers["Access-Control-Expose-Headers"]


async def test_a_cookie_opens_nothing(box: Box) -> None:
    await sign_in(box.client, "secretary.nam-po")
    await refused(await box.publish(token=""), 401)


async def test_the_audit_trail_says_which_site_s_device_came(box: Box) -> None:
    await box.publish()
    entries = await box.services.store.audit.recent(5)
    [line] = [entry for entry in entries if entry.action == "whip.opened"]
    assert (line.subject, line.detail) == ("m1", "cha-nua-room")


@pytest.mark.parametrize("path", ["/whip/m1", "/whip/m1/some", "/whep/m1", "/whep/m1/some"])
async def test_who_asks_is_told_what_may_be_asked(box: Box, path: str) -> None:
    answer = await box.ask("OPTIONS", path, token="", Origin="https://encoder.example")
    assert answer.status == 200
    if path.endswith("m1"):
        assert answer.headers["Accept-Post"] == SDP
        assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    else:
        assert answer.headers["Accept-Patch"] == FRAGMENT
        assert answer.headers["Access-Control-Allow-Methods"] == "PATCH, DELETE"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert (await box.ask("GET", path, token="")).status == 204
    wrong = await box.ask("PUT", path)
    assert "OPTIONS" in wrong.headers["Allow"]
    await refused(wrong, 405, "method_not_allowed")


# Who may not ------------------------------------------------------------------------------


async def test_without_a_token_the_way_to_one_is_told(box: Box) -> None:
    answer = await box.publish(token="")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="confhub"'
    body = await refused(answer, 401, "no_token")
    assert "trang liên kết" in body["detail"]
    answer = await box.client.post("/whip/m1", headers={"Authorization": "Basic eDp5"})
    await refused(answer, 401, "no_token")


async def test_words_are_in_the_language_that_was_asked_for(box: Box) -> None:
    answer = await box.publish(token="", Accept_Language="en")
    assert answer.headers["Content-Language"] == "en"
    assert "token" in (await refused(answer, 401))["detail"]


@pytest.mark.parametrize("token", ["x", "abc.def", "a" * 300])
async def test_a_token_that_is_not_ours_is_invalid(box: Box, token: str) -> None:
    answer = await box.publish(token=token)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    await refused(answer, 401, "invalid_token")


async def test_the_join_link_s_own_token_is_none_for_devices(box: Box) -> None:
    token = box.services.tokens.sign(box.link)
    await refused(await box.publish(token=token), 401, "invalid_token")


async def test_a_revoked_and_an_expired_link_s_tokens_are_dead(box: Box, clock: Clock) -> None:
    await box.services.store.links.revoke(box.link.id, clock.now)
    await refused(await box.publish(), 401, "invalid_token")
    clock.pass_by(days=2)
    await refused(await box.publish(), 401, "invalid_token")


async def test_each_direction_has_a_token_of_its_own(box: Box) -> None:
    answer = await box.publish(token=box.token("whep"))
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    await refused(answer, 403, "insufficient_scope")
    await refused(await box.play(token=box.token("whip")), 403, "insufficient_scope")


async def test_another_meeting_is_not_found(box: Box) -> None:
    answer = await box.ask("POST", "/whip/m2", "v=0", token=box.token(), Content_Type=SDP)
    await refused(answer, 404, "not_found")


async def test_before_the_doors_open_a_device_is_told_when(box: Box, clock: Clock) -> None:
    clock.pass_by(hours=-3)
    await refused(await box.publish(), 403, "too_early")


async def test_a_meeting_that_is_over_takes_no_device(box: Box) -> None:
    await set_status(box.services.store, "m1", "ended")
    answer = await box.publish()
    assert "Retry-After" not in answer.headers
    await refused(answer, 409, "ended")


# What is sent -----------------------------------------------------------------------------


async def test_the_body_must_be_an_offer(box: Box) -> None:
    await refused(await box.publish(Content_Type="text/plain"), 415, "unsupported_media_type")
    await refused(await box.publish("hello"), 400, "bad_description")
    form = FormData({"a": "b"})
    answer = await box.client.post(
        "/whip/m1", data=form, headers={"Authorization": f"Bearer {box.token()}"}
    )
    await refused(answer, 415)
    answer = await box.ask("POST", "/whip/m1", b"\xff\xfe", Content_Type=SDP)
    await refused(answer, 400, "bad_input")


async def test_a_body_is_bounded_whether_or_not_it_says_its_size(box: Box) -> None:
    large = "v=0\r\n" + "a=x\r\n" * 20_000
    await refused(await box.publish(large), 413, "too_large")

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield large.encode()[:4096]

    headers = {"Authorization": f"Bearer {box.token()}", "Content-Type": SDP}
    answer = await box.client.post("/whip/m1", data=drip(), headers=headers)
    await refused(answer, 413, "too_large")


async def test_an_offer_the_hub_cannot_take_says_what_to_set(box: Box) -> None:
    offer = send_offer(box.peer, rids=())
    body = await refused(await box.publish(offer.replace("VP8", "H264")), 406, "not_acceptable")
    assert "VP8" in body["detail"]
    await refused(await box.publish(offer.replace("sendonly", "recvonly")), 406)
    await refused(await box.publish(offer.replace("actpass", "passive")), 406)
    lite = offer.replace("t=0 0", "t=0 0\r\na=ice-lite")
    body = await refused(await box.publish(lite), 406, "not_acceptable")
    assert "full ICE" in body["detail"]
    lite = play_offer(box.peer).replace("t=0 0", "t=0 0\r\na=ice-lite")
    answer = await box.ask("POST", "/whep/m1", lite, Content_Type=SDP, Accept_Language="en")
    assert "full ICE" in (await refused(answer, 406))["detail"]
    await refused(await box.publish(Accept="text/html"), 406, "not_acceptable")
    assert (await box.publish(Accept="application/sdp, */*;q=0.1")).status == 201


async def test_a_slash_behind_an_address_changes_nothing(box: Box) -> None:
    offer = send_offer(box.peer, rids=())
    created = await box.ask("POST", "/whip/m1/", offer, Content_Type=SDP)
    assert created.status == 201
    ended = await box.ask("DELETE", f"{path_of(created)}/")
    assert ended.status == 200
    played = await box.ask("POST", "/whep/m1/?own=1", play_offer(box.peer), Content_Type=SDP)
    assert played.status == 201
    assert (await box.ask("OPTIONS", "/whip/m1/")).headers["Accept-Post"] == SDP


async def test_a_seat_that_is_taken_is_a_conflict_with_a_time_to_try_again(box: Box) -> None:
    created = await box.publish()
    box.peer.follow(await created.text())
    await box.peer.connect()
    session = next(iter(box.hub.devices._sessions.values()))
    await until(lambda: session.is_connected)
    answer = await box.publish()
    assert int(answer.headers["Retry-After"]) > 0
    await refused(answer, 409, "seat_taken")


async def test_who_asks_too_often_is_told_how_long_to_wait(box: Box) -> None:
    for _ in range(OPENING_RATE.burst):
        await refused(await box.publish("hello"), 400)
    answer = await box.publish("hello")
    assert answer.headers["Retry-After"] == "2"
    await refused(answer, 429, "too_many")


async def test_who_asks_too_often_for_a_site_that_is_none_is_told_so(box: Box) -> None:
    for _ in range(OPENING_RATE.burst):
        await refused(await box.play("?source=zz"), 400)
    await refused(await box.play("?source=zz"), 429, "too_many")
    assert (await box.ask("POST", "/whep/m1/", "", Content_Type=SDP)).status == 429
    assert (await box.publish("hello")).status == 400  # the link's encoder has a rate of its own


async def test_a_site_has_room_for_some_players(box: Box) -> None:
    for _ in range(MAX_PLAYERS_PER_SITE):
        assert (await box.play()).status == 201
    await refused(await box.play(), 429)


async def test_a_hub_without_rooms_or_one_that_stops_is_unavailable(box: Box) -> None:
    await box.hub.close()
    answer = await box.publish()
    assert "Retry-After" in answer.headers
    await refused(answer, 503, "unavailable")


# Playing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nam-po-room", "NAM-PO"])
async def test_one_member_s_camera_can_be_asked_for(box: Box, name: str) -> None:
    assert (await box.play(f"?source={name}")).status == 201
    session: Any = next(iter(box.hub.devices._sessions.values()))
    assert (session.wish.member, session.wish.own) == ("s-nam-po-room", False)


async def test_a_recorder_asks_for_its_own_site_too(box: Box) -> None:
    assert (await box.play("?own=1")).status == 201
    session: Any = next(iter(box.hub.devices._sessions.values()))
    assert (session.wish.member, session.wish.own) == (None, True)


async def test_a_camera_that_is_not_in_the_meeting_is_named(box: Box) -> None:
    body = await refused(await box.play("?source=si-pha-room"), 400)
    assert "si-pha-room" in body["detail"]


# Changing and ending ----------------------------------------------------------------------


async def test_candidates_are_taken_without_a_word(box: Box) -> None:
    created = await box.publish()
    answer = await box.patch(created, CANDIDATE, If_Match=created.headers["ETag"])
    assert (answer.status, await answer.read()) == (204, b"")
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("use", ["whip", "whep"])
async def test_an_ice_restart_has_a_new_tag_and_new_credentials(box: Box, use: str) -> None:
    created = await (box.publish() if use == "whip" else box.play())
    answer = await box.patch(created, RESTART, If_Match="*")
    assert (answer.status, answer.content_type) == (200, FRAGMENT)
    tag = answer.headers["ETag"]
    assert tag != created.headers["ETag"]
    fragment = parse_fragment(await answer.text())
    assert tag == f'"{fragment.ufrag}"'
    await refused(await box.patch(created, CANDIDATE, If_Match=created.headers["ETag"]), 412)
    again = await box.patch(created, RESTART + CANDIDATE, If_Match=tag)
    assert again.status == 204  # the same credentials: candidates for this session


async def test_of_two_restarts_of_one_state_the_second_is_refused(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = await box.publish()
    (session,) = box.hub.devices._sessions.values()
    restart, begun, goes_on = session.restart_ice, asyncio.Event(), asyncio.Event()

    async def slow(remote: Credentials) -> str:  # as over a socket, to a worker
        begun.set()
        await goes_on.wait()
        return await restart(remote)

    monkeypatch.setattr(session, "restart_ice", slow)
    tag = created.headers["ETag"]
    first = asyncio.create_task(box.patch(created, RESTART, If_Match=tag))
    await begun.wait()
    other = RESTART.replace("ysXw", "zzzz")
    second = asyncio.create_task(box.patch(created, other, If_Match=tag))
    await until(lambda: bool(session.changing._waiters))
    goes_on.set()
    assert (await first).status == 200
    await refused(await second, 412, "precondition_failed")
    assert session.remote_ufrag == "ysXw"


async def test_a_change_says_which_ice_session_it_means(box: Box) -> None:
    created = await box.publish()
    await refused(await box.patch(created, CANDIDATE), 428, "precondition_required")
    await refused(await box.patch(created, CANDIDATE, If_Match='"old"'), 412, "precondition_failed")


async def test_what_is_no_change_of_ice_is_refused(box: Box) -> None:
    created = await box.publish()
    tag = created.headers["ETag"]
    await refused(await box.patch(created, "hello", If_Match=tag), 400, "bad_description")
    await refused(await box.patch(created, CANDIDATE, If_Match=tag, Content_Type=SDP), 415)
    await refused(await box.patch(created, "a=x\r\n" * MAX_BYTES, If_Match=tag), 413)
    await refused(await box.patch(created, "m=audio 9 RTP/AVP 0\r\n", If_Match=tag), 422)


async def test_a_deleted_session_is_gone(box: Box) -> None:
    created = await box.publish()
    path = path_of(created)
    assert (await box.ask("DELETE", path, If_Match='"whatever"')).status == 200
    await refused(await box.ask("DELETE", path), 404)
    await refused(await box.patch(created, RESTART, If_Match="*"), 404)
    await until(lambda: not len(box.hub.devices))


async def test_only_who_made_a_session_may_end_it(box: Box) -> None:
    path = path_of(await box.publish())
    links = await box.services.store.links.latest("m1")
    other = next(link for link in links if link.site_id == "nam-po-room")
    await refused(await box.ask("DELETE", path, token=""), 401)
    await refused(await box.ask("DELETE", path, token=box.token("whep")), 403)
    await refused(await box.ask("DELETE", path, token=box.token("whip", other)), 404)
    await refused(await box.ask("DELETE", "/whip/m1/unknown"), 404)
    assert len(box.hub.devices) == 1


async def test_revoking_the_link_ends_what_came_by_it(box: Box, clock: Clock) -> None:
    await box.publish()
    await box.play()
    await box.services.store.links.revoke(box.link.id, clock.now)
    item = news.MeetingNews("m1", "link_revoked", "cha-nua-room")
    await box.services.bus.publish(news.MEETINGS_TOPIC, news.encode(item))
    await until(lambda: not len(box.hub.devices))
