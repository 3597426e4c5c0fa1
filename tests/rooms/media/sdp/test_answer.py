from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from rooms.media.errors import BadDescription
from rooms.media.sdp.answer import AgreedTrack, agree, build_answer
from rooms.media.sdp.capabilities import MID, RID, TRANSPORT_CC
from rooms.media.sdp.description import Description, parse_description
from rooms.media.source import Source
from tests.rooms.media.samples import (
    CHROMIUM_OFFER,
    CHROMIUM_SOURCES,
    FIREFOX_OFFER,
    LOCAL,
    sdp,
    written,
)


def chromium(*changes: tuple[str, str]) -> Description:
    text = CHROMIUM_OFFER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_description(text)


def answer(offer: Description, sources: dict[str, Source] = CHROMIUM_SOURCES) -> str:
    return build_answer(offer, agree(offer, sources), LOCAL)


def sections(text: str) -> list[list[str]]:
    return [("m=" + part).split("\r\n") for part in text.split("\r\nm=")[1:]]


def test_a_voice_and_a_camera_of_three_layers_are_agreed() -> None:
    voice, camera = agree(chromium(), CHROMIUM_SOURCES)
    assert (voice.source, voice.payload_type, voice.rtx_payload_type) == ("microphone", 111, None)
    assert len(voice.ssrcs) == 1
    assert (camera.payload_type, camera.rtx_payload_type) == (96, 97)
    assert camera.rids == ("l", "m", "h")
    assert (camera.extensions[MID], camera.extensions[RID]) == (4, 10)
    assert "urn:3gpp:video-orientation" not in camera.extensions


def test_the_answer_names_one_port_and_is_lite_and_passive() -> None:
    text = answer(chromium())
    assert text.endswith("\r\n")
    head = text.split("\r\nm=")[0].split("\r\n")
    assert head[0] == "v=0"
    assert {"a=ice-lite", "a=group:BUNDLE 0 1"} <= set(head)
    voice, camera = sections(text)
    assert voice[0] == "m=audio 9 UDP/TLS/RTP/SAVPF 63 111"
    assert camera[0] == "m=video 9 UDP/TLS/RTP/SAVPF 96 97"
    for section in (voice, camera):
        assert {"a=recvonly", "a=rtcp-mux", "a=setup:passive", "a=end-of-candidates"} <= set(
            section
        )
        assert [line.split()[4:8] for line in section if line.startswith("a=candidate")] == [
            ["192.0.2.1", "7000", "typ", "host"],
            ["2001:db8::1", "7000", "typ", "host"],
        ]
    assert {"a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"} <= set(voice)
    assert {"a=rid:l recv", "a=rid:m recv", "a=rid:h recv", "a=simulcast:recv l;m;h"} <= set(camera)
    assert {"a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 transport-cc", "a=fmtp:97 apt=96"} <= set(camera)
    assert f"a=extmap:3 {TRANSPORT_CC}" in camera
    assert "a=rtcp-fb:96 goog-remb" in camera


def test_another_reader_understands_the_answer() -> None:
    other = SessionDescription.parse(answer(chromium()))
    assert [media.rtp.muxId for media in other.media] == ["0", "1"]
    ice, dtls = other.media[0].ice, other.media[0].dtls
    assert ice is not None
    assert dtls is not None
    assert (ice.iceLite, ice.usernameFragment) == (True, LOCAL.credentials.ufrag)
    assert dtls.role == "server"


def test_our_own_reader_reads_the_answer() -> None:
    found = parse_description(answer(chromium()))
    assert (found.ufrag, found.setup) == (LOCAL.credentials.ufrag, "passive")
    assert [section.direction for section in found.sections] == ["recvonly", "recvonly"]


def test_what_firefox_offers_is_agreed_with_feedback_and_repair() -> None:
    voice, camera = agree(parse_description(FIREFOX_OFFER), CHROMIUM_SOURCES)
    assert (voice.payload_type, camera.payload_type, camera.rtx_payload_type) == (109, 120, 124)
    assert camera.rids == ("q", "h", "f")
    heard, seen = sections(answer(parse_description(FIREFOX_OFFER)))
    assert "a=rtcp-fb:109 transport-cc" in heard
    assert {f"a=rtcp-fb:120 {item}" for item in ("nack", "nack pli", "transport-cc")} <= set(seen)
    assert "a=fmtp:124 apt=120" in seen


def test_red_is_agreed_wherever_its_attributes_stand() -> None:
    moved = ("a=rtpmap:111 opus/48000/2\r\n", "")
    voice, _ = agree(
        chromium(moved, ("a=fmtp:63", "a=rtpmap:111 opus/48000/2\r\na=fmtp:63")), CHROMIUM_SOURCES
    )
    assert voice.red_payload_type == 63
    first = ("a=mid:0", "a=fmtp:63 111/111\r\na=mid:0")
    voice, _ = agree(chromium(("a=fmtp:63 111/111\r\n", ""), first), CHROMIUM_SOURCES)
    assert voice.red_payload_type == 63


