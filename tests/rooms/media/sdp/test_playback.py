"""Answers to devices that bring an offer to receive."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from rooms.media.errors import BadDescription
from rooms.media.sdp.description import Description, parse_description
from rooms.media.sdp.offer import AcceptedSlot, OfferedSlot
from rooms.media.sdp.playback import agree_playback, build_playback
from rooms.media.source import Kind
from tests.rooms.media.samples import LOCAL, written

PLACES: dict[Kind, int] = {"audio": 3, "video": 1}
SLOTS = [OfferedSlot("voice", "audio", 1001, 0), OfferedSlot("picture", "video", 2001, 2002)]
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE voice picture",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "m=audio 9 UDP/TLS/RTP/SAVPF 0 98",
        "a=mid:voice",
        "a=recvonly",
        "a=rtcp-mux",
        "a=setup:actpass",
        "a=rtpmap:98 OPUS/48000/2",
        "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "m=video 9 UDP/TLS/RTP/SAVPF 101 102",
        "a=mid:picture",
        "a=recvonly",
        "a=rtcp-mux",
        "a=setup:actpass",
        "a=rtpmap:101 VP8/90000",
        "a=rtcp-fb:101 nack pli",
        "a=rtpmap:102 rtx/90000",
        "a=fmtp:102 apt=101",
        "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid",
        "",
    ]
)


def offer(*changes: tuple[str, str]) -> Description:
    text = OFFER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_description(text)


def test_a_device_that_sorts_its_lines_gets_feedback_and_repair() -> None:
    found = parse_description(written("player_offer_sorted"))
    lines = agree_playback(found, PLACES)
    assert [line.accepted.has_rtx for line in lines] == [False, True]
    text = build_playback(found, lines, SLOTS, LOCAL, "c")
    for feedback in ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"):
        assert f"\r\na=rtcp-fb:120 {feedback}\r\n" in text
    assert "\r\na=fmtp:124 apt=120\r\n" in text
    assert "\r\na=rtcp-fb:109 transport-cc\r\n" in text


def test_the_device_s_own_numbers_are_used() -> None:
    voice, picture = agree_playback(offer(), PLACES)
    assert voice.accepted == AcceptedSlot("voice", 0, 0, 3, False, 98, 0)
    assert picture.accepted == AcceptedSlot("picture", 9, 0, 0, True, 101, 102)


def test_the_answer_sends_on_the_offered_lines() -> None:
    asked = offer()
    text = build_playback(asked, agree_playback(asked, PLACES), SLOTS, LOCAL, "name")
    answer = parse_description(text)
    assert answer.bundle == ["voice", "picture"]
    assert [item.direction for item in answer.sections] == ["sendonly", "sendonly"]
    assert (answer.setup, answer.ufrag) == ("passive", LOCAL.credentials.ufrag)
    voice, picture = answer.sections
    assert (voice.payload_types, picture.payload_types) == ([98], [101, 102])
    assert picture.codecs[102].parameters == {"apt": "101"}
    assert picture.codecs[101].feedback == {"nack pli"}
    assert (voice.ssrcs, picture.fid) == ([1001], {2001: 2002})
    assert list(voice.extensions.values()) == [3]
    assert list(picture.extensions.values()) == [9]


def test_another_reader_understands_the_answer() -> None:
    asked = offer()
    text = build_playback(asked, agree_playback(asked, PLACES), SLOTS, LOCAL, "name")
    other = SessionDescription.parse(text)
    assert [media.rtp.muxId for media in other.media] == ["voice", "picture"]
    assert [media.direction for media in other.media] == ["sendonly", "sendonly"]


def test_a_line_that_receives_nothing_is_rejected_and_the_other_filled() -> None:
    asked = offer(("a=mid:picture\r\na=recvonly", "a=mid:picture\r\na=inactive"))
    lines = agree_playback(asked, PLACES)
    answer = parse_description(build_playback(asked, lines, SLOTS[:1], LOCAL, "name"))
    assert [item.is_rejected for item in answer.sections] == [False, True]
    assert answer.bundle == ["voice"]


def test_what_the_hub_cannot_write_is_left_out() -> None:
    _, picture = agree_playback(offer(("a=extmap:9", "a=extmap:16")), PLACES)
    assert picture.accepted.mid_id == 0
    long = "p" * 17
    _, picture = agree_playback(
        offer(("a=mid:picture", f"a=mid:{long}"), ("voice picture", f"voice {long}")), PLACES
    )
    assert picture.accepted.mid_id == 0


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ([("VP8/90000", "H264/90000")], "does not take VP8"),
        ([("OPUS/48000/2", "PCMU/8000")], "does not take opus"),
        ([("a=recvonly", "a=sendonly")], "no m-line receives"),
        ([("a=setup:actpass", "a=setup:passive")], "always passive"),
        ([("BUNDLE voice picture", "BUNDLE voice")], "one BUNDLE group"),
        ([("a=rtcp-mux\r\n", "")], "rtcp-mux"),
    ],
)
def test_what_the_hub_cannot_fill_is_refused(changes: list[tuple[str, str]], detail: str) -> None:
    with pytest.raises(BadDescription) as refusal:
        agree_playback(offer(*changes), PLACES)
    assert detail in str(refusal.value.values["detail"])


def test_there_is_one_picture() -> None:
    with pytest.raises(BadDescription):
        agree_playback(offer(), {"audio": 3, "video": 0})
