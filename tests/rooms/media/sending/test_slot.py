"""What a slot sends for what its layers deliver, with each engine over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from rooms.media.engine.interface import MAX_PLAIN_BYTES
from rooms.media.receiving.track import Layer, Track
from rooms.media.rtp.packet import MediaPacket
from rooms.media.rtp.rtcp import ReportBlock, SenderReport
from rooms.media.rtp.vp8 import Vp8Descriptor
from rooms.media.sdp.answer import AgreedTrack
from rooms.media.sdp.capabilities import send_codec
from rooms.media.sdp.offer import AcceptedSlot
from rooms.media.sending.slot import AudioSlot, VideoSlot
from rooms.media.source import Kind, Source, SourceKey
from tests.rooms.media.engine_line import Line
from tests.rooms.media.packets import asked, vp8

KEY = SourceKey("a", "camera")


@pytest.fixture(params=["python", "native"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    made = Line(request.param)
    yield made
    made.close()


def make_layer(
    line: Line, kind: Kind = "video", track: Track | None = None, rid: str = ""
) -> Layer:
    if track is None:
        source: Source = "camera" if kind == "video" else "microphone"
        codec = send_codec(kind)
        agreed = AgreedTrack("0", source, codec, codec.payload_type, None, {}, (), (), {})
        track = Track(SourceKey("a", source), agreed, muted=False)
    return Layer(track, rid, 1, lambda _layer: None, line.engine.fan)


def voice(sequence: int, timestamp: int) -> MediaPacket:
    return MediaPacket(sequence, timestamp, 0, b"opus", None, 30)


def picture(sequence: int, timestamp: int, number: int, *, key: bool = False) -> MediaPacket:
    payload = vp8(picture=number, tl0=number, key=key)
    return MediaPacket(sequence, timestamp, 1, payload, Vp8Descriptor(payload))


@pytest.fixture
def audio(line: Line) -> AudioSlot:
    slot = AudioSlot("a0", line.make_stream)
    slot.accept(AcceptedSlot("a0", 1, 2, 3, False))
    return slot


@pytest.fixture
def video(line: Line) -> VideoSlot:
    slot = VideoSlot("v0", line.make_stream)
    slot.accept(AcceptedSlot("v0", 1, 2, 0, True))
    slot.assign(KEY)
    return slot


def takers(layer: Layer) -> tuple[int, int]:
    """How many carry the layer, and how many wait for it."""
    return len(layer.fans[0]), len(layer.waiting)


def steps(line: Line) -> list[tuple[int, int]]:
    """(sequence, timestamp) steps between the packets sent."""
    return [
        ((b.sequence - a.sequence) & 0xFFFF, (b.timestamp - a.timestamp) & 0xFFFFFFFF)
        for a, b in pairwise(line.packets)
    ]


def test_a_voice_follows_another_without_a_seam(line: Line, audio: AudioSlot) -> None:
    one, other = make_layer(line, "audio"), make_layer(line, "audio")
    audio.assign(KEY, one)
    one.deliver(voice(100, 5_000), 1.0)
    one.deliver(voice(101, 5_960), 1.02)
    audio.assign(KEY, other)
    one.deliver(voice(102, 6_920), 1.04)
    other.deliver(voice(40_000, 77), 1.5)
    assert steps(line) == [(1, 960), (1, 23_040)]
    assert [packet.extension(3) for packet in line.packets] == [bytes([30])] * 3


def test_a_voice_that_comes_back_shows_no_loss(line: Line, audio: AudioSlot) -> None:
    layer = make_layer(line, "audio")
    audio.assign(KEY, layer)
    layer.deliver(voice(100, 0), 1.0)
    audio.assign(None, None)
    layer.deliver(voice(101, 960), 1.02)
    audio.assign(KEY, layer)
    layer.deliver(voice(102, 1_920), 1.5)
    assert steps(line) == [(1, 24_000)]


def test_a_slot_that_is_not_accepted_sends_nothing(line: Line, audio: AudioSlot) -> None:
    layer = make_layer(line, "audio")
    audio.assign(KEY, layer)
    audio.accept(None)
    layer.deliver(voice(1, 1), 1.0)
    assert line.packets == []
    assert not audio.is_accepted


def test_a_picture_begins_and_changes_layer_at_key_frames_only(
    line: Line, video: VideoSlot
) -> None:
    low = make_layer(line, rid="l")
    high = make_layer(line, track=low.track, rid="h")
    video.aim(low)
    assert low.key_frames.wanted
    low.deliver(picture(1, 0, 1), 1.0)
    assert line.packets == []
    low.deliver(picture(2, 3_000, 2, key=True), 1.033)
    video.aim(high)
    low.deliver(picture(3, 6_000, 3), 1.066)
    high.deliver(picture(900, 0, 50), 1.066)
    assert video.current is low
    high.deliver(picture(901, 3_000, 51, key=True), 1.1)
    low.deliver(picture(4, 9_000, 4), 1.1)
    assert video.current is high
    assert [packet.marker for packet in line.packets] == [1, 1, 1]
    assert [step for step, _ in steps(line)] == [1, 1]
    assert takers(low) == (0, 0)
    assert takers(high) == (1, 0)


@pytest.mark.parametrize(
    ("reported_at", "ticks"),
    [(100, 3_000), (90_000, 45_000)],
    ids=["between layers the sender's reports give the time", "those of another day do not"],
)
def test_the_time_between_layers_is_the_senders_where_it_can_be_believed(
    line: Line, video: VideoSlot, reported_at: int, ticks: int
) -> None:
    """Arrival says 0.5 s, the capture clock of the same day 3,000 ticks."""
    low = make_layer(line, rid="l")
    high = make_layer(line, track=low.track, rid="h")
    low.reception.last_report = SenderReport(1, 100 << 32, 50_000, 0, 0)
    high.reception.last_report = SenderReport(2, reported_at << 32, 9_000_000, 0, 0)
    video.aim(low)
    low.deliver(picture(1, 50_000, 1, key=True), 1.0)
    video.aim(high)
    high.deliver(picture(1, 9_003_000, 1, key=True), 1.5)
    assert steps(line) == [(1, ticks)]


def test_one_viewer_that_always_asks_gets_a_key_frame_now_and_then(
    line: Line, video: VideoSlot
) -> None:
    layer = make_layer(line)
    video.aim(layer)
    video.begin(layer, picture(1, 0, 1, key=True), 0.0)
    asked = 0
    for tenth in range(600):
        layer.key_frames.received()
        video.request_key_frame(tenth / 10)
        asked += layer.key_frames.wanted
    assert asked == 6 + 29  # a burst, then one in two seconds


def test_padding_of_the_source_leaves_no_hole(line: Line, video: VideoSlot) -> None:
    layer = make_layer(line)
    video.aim(layer)
    layer.deliver(picture(1, 0, 1, key=True), 1.0)
    layer.skip(2)
    layer.skip(3)
    layer.deliver(picture(4, 3_000, 2), 1.033)
    assert steps(line) == [(1, 3_000)]


def test_aiming_elsewhere_and_back_leaves_one_consumer(line: Line, video: VideoSlot) -> None:
    low, high = make_layer(line, rid="l"), make_layer(line, rid="h")
    video.aim(low)
    low.deliver(picture(1, 0, 1, key=True), 1.0)
    video.aim(high)
    video.aim(low)
    assert (takers(low), takers(high)) == ((1, 0), (0, 0))
    video.aim(high)
    video.aim(None)
    assert (takers(low), takers(high)) == ((0, 0), (0, 0))
    assert video.current is None


def temporal_picture(number: int, temporal: int, *, key: bool = False) -> MediaPacket:
    payload = vp8(picture=number, tl0=number, temporal=temporal, key=key)
    return MediaPacket(number, number * 3_000, 1, payload, Vp8Descriptor(payload))


def test_frames_are_left_out_of_the_layer_that_is_shown(line: Line, video: VideoSlot) -> None:
    layer = make_layer(line)
    video.aim(layer)
    layer.deliver(temporal_picture(1, 0, key=True), 1.0)
    video.aim(layer, 0)
    for number, temporal in ((2, 2), (3, 1), (4, 2), (5, 0)):
        layer.deliver(temporal_picture(number, temporal), 1.0 + number / 30)
    assert [step for step, _ in steps(line)] == [1]


def test_a_layer_begins_with_the_frames_it_was_aimed_at(line: Line, video: VideoSlot) -> None:
    low = make_layer(line, rid="l")
    high = make_layer(line, track=low.track, rid="h")
    video.aim(high)
    high.deliver(temporal_picture(1, 0, key=True), 1.0)
    video.aim(low, 0)
    high.deliver(temporal_picture(2, 2), 1.03)  # goes on meanwhile
    low.deliver(temporal_picture(1, 0, key=True), 1.06)
    low.deliver(temporal_picture(2, 2), 1.09)
    assert len(line.packets) == 3


def test_a_layer_that_is_too_much_is_thinned_until_the_next_one_begins(
    line: Line, video: VideoSlot
) -> None:
    low = make_layer(line, rid="l")
    high = make_layer(line, track=low.track, rid="h")
    video.aim(high)
    high.deliver(temporal_picture(1, 0, key=True), 1.0)
    video.aim(low, meanwhile="thin")
    high.deliver(temporal_picture(2, 2), 1.03)
    high.deliver(temporal_picture(3, 0), 1.06)
    low.deliver(temporal_picture(1, 0, key=True), 1.06)
    low.deliver(temporal_picture(2, 2), 1.09)  # all of its frames
    assert len(line.packets) == 4


def test_a_layer_that_is_far_too_much_is_paused_until_the_next_one_begins(
    line: Line, video: VideoSlot
) -> None:
    low = make_layer(line, rid="l")
    high = make_layer(line, track=low.track, rid="h")
    video.aim(high)
    high.deliver(temporal_picture(1, 0, key=True), 1.0)
    video.aim(low, meanwhile="pause")
    high.deliver(temporal_picture(2, 0), 1.03)
    assert len(line.packets) == 1
    assert (takers(high), takers(low)) == ((0, 0), (0, 1))
    low.deliver(temporal_picture(1, 0, key=True), 1.06)
    assert len(line.packets) == 2


def test_an_old_picture_stops_at_once_when_the_source_changes(line: Line, video: VideoSlot) -> None:
    layer = make_layer(line)
    video.aim(layer)
    layer.deliver(picture(1, 0, 1, key=True), 1.0)
    video.assign(SourceKey("b", "camera"))
    assert video.current is None
    assert takers(layer) == (0, 0)


def test_a_lost_packet_is_sent_again_as_it_was(line: Line, video: VideoSlot) -> None:
    layer = make_layer(line)
    video.aim(layer)
    layer.deliver(picture(1, 0, 1, key=True), 1.0)
    (sent,) = line.packets
    assert video.stream.retransmit(asked(sent.sequence, sent.sequence + 1), 9, 1.1) == 1
    assert video.stream.retransmit(asked(sent.sequence), 9, 1.15) == 0
    _, again = line.packets
    assert (again.ssrc, again.payload_type) == (video.rtx_ssrc, 97)
    body = again.data[again.payload_at :]
    assert body == sent.sequence.to_bytes(2, "big") + sent.data[sent.payload_at :]
    assert video.stream.state().retransmitted == 1


def test_what_no_buffer_holds_is_dropped_and_counted(line: Line, video: VideoSlot) -> None:
    layer = make_layer(line)
    video.aim(layer)
    payload = vp8(picture=1, key=True) + bytes(MAX_PLAIN_BYTES)
    layer.deliver(MediaPacket(1, 0, 1, payload, Vp8Descriptor(payload)), 1.0)
    assert line.packets == []
    assert line.engine.counts().too_long == 1


def test_a_report_maps_time_as_the_source_does(line: Line, audio: AudioSlot) -> None:
    assert audio.sender_report(0.0) is None
    layer = make_layer(line, "audio")
    layer.reception.last_report = SenderReport(1, 100 << 32, 48_000, 0, 0)
    layer.reception.last_report_at = 1.0
    audio.assign(KEY, layer)
    layer.deliver(voice(1, 48_000), 1.02)
    report = audio.sender_report(2.0)
    assert report is not None
    assert (report.timestamp - line.packets[0].timestamp) & 0xFFFFFFFF == 48_000
    assert (report.packets, report.payload_bytes) == (1, 4)


def test_a_voice_that_has_not_begun_does_not_shift_the_reports_clock(
    line: Line, audio: AudioSlot
) -> None:
    one, other = make_layer(line, "audio"), make_layer(line, "audio")
    other.reception.last_report = SenderReport(1, 100 << 32, 3_000_000_000, 0, 0)
    audio.assign(KEY, one)
    one.deliver(voice(1, 0), 1.0)
    audio.assign(KEY, other)
    report = audio.sender_report(2.0)
    assert report is not None
    assert (report.timestamp - line.packets[0].timestamp) & 0xFFFFFFFF == 48_000


def test_receiver_reports_give_the_loss_since_the_last_one(line: Line, video: VideoSlot) -> None:
    assert video.receive_report(ReportBlock(1, 0, 5, 100, 90, 0, 0)) == (0, 0)
    assert video.receive_report(ReportBlock(1, 0, 8, 200, 90, 0, 0)) == (100, 3)
    assert video.receive_report(ReportBlock(1, 0, 6, 250, 90, 0, 0)) == (50, 0)
    assert video.receive_report(ReportBlock(1, 0, 0, 0, 90, 0, 0)) == (0, 0)
    assert video.jitter_ms == 1.0
    assert (video.expected, video.lost) == (150, 3)


def test_a_voice_goes_over_to_copies_and_back_without_a_seam(line: Line) -> None:
    slot = AudioSlot("a0", line.make_stream)
    slot.accept(AcceptedSlot("a0", 1, 2, 3, False, red_payload_type=63))
    layer = make_layer(line, "audio")
    slot.assign(KEY, layer)
    assert layer.voice is not None
    for number, copies in enumerate((0, 1, 2, 0), 100):
        slot.repeat(copies)
        payload = b"%d" % number
        layer.voice.receive(number, number * 960, payload)
        layer.deliver(MediaPacket(number, number * 960, 0, payload, None, 30), number * 0.02)
    assert steps(line) == [(1, 960)] * 3
    assert [packet.payload_type for packet in line.packets] == [111, 63, 63, 111]
    assert len(layer.fans[0]) == 1
    assert [packet.extension(3) for packet in line.packets] == [bytes([30])] * 4


def test_who_does_not_take_copies_gets_none(line: Line, audio: AudioSlot) -> None:
    layer = make_layer(line, "audio")
    audio.assign(KEY, layer)
    audio.repeat(2)
    layer.deliver(voice(1, 960), 1.0)
    assert [packet.payload_type for packet in line.packets] == [111]


def test_copies_end_with_an_answer_that_does_not_take_them(line: Line) -> None:
    slot = AudioSlot("a0", line.make_stream)
    slot.accept(AcceptedSlot("a0", 1, 2, 3, False, red_payload_type=63))
    layer = make_layer(line, "audio")
    slot.assign(KEY, layer)
    layer.deliver(voice(1, 960), 1.0)
    slot.repeat(1)
    slot.accept(AcceptedSlot("a0", 1, 2, 3, False))
    layer.deliver(voice(2, 1_920), 1.02)
    assert [packet.payload_type for packet in line.packets] == [111, 111]
    assert [len(fan) for fan in layer.fans] == [1, 0, 0]
