"""No SRTP number is used twice, whatever a member sends and asks for.

Under AES-GCM two packets of one number give away the key stream and the key of authentication
(RFC 7714 section 8.1). The keys of these tests would let it happen; a receiver that keeps a
replay window, as all do, refuses the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.media.engine.choice import EngineName
from rooms.media.engine.interface import MAX_PLAIN_BYTES
from rooms.media.engine.rewriter import MAX_AHEAD
from rooms.media.receiving.publisher import Publisher
from rooms.media.rtp.packet import RtpHeader
from rooms.media.rtp.red import Copy, build_red
from rooms.media.sdp.answer import AgreedTrack
from rooms.media.sdp.capabilities import AUDIO_LEVEL, MID, RED_PAYLOAD_TYPE, RID, send_codec
from rooms.media.sdp.offer import AcceptedSlot
from rooms.media.sending.slot import AudioSlot, VideoSlot
from rooms.media.source import Kind, Source, SourceKey
from tests.rooms.media.engine_line import Line
from tests.rooms.media.packets import asked, rtp, vp8

VOICE, LOW, HIGH = 1000, 2000, 3000
OPUS, VP8, RTX = 111, 96, 97
EXTENSIONS = {MID: 1, AUDIO_LEVEL: 2, RID: 3}
# What the send connection's RTX streams are called in the description of the low and high layer.
REPAIR_OF = {LOW: 2001, HIGH: 3001}
OLD_PICTURE = 5_000  # so far back nobody remembers


class Connection:
    """What a publisher needs of its transport."""

    def __init__(self, line: Line) -> None:
        self.engine = line.engine
        self.is_connected = True
        self.state = "connected"

    def count_bad(self, reason: str) -> None:
        pass

    def now(self) -> float:
        return 0.0

    def send_rtcp(self, compound: bytes) -> bool:
        return True


class Owner:
    """A conference in which nothing changes by itself."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: False


def agreed(kind: Kind) -> AgreedTrack:
    source: Source = "camera" if kind == "video" else "microphone"
    codec = send_codec(kind)
    is_video = kind == "video"
    return AgreedTrack(
        "1" if is_video else "0",
        source,
        codec,
        codec.payload_type,
        RTX if is_video else None,
        EXTENSIONS,
        ("l", "h") if is_video else (),
        (),
        {},
        None if is_video else RED_PAYLOAD_TYPE,
    )


