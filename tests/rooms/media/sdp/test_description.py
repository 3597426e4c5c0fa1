from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.errors import ConfhubError
from rooms.media.errors import BadDescription
from rooms.media.sdp.answer import agree, build_answer
from rooms.media.sdp.attributes import MAX_FEEDBACK, MAX_FINGERPRINTS, MAX_PARAMETERS, MAX_RIDS
from rooms.media.sdp.capabilities import AUDIO_LEVEL, RID, TRANSPORT_CC
from rooms.media.sdp.description import MAX_BYTES, MAX_SECTIONS, Description, parse_description
from rooms.media.sdp.offer import OfferedSlot, read_answer
from tests.rooms.media.samples import (
    CHROMIUM_ANSWER,
    CHROMIUM_OFFER,
    CHROMIUM_SOURCES,
    FIREFOX_ANSWER,
    FIREFOX_OFFER,
    LOCAL,
    sdp,
    written,
)

DIGEST = ":".join(["0f"] * 32)
HEAD = ("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0")
TRANSPORT = (
    "a=ice-ufrag:abcd",
    "a=ice-pwd:0123456789012345678901",
    f"a=fingerprint:sha-256 {DIGEST}",
)


def audio(*lines: str) -> str:
    """A description with one voice and these lines in its section."""
    return sdp(*HEAD, "m=audio 9 UDP/TLS/RTP/SAVPF 111", *TRANSPORT, *lines)


def test_chromiums_offer_is_read_whole() -> None:
    offer = parse_description(CHROMIUM_OFFER)
    assert offer.bundle == ["0", "1"]
    assert (offer.ufrag, offer.setup) == ("njov", "actpass")
    assert len(offer.password) == 24
    ((algorithm, digest),) = offer.fingerprints
    assert (algorithm, len(digest)) == ("sha-256", 95)
    voice, camera = offer.sections
    assert (voice.kind, voice.mid, voice.direction) == ("audio", "0", "sendonly")
    assert (camera.kind, camera.mid, camera.sends) == ("video", "1", True)
    assert voice.rtcp_mux
    assert voice.extensions[AUDIO_LEVEL] == 1
    assert (camera.extensions[RID], camera.extensions[TRANSPORT_CC]) == (10, 3)
    opus = voice.codecs[111]
    assert (opus.name, opus.clock_rate, opus.channels) == ("opus", 48_000, 2)
    assert opus.parameters == {"minptime": "10", "useinbandfec": "1"}
    assert camera.codecs[97].parameters == {"apt": "96"}
    assert camera.codecs[96].feedback >= {"nack", "nack pli", "transport-cc"}
    assert camera.send_rids == ["l", "m", "h"]
    assert len(voice.ssrcs) == 1


def test_chromiums_answer_is_read() -> None:
    answer = parse_description(CHROMIUM_ANSWER)
    assert answer.setup == "active"
    assert [(item.mid, item.direction) for item in answer.sections] == [
        ("a0", "recvonly"),
        ("v0", "recvonly"),
    ]


def test_fields_of_the_session_serve_sections_that_have_none() -> None:
    section = ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtpmap:111 opus/48000/2")
    text = sdp(*HEAD, *TRANSPORT, "a=setup:active", *section)
    found = parse_description(text)
    assert (found.ufrag, found.setup) == ("abcd", "active")
    assert found.fingerprints == (("sha-256", DIGEST.upper()),)
    assert found.sections[0].mid == "0"


