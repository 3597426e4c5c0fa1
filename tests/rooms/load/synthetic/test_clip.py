"""The clip: what decoders make of it, and its place in the cache."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from rooms.load.synthetic.clip import ClipPlan, Frame, LayerPlan, load_clip
from rooms.load.synthetic.payloads import MAX_PAYLOAD, vp8_payloads
from rooms.load.synthetic.stamp import STAMP_BYTES, make_stamp, padded_opus, read_stamp
from rooms.load.synthetic.voice import level_dbov, speak
from rooms.media.rtp.vp8 import Vp8Descriptor
from tests.rooms.load.clips import SMALL, small_clip


def test_each_group_of_each_layer_begins_with_a_key_frame_and_has_no_other() -> None:
    for layer, plan in zip(small_clip().layers, SMALL.layers, strict=True):
        assert layer.plan == plan
        assert len(layer.groups) == SMALL.groups
        for group in layer.groups:
            assert [frame.is_key for frame in group] == [True] + [False] * (len(group) - 1)


def test_a_layer_has_about_the_bitrate_it_was_planned_for() -> None:
    for layer in small_clip().layers:
        size = sum(len(frame.data) for group in layer.groups for frame in group)
        seconds = SMALL.group_frames * SMALL.groups / SMALL.fps
        assert 0.5 < size * 8 / seconds / layer.plan.bitrate_bps < 2


def test_stamped_frames_decode_in_whatever_order_groups_are_played() -> None:
    layer = small_clip().layers[1]
    decoder = av.VideoCodecContext.create("vp8", "r")
    pictures = []
    for group in (*reversed(layer.groups), layer.groups[1]):
        for frame in group:
            pictures += decoder.decode(av.Packet(frame.data + make_stamp(1)))
    assert len(pictures) == 3 * SMALL.group_frames
    assert {(picture.width, picture.height) for picture in pictures} == {(320, 180)}


def test_stamped_sound_decodes_to_what_it_was() -> None:
    def decoded(packets: list[bytes]) -> bytes:
        decoder = av.AudioCodecContext.create("libopus", "r")
        decoder.sample_rate, decoder.layout = 48_000, "mono"
        frames = [frame for data in packets for frame in decoder.decode(av.Packet(data))]
        return b"".join(bytes(frame.planes[0]) for frame in frames)

    plain = [sound.data for sound in small_clip().sounds]
    stamped = [padded_opus(data) + make_stamp(7) for data in plain]
    assert decoded(plain) == decoded(stamped) != b""


def test_a_stamp_is_read_back_and_nothing_else_is_taken_for_one() -> None:
    assert read_stamp(b"payload" + make_stamp(2**63)) == 2**63
    assert read_stamp(b"") is None
    assert read_stamp(bytes(40)) is None


def test_a_packet_of_several_opus_frames_cannot_be_padded() -> None:
    with pytest.raises(ValueError, match="one frame"):
        padded_opus(b"\x79rest")


def test_a_frame_is_cut_into_packets_of_about_equal_size() -> None:
    frame = small_clip().layers[1].groups[0][0].data * 3
    payloads = vp8_payloads(frame, 0x1234, 0x156, STAMP_BYTES)
    sizes = [len(payload) for payload in payloads]
    sizes[-1] += STAMP_BYTES
    assert max(sizes) <= MAX_PAYLOAD + 6
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes)
    descriptors = [Vp8Descriptor(payload) for payload in payloads]
    assert [item.starts_frame for item in descriptors] == [True] + [False] * (len(payloads) - 1)
    assert descriptors[0].is_key
    assert (descriptors[0].width, descriptors[0].height) == (320, 180)
    assert {(item.picture_id, item.tl0_index) for item in descriptors} == {(0x1234, 0x56)}
    assert b"".join(
        data[item.size :] for data, item in zip(payloads, descriptors, strict=True)
    ) == (frame)


def test_the_voice_is_as_loud_as_a_voice_and_silence_is_silent() -> None:
    samples = speak(0.5)
    assert 15 < level_dbov(samples) < 40
    assert level_dbov(samples[:0]) == 127


def test_a_clip_is_encoded_once(tmp_path: Path) -> None:
    plan = ClipPlan((LayerPlan("q", 64, 48, 30_000),), group_frames=3, groups=1, sound_s=0.1)
    made = load_clip(plan, tmp_path)
    (kept,) = tmp_path.iterdir()
    assert load_clip(plan, tmp_path) == made
    kept.write_bytes(b"broken")
    assert [len(layer.groups) for layer in load_clip(plan, tmp_path).layers] == [1]
    assert isinstance(made.layers[0].groups[0][0], Frame)