class Stage:
    """One member who sends, and slots for all of it at one receiver."""

    def __init__(self, name: EngineName, *, allow_repeat: bool = True) -> None:
        self.line = Line(name, allow_repeat=allow_repeat)
        connection = cast(Any, Connection(self.line))
        owner = cast(Any, Owner())
        self.publisher = Publisher("a", owner, lambda _: connection, cast(Any, None), 1)
        self.publisher._streams.adopt([agreed("audio"), agreed("video")])
        self.newest = {VOICE: 65_500, LOW: 65_500, HIGH: 500, 2001: 1, 3001: 1}
        self.count = 0
        self.now = 1.0
        self.judged = 0
        self.last: dict[int, int] = {}
        for ssrc in (VOICE, LOW, HIGH):
            self.send(ssrc, 1)
        tracks = self.publisher.tracks
        self.layers = tracks["camera"].layers
        self.audio = AudioSlot("a0", self.line.make_stream)
        self.audio.accept(AcceptedSlot("a0", 1, 2, 3, False, red_payload_type=RED_PAYLOAD_TYPE))
        self.audio.assign(SourceKey("a", "microphone"), tracks["microphone"].audio_layer)
        self.video = VideoSlot("v0", self.line.make_stream)
        self.video.accept(AcceptedSlot("v0", 1, 2, 0, True))
        self.video.assign(SourceKey("a", "camera"))
        self.video.aim(self.layers["l"])
        self.send(VOICE, 1)
        self.send(LOW, 1, "key")

    def send(self, ssrc: int, ahead: int, form: str = "key", copies: int = 0) -> None:
        """A packet numbered so far after the newest of its stream."""
        self.count += 1
        sequence = self.newest[ssrc] + ahead
        self.newest[ssrc] = max(self.newest[ssrc], sequence)
        payload_type = OPUS if ssrc == VOICE else VP8
        extensions = {1: b"0", 2: b"\x1e"} if ssrc == VOICE else {1: b"1"}
        if ssrc in (LOW, HIGH):
            extensions[3] = b"l" if ssrc == LOW else b"h"
        if form == "other type":
            payload_type = 13
        elif copies:
            payload_type = RED_PAYLOAD_TYPE
        self._receive(ssrc, sequence, payload_type, self._payload(ssrc, form, copies), extensions)

    def repair(self, ssrc: int, ahead: int, form: str) -> None:
        """A retransmission that names a number, with contents of its own."""
        self.count += 1
        named = (self.newest[ssrc] + ahead) & 0xFFFF
        repair = REPAIR_OF[ssrc]
        self.newest[repair] += 1
        payload = named.to_bytes(2, "big") + self._payload(ssrc, form, 0)
        rid = b"l" if ssrc == LOW else b"h"
        self._receive(repair, self.newest[repair], RTX, payload, {1: b"1", 3: rid})

    def _receive(
        self, ssrc: int, sequence: int, kind: int, payload: bytes, extensions: dict[int, bytes]
    ) -> None:
        self.now += 0.02  # a voice at its usual rate
        stamp = sequence * (960 if ssrc == VOICE else 3_000)
        packet = rtp(
            ssrc=ssrc,
            sequence=sequence,
            timestamp=stamp,
            payload_type=kind,
            payload=payload,
            extensions=extensions,
        )
        with suppress(ValueError):  # as at the port
            self.publisher.receive_rtp(packet, self.now)

    def _payload(self, ssrc: int, form: str, copies: int) -> bytes:
        mark = b"packet %d" % self.count
        if form == "empty":
            return b""
        if form == "broken":
            return b"\x90"
        if form == "too long":
            mark += bytes(MAX_PLAIN_BYTES)
        if ssrc == VOICE:
            repeats = [Copy(960 * back, b"copy %d" % back + mark) for back in range(copies, 0, -1)]
            return build_red(OPUS, mark, repeats) if copies else mark
        temporal = 2 if form == "upper" else 0
        picture = self.count - (OLD_PICTURE if form == "old picture" else 0)
        return vp8(picture=picture, tl0=self.count, key=form == "key", temporal=temporal) + mark

    def ask(self, back: int) -> None:
        """The receiver asks for a packet of the picture again."""
        newest = self.video.stream.state().last_sequence
        self.now += 0.2
        self.video.stream.retransmit(asked(newest - back), 9, self.now)

    def sent(self) -> list[RtpHeader]:
        """All that was sent; raises where the receiver refuses one as a replay."""
        packets = self.line.packets
        assert self.line.engine.counts().refused == 0
        return packets

    def holes(self) -> list[int]:
        """How far each packet of a slot is ahead of all before it."""
        found = []
        packets = self.sent()
        for packet in packets[self.judged :]:
            if packet.ssrc not in (self.audio.ssrc, self.video.ssrc):
                continue
            last = self.last.setdefault(packet.ssrc, packet.sequence - 1)
            ahead = (packet.sequence - last) & 0xFFFF
            if ahead < 0x8000:
                self.last[packet.ssrc] = packet.sequence
                found.append(ahead)
        self.judged = len(packets)
        return found

    def close(self) -> None:
        self.line.close()


@pytest.fixture(params=["python", "native"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(request.param)
    yield made
    made.close()


UNUSUAL = ["upper", "empty", "broken", "other type", "old picture", "too long"]
FORMS = st.sampled_from(["frame"] * 4 + ["key", "key", *UNUSUAL])
NEAR = st.just(1) | st.integers(-3, 3) | st.integers(-70, 70)
FAR = st.integers(-70_000, 70_000) | st.sampled_from([-65_536, -1_024, -513, -512, -511, 32_768])
STREAM = st.sampled_from([VOICE, LOW, HIGH])
PICTURE = st.sampled_from([LOW, HIGH])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), STREAM, NEAR | FAR, FORMS, st.integers(0, 9)),
        st.tuples(st.just("send"), STREAM, NEAR, FORMS, st.integers(0, 9)),
        st.tuples(st.just("repair"), PICTURE, NEAR | FAR, FORMS),
        st.tuples(st.just("repairs"), PICTURE, st.integers(0, 1_200), st.integers(1, 80), FORMS),
        st.tuples(st.just("run"), STREAM, st.sampled_from([3, 70, 300, 560, 1_100]), FORMS),
        st.tuples(st.just("ask"), st.integers(-5, 600)),
        st.tuples(st.just("probe")),
        st.tuples(st.just("aim"), st.sampled_from(["l", "h"]), st.integers(0, 3)),
        st.tuples(st.just("stop")),
        st.tuples(st.just("copies"), st.integers(0, 2)),
        st.tuples(st.just("mute"), st.sampled_from(["microphone", "camera"]), st.booleans()),
    ),
    min_size=5,
    max_size=40,
)