def test_a_group_of_ssrcs_is_layers_without_rids() -> None:
    offer = parse_description(written("device_offer_sim"))
    (camera,) = agree(offer, {"0": "camera"})
    assert (camera.is_grouped, camera.ssrcs) == (True, (1111, 2222, 3333))
    assert len(set(camera.rids)) == 3
    (seen,) = sections(answer(offer, {"0": "camera"}))
    assert not any(line.startswith(("a=rid", "a=simulcast")) for line in seen)


def test_rids_come_before_a_group_of_ssrcs() -> None:
    offer = chromium(("a=mid:1", "a=mid:1\r\na=ssrc-group:SIM 1 2 3"))
    _, camera = agree(offer, CHROMIUM_SOURCES)
    assert (camera.is_grouped, camera.rids) == (False, ("l", "m", "h"))


def test_m_lines_that_are_not_named_or_do_not_send_are_inactive() -> None:
    _, camera = sections(answer(chromium(), {"0": "microphone"}))
    assert "a=inactive" in camera
    assert "a=recvonly" not in camera
    voice, _ = sections(answer(chromium(("a=mid:0", "a=mid:0\r\na=inactive"))))
    offer = chromium(("a=sendonly", "a=recvonly"))
    assert agree(offer, CHROMIUM_SOURCES) == []
    assert voice[0].startswith("m=audio 9")


def test_data_and_rejected_m_lines_are_rejected_in_their_place() -> None:
    data = sdp(
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2", "a=sctp-port:5000"
    ) + sdp("m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:3", "a=inactive")
    offer = parse_description(CHROMIUM_OFFER.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + data)
    text = answer(offer)
    assert "a=group:BUNDLE 0 1\r\n" in text
    *_, channel, rejected = sections(text)
    assert channel[0] == "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
    assert rejected[0] == "m=video 0 UDP/TLS/RTP/SAVPF 96"


def test_a_bundle_only_m_line_is_used() -> None:
    offer = chromium(("m=video 9", "m=video 0"), ("a=mid:1", "a=mid:1\r\na=bundle-only"))
    _, camera = sections(answer(offer))
    assert camera[0].startswith("m=video 9")
    assert "a=recvonly" in camera


def test_streams_that_are_described_are_agreed_without_their_repairs() -> None:
    lines = "a=ssrc:5 cname:x\r\na=ssrc:6 cname:x\r\na=ssrc-group:FID 5 6\r\na=mid:1"
    _, camera = agree(chromium(("a=mid:1", lines)), CHROMIUM_SOURCES)
    assert (camera.ssrcs, camera.fid) == ((5,), {5: 6})


def test_the_preferred_codec_is_taken_wherever_it_is_offered() -> None:
    offer = chromium(("SAVPF 96 97 102", "SAVPF 102 96 97"))
    (camera,) = [track for track in agree(offer, CHROMIUM_SOURCES) if track.mid == "1"]
    assert isinstance(camera, AgreedTrack)
    assert camera.codec.name == "VP8"


@pytest.mark.parametrize(
    ("changes", "sources", "why"),
    [
        ([("setup:actpass", "setup:passive")], {}, "always passive"),
        ([("setup:actpass", "setup:holdconn")], {}, "always passive"),
        ([("t=0 0", "t=0 0\r\na=ice-lite")], {}, "a=ice-lite"),
        ([], {"0": "camera"}, "mid 0 is audio"),
        ([], {"9": "camera"}, "one BUNDLE group"),
        ([], {"0": "microphone", "9": "camera"}, "one BUNDLE group"),
        ([("a=rtcp-mux\r\n", "")], {}, "rtcp-mux"),
        ([("opus/48000/2", "opus/48000")], {}, "no codec the hub speaks (opus)"),
        ([("VP8/90000", "VP6/90000")], {}, "no codec the hub speaks (VP8)"),
        ([("a=group:BUNDLE 0 1", "a=group:LS 0 1")], {}, "one BUNDLE group"),
        ([("a=group:BUNDLE 0 1\r\n", "")], {"0": "microphone"}, "one BUNDLE group"),
    ],
)
def test_what_cannot_be_served_is_refused(
    changes: list[tuple[str, str]], sources: dict[str, Source], why: str
) -> None:
    with pytest.raises(BadDescription) as caught:
        agree(chromium(*changes), sources or CHROMIUM_SOURCES)
    assert why in str(caught.value.values["detail"])


def test_two_m_lines_of_one_source_are_refused() -> None:
    video = CHROMIUM_OFFER.split("\r\nm=video")[1].replace("a=mid:1", "a=mid:2")
    text = CHROMIUM_OFFER.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + "m=video" + video
    with pytest.raises(BadDescription, match="same source"):
        agree(parse_description(text), {"1": "camera", "2": "camera"})
