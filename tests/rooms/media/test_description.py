from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.errors import ConfhubError
from rooms.media.answer import agree, build_answer
from rooms.media.capabilities import AUDIO_LEVEL, RID, TRANSPORT_CC
from rooms.media.description import MAX_BYTES, MAX_RIDS, Description, parse_description
from rooms.media.errors import BadDescription
from rooms.media.offer import OfferedSlot, read_answer
from tests.rooms.media.samples import (
    CHROMIUM_ANSWER,
    CHROMIUM_OFFER,
    CHROMIUM_SOURCES,
    LOCAL,
    sdp,
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
        ("a=rtcp-fb:* nack", lambda d: True),
        ("a=extmap:3/sendonly urn:x", lambda d: d.sections[0].extensions == {"urn:x": 3}),
        ("a=rid:a send max-width=1280", lambda d: d.sections[0].send_rids == ["a"]),
        ("a=rid:a recv", lambda d: d.sections[0].send_rids == []),
        ("a=ssrc-group:FID 1 2", lambda d: d.sections[0].fid == {1: 2}),
        ("a=ssrc-group:SIM 1 2 3", lambda d: d.sections[0].fid == {}),
        ("a=inactive", lambda d: not d.sections[0].sends),
        ("a=fingerprint:sha-1 AB", lambda d: len(d.fingerprints) == 1),  # weak ones are left out
        ("a=rtpmap:96 VP8/90000", lambda d: 96 not in d.sections[0].codecs),  # not on the m-line
        ("a=fmtp:111 ;;x=1=2; y", lambda d: True),
        ("a=unknown", lambda d: True),
        ("b=AS:100", lambda d: True),
        ("", lambda d: True),
    ],
)
def test_lines(line: str, check: Callable[[Description], bool]) -> None:
    assert check(parse_description(audio("a=rtpmap:111 opus/48000/2", line)))


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
        (sdp(*HEAD, "m=audio 9 X 72"), "collides with RTCP"),
        (sdp(*HEAD, "m=audio 9 X 128"), "not a number up to 127"),
        (sdp(*HEAD, "m=audio 9 X ١١١"), "not a number"),
        (sdp(*HEAD, *["m=audio 9 X 111"] * 65), "more than 64 m-lines"),
        (audio("a=mid:1", "m=audio 9 X 111", "a=mid:1"), "mid 1 is there twice"),
        (audio("a=mid:a b"), "bad mid"),
        (audio("a=ice-ufrag:ab"), "bad ice-ufrag"),
        (audio("a=ice-ufrag:ab-d"), "bad ice-ufrag"),
        (audio("a=ice-pwd:short"), "bad ice-pwd"),
        (audio("a=fingerprint:sha-256 AB:CD"), "bad fingerprint"),
        (audio("a=fingerprint:sha-256"), "line"),
        (audio("a=setup:now"), "bad setup"),
        (audio("a=rtpmap:111"), "line"),
        (audio("a=rtpmap:111 opus"), "line"),
        (audio("a=rtpmap:111 op/us/48000"), "not a number"),
        (audio("a=rtpmap:111 o\x01s/48000"), "bad codec"),
        (audio("a=extmap:0 urn:x"), "reserved"),
        (audio("a=extmap:15 urn:x"), "reserved"),
        (audio("a=extmap:1"), "line"),
        (audio("a=ssrc:x cname:a"), "not a number"),
        (audio("a=ssrc:"), "line"),
        (audio("a=ssrc-group:"), "line"),
        (audio("a=rid:a"), "line"),
        (audio("a=rid:ä send"), "bad rid"),
        (audio(*[f"a=rid:{n} send" for n in range(MAX_RIDS + 1)]), "more than 4 rids"),
        (audio("a=simulcast:send q"), "not declared"),
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


@pytest.mark.parametrize("text", [CHROMIUM_OFFER, CHROMIUM_ANSWER])
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