def play(stage: Stage, step: tuple[Any, ...]) -> None:
    match step:
        case ("send", ssrc, ahead, form, copies):
            stage.send(ssrc, ahead, form, copies)
        case ("repair", ssrc, ahead, form):
            stage.repair(ssrc, ahead, form)
        case ("repairs", ssrc, back, count, form):
            for at in range(count):
                stage.repair(ssrc, at - back, form)
        case ("run", ssrc, count, form):
            for at in range(count):
                stage.send(ssrc, 1, form)
                if at % 64 == 0:  # or the socket's buffer is full
                    stage.sent()
        case ("ask", back):
            stage.ask(back)
        case ("probe",):
            stage.video.stream.probe(100, stage.now)
        case ("aim", rid, temporal):
            stage.video.aim(stage.layers[rid], temporal)
        case ("stop",):
            stage.video.stop()
        case ("copies", copies):
            stage.audio.repeat(copies)
        case ("mute", source, muted):
            stage.publisher.tracks[source].muted = muted


@pytest.mark.parametrize("name", ["python", "native"])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_number_is_used_twice_or_left_out_in_mass_whatever_a_member_sends(
    name: EngineName, steps: list[tuple[Any, ...]]
) -> None:
    stage = Stage(name)
    try:
        for step in steps:
            play(stage, step)
            assert all(ahead <= MAX_AHEAD for ahead in stage.holes())
    finally:
        stage.close()


@pytest.mark.parametrize("between", [0, 500, 560, 1_100, 5_000])
def test_a_retransmission_of_what_was_sent_long_ago_is_not_sent_on(
    stage: Stage, between: int
) -> None:
    stage.send(LOW, 1, "key")
    for _ in range(between):
        stage.send(LOW, 1, "frame")
        stage.sent()
    before = len(stage.sent())
    for back in range(0, between + 70, 7):
        stage.repair(LOW, -back, "frame")
    assert len(stage.sent()) == before


def test_a_first_packet_that_comes_empty_again_moves_no_numbers(stage: Stage) -> None:
    stage.audio.assign(None, None)
    stage.audio.assign(
        SourceKey("a", "microphone"), stage.publisher.tracks["microphone"].audio_layer
    )
    stage.send(VOICE, 1)
    before = len(stage.sent())
    stage.send(VOICE, 0, "empty")
    stage.send(VOICE, 1)
    assert len(stage.sent()) == before + 1


@pytest.mark.parametrize("name", ["python", "native"])
@pytest.mark.parametrize("form", ["old picture", "too long", "frame"])
def test_what_cannot_be_sent_uses_up_no_numbers(name: EngineName, form: str) -> None:
    """SRTP takes a number that is half a turn ahead for one of the turn before."""
    stage = Stage(name, allow_repeat=False)
    try:
        half = 0x8000 // 250 + 2
        for count, what in ((half, "frame"), (half, form)):
            for _ in range(count):
                stage.send(LOW, 250, what)
                stage.sent()
        before = len(stage.sent())
        stage.video.stop()
        stage.video.aim(stage.layers["h"])
        for _ in range(50):
            stage.send(HIGH, 1)
        assert len(stage.sent()) == before + 50
        assert max(stage.holes()) <= MAX_AHEAD
    finally:
        stage.close()


def test_what_cannot_be_sent_leaves_no_hole(stage: Stage) -> None:
    """A viewer would take it for a loss of its own line."""
    for form in ("old picture", "too long"):
        for ssrc in (LOW, VOICE):
            stage.send(ssrc, 1, form)
            stage.send(ssrc, 1, "frame")
    assert set(stage.holes()) == {1}