def test_the_first_of_the_bundle_speaks_for_its_transport() -> None:
    second = ("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:b", "a=ice-ufrag:lead", *TRANSPORT[1:])
    text = sdp(*HEAD, "a=group:BUNDLE b a", *audio("a=mid:a").split("\r\n")[4:-1], *second)
    assert parse_description(text).ufrag == "lead"


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("a=rtcp-fb:* nack", lambda d: d.sections[0].codecs[111].feedback == {"nack"}),
        ("a=rtcp-fb:111  nack  pli", lambda d: "nack pli" in d.sections[0].codecs[111].feedback),
        ("a=extmap:3/sendonly urn:x", lambda d: d.sections[0].extensions == {"urn:x": 3}),
        ("a=rid:a send max-width=1280", lambda d: d.sections[0].send_rids == ["a"]),
        ("a=rid:a recv", lambda d: d.sections[0].send_rids == []),
        ("a=ssrc-group:FID 1 2", lambda d: d.sections[0].fid == {1: 2}),
        ("a=ssrc-group:SIM 1 2 3", lambda d: d.sections[0].layers == [1, 2, 3]),
        ("a=ssrc-group:FEC 1 2", lambda d: (d.sections[0].fid, d.sections[0].layers) == ({}, [])),
        ("a=inactive", lambda d: not d.sections[0].sends),
        ("a=fingerprint:sha-1 AB", lambda d: len(d.fingerprints) == 1),  # weak ones are left out
        ("a=rtpmap:96 VP8/90000", lambda d: 96 not in d.sections[0].codecs),  # not on the m-line
        ("a=fmtp:111 ;;x=1=2; y", lambda d: True),
        ("a=fmtp:* x=1", lambda d: True),
        ("a=fmtp:300 x=1", lambda d: True),
        ("a=rtpmap:111", lambda d: 111 in d.sections[0].codecs),
        ("a=rtpmap:112 op/us/48000", lambda d: True),
        ("a=extmap:0 urn:x", lambda d: d.sections[0].extensions == {}),
        ("a=extmap:15 urn:x", lambda d: d.sections[0].extensions == {}),
        ("a=extmap:4096 urn:x", lambda d: d.sections[0].extensions == {}),
        ("a=extmap:255 urn:x", lambda d: d.sections[0].extensions == {"urn:x": 255}),
        ("a=extmap:1", lambda d: d.sections[0].extensions == {}),
        ("a=ssrc:x cname:a", lambda d: d.sections[0].ssrcs == []),
        ("a=ssrc:", lambda d: True),
        ("a=ssrc-group:", lambda d: True),
        ("a=ssrc-group:FID 1 x", lambda d: d.sections[0].fid == {}),
        ("a=rid:a", lambda d: d.sections[0].send_rids == []),
        ("a=rid:ä send", lambda d: d.sections[0].send_rids == []),
        (f"a=rid:{'r' * 17} send", lambda d: d.sections[0].send_rids == []),
        ("a=simulcast:send q", lambda d: d.sections[0].send_rids == []),
        ("a=simulcast", lambda d: True),
        ("a=ice-ufrag:a-b_c=d.", lambda d: d.ufrag == "a-b_c=d."),
        ("a=ice-lite", lambda d: d.is_lite),
        ("a=unknown", lambda d: True),
        ("b=AS:100", lambda d: True),
        ("", lambda d: True),
    ],
)
def test_lines(line: str, check: Callable[[Description], bool]) -> None:
    assert check(parse_description(audio("a=rtpmap:111 opus/48000/2", line)))


@pytest.mark.parametrize("text", [CHROMIUM_OFFER, CHROMIUM_ANSWER, FIREFOX_OFFER, FIREFOX_ANSWER])
@given(seed=st.integers(0, 2**32))
def test_the_order_of_attributes_means_nothing(text: str, seed: int) -> None:
    choose = random.Random(seed)
    head, *sections = text.split("\r\nm=")
    mixed = [head]
    for section in sections:
        first, *lines = section.removesuffix("\r\n").split("\r\n")
        choose.shuffle(lines)
        mixed.append("\r\n".join([first, *lines]))
    found = parse_description("\r\nm=".join(mixed) + "\r\n")
    wanted = parse_description(text)
    for one in found.sections + wanted.sections:
        one.ssrcs.sort()  # the first of several without rids is taken first
    assert found == wanted


def test_what_firefox_sorts_by_name_is_read_whole() -> None:
    voice, camera = parse_description(FIREFOX_OFFER).sections
    assert voice.codecs[109].feedback == {"transport-cc"}
    assert voice.codecs[109].parameters["useinbandfec"] == "1"
    assert camera.codecs[120].feedback >= {"nack", "nack pli", "ccm fir", "transport-cc"}
    assert camera.repair_of(120) == 124
    assert camera.send_rids == ["q", "h", "f"]
    (seen, *_) = parse_description(FIREFOX_ANSWER).sections[3:]
    assert (seen.mid, seen.repair_of(96)) == ("v0", 97)
    assert seen.codecs[96].feedback >= {"nack", "nack pli", "transport-cc"}


@pytest.mark.parametrize(
    "name",
    [
        "device_offer_sorted",
        "device_offer_sim",
        "device_offer_u2028",
        "device_offer_extmap4096",
        "player_offer_sorted",
    ],
)
def test_what_devices_write_is_taken(name: str) -> None:
    *_, picture = parse_description(written(name)).sections
    (codec,) = [codec for codec in picture.codecs.values() if codec.name == "VP8"]
    assert codec.feedback >= {"nack", "nack pli"}
    assert picture.repair_of(codec.payload_type) is not None


@pytest.mark.parametrize("break_", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_only_line_feeds_end_lines(break_: str) -> None:
    named = audio("a=rtpmap:111 opus/48000/2").replace("s=-", f"s=Phòng họp{break_}số 1")
    assert parse_description(named).sections[0].codecs
    assert parse_description(named.replace("\r\n", "\n")).sections[0].codecs


def test_payload_types_that_the_hub_cannot_take_are_passed_over() -> None:
    text = audio("a=rtpmap:111 opus/48000/2").replace("SAVPF 111", "SAVPF 72 128 999999 x 111")
    (section,) = parse_description(text).sections
    assert section.payload_types == [111]
    assert section.formats == "72 128 999999 x 111"


def test_a_direction_of_the_session_holds_where_a_section_has_none() -> None:
    lines = [*HEAD, "a=recvonly", "m=audio 9 X 111", *TRANSPORT, "m=audio 9 X 111", "a=sendonly"]
    first, second = parse_description(sdp(*lines)).sections
    assert (first.direction, second.direction) == ("recvonly", "sendonly")


def test_a_fifth_layer_and_one_with_a_long_name_are_left_out() -> None:
    rids = ["l", "m" * 17, "h", "x", "y", "z"]
    declared = [f"a=rid:{rid} send" for rid in rids]
    found = parse_description(audio(*declared, "a=simulcast:send " + ";".join(rids)))
    assert found.sections[0].send_rids == ["l", "h", "x", "y"]
    assert len(found.sections[0].send_rids) == MAX_RIDS


def test_simulcast_as_drafts_wrote_it_is_understood() -> None:
    rids = [f"a=rid:{rid} send" for rid in "abc"]
    found = parse_description(audio(*rids, "a=simulcast: send rid=c;a recv rid=x"))
    assert found.sections[0].send_rids == ["c", "a"]


@pytest.mark.parametrize(
    "line",
    [
        "a=rtcp-fb:* n{}",
        "a=rtcp-fb:0 n{}",
        "a=fmtp:0 p{}=1;q{}=1",
        "a=extmap:1 urn:{}",
        "a=ssrc:{}",
    ],
)
def test_what_is_read_of_an_m_line_is_bounded(line: str) -> None:
    """However long: each line costs its reading and no more."""
    numbers = [number for number in range(128) if not 64 <= number < 96]
    codecs = [f"a=rtpmap:{number} x/8000" for number in numbers]
    lines = [line.format(number, number) for number in range(2_500)]
    text = audio(*codecs, *lines).replace("SAVPF 111", "SAVPF " + " ".join(map(str, numbers)))
    (section,) = parse_description(text).sections
    assert len(section.codecs) == len(numbers)
    for codec in section.codecs.values():
        assert len(codec.feedback) <= MAX_FEEDBACK
        assert len(codec.parameters) <= MAX_PARAMETERS
    assert len(section.extensions) <= 64
    assert len(section.ssrcs) <= 8


def test_what_is_read_of_a_session_is_bounded() -> None:
    words = " ".join(map(str, range(9_000)))
    found = parse_description(audio().replace("t=0 0", f"t=0 0\r\na=group:BUNDLE {words}"))
    assert len(found.bundle) == MAX_SECTIONS
    others = [f"a=fingerprint:sha-256 {DIGEST[:-2]}{n:02x}" for n in range(200)]
    assert len(parse_description(audio(*others)).fingerprints) <= MAX_FINGERPRINTS


def test_the_first_alternative_of_each_simulcast_stream_is_used() -> None:
    rids = [f"a=rid:{rid} send" for rid in "abc"]
    found = parse_description(audio(*rids, "a=simulcast:recv x send a,b;~c"))
    assert found.sections[0].send_rids == ["a", "c"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin with v=0"),
        ("v=1\r\n", "does not begin with v=0"),
        (sdp(*HEAD), "no m-lines"),
        (sdp(*HEAD, "m=audio 9 UDP/TLS/RTP/SAVPF 111"), "no ice-ufrag"),
        (sdp(*HEAD, "m=audio 9 UDP/TLS/RTP/SAVPF 111", *TRANSPORT[:2]), "no fingerprint"),
        (sdp(*HEAD, "nonsense"), "line 5: not of the form"),
        (sdp(*HEAD, "m=audio"), "line 5"),
        (sdp(*HEAD, "m=audio 9 X"), "no formats"),
        (sdp(*HEAD, "m=audio 9 X " + "1 " * 200), "too many"),
        (sdp(*HEAD, "m=audio 99999 X 111"), "not a number up to 65535"),
        (sdp(*HEAD, *["m=audio 9 X 111"] * 65), "more than 64 m-lines"),
        (audio("a=mid:1", "m=audio 9 X 111", "a=mid:1"), "mid 1 is there twice"),
        (audio("a=mid:a b"), "bad mid"),
        (audio("a=ice-ufrag:ab"), "bad ice-ufrag"),
        (audio("a=ice-ufrag:ab:d"), "bad ice-ufrag"),
        (audio("a=ice-pwd:short"), "bad ice-pwd"),
        (audio("a=fingerprint:sha-256 AB:CD"), "bad fingerprint"),
        (audio("a=fingerprint:sha-256"), "line"),
        (audio("a=setup:now"), "bad setup"),
        (audio() + "a" * MAX_BYTES, "longer than"),
        ("v=0\r\n" + "\r\n" * 5_000, "more than 4096 lines"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    with pytest.raises(BadDescription) as caught:
        parse_description(text)
    assert why in str(caught.value.values["detail"])
    assert isinstance(caught.value, ConfhubError)


def serve(text: str, sources: dict[str, str]) -> None:
    """All that is done with a description from outside; BadDescription is its only error."""
    try:
        found = parse_description(text)
        build_answer(found, agree(found, sources), LOCAL)  # type: ignore[arg-type]
    except BadDescription:
        pass
    try:
        found = parse_description(text)
        read_answer(found, [OfferedSlot("a0", "audio", 1, 0), OfferedSlot("v0", "video", 2, 3)])
    except BadDescription:
        pass


@pytest.mark.parametrize("text", [CHROMIUM_OFFER, CHROMIUM_ANSWER, FIREFOX_OFFER])
@given(seed=st.integers(0, 2**32))
def test_mutated_descriptions_raise_bad_description_or_nothing(text: str, seed: int) -> None:
    """Lines and characters removed, doubled, exchanged or replaced; a thousand texts."""
    choose = random.Random(seed)
    for _ in range(5):
        lines = text.split("\r\n")
        for _ in range(choose.randint(1, 4)):
            at = choose.randrange(len(lines))
            other = choose.randrange(len(lines))
            line = lines[at]
            cut = choose.randrange(len(line) + 1)
            lines[at] = choose.choice(
                [
                    "",
                    line[:cut],
                    line[cut:],
                    line + line,
                    lines[other],
                    line[:cut] + choose.choice("\0 \n:/;,=~*9ä\udcff٣") + line[cut + 1 :],
                    line.replace(" ", "  "),
                    line[:cut] + lines[other],
                    line.replace("0", "18446744073709551616"),
                ]
            )
        serve("\r\n".join(lines), dict(CHROMIUM_SOURCES))


@given(
    st.text(max_size=300),
    st.dictionaries(st.text(max_size=3), st.sampled_from(["microphone", "screen"])),
)
def test_any_text_raises_bad_description_or_nothing(text: str, sources: dict[str, str]) -> None:
    for candidate in (text, "v=0\r\n" + text, audio(text), audio(f"a={text}")):
        serve(candidate, sources)
