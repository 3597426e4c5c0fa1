from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.rtp.vp8 import Vp8Descriptor
from tests.rooms.media.packets import vp8

KEY_FRAME = b"\x10\x00\x00\x9d\x01\x2a\x80\x02\x68\xc1"  # 640 x 360, vertical scale 3


@pytest.mark.parametrize(
    ("payload", "picture", "tl0", "temporal", "key_index", "size"),
    [
        (b"\x10\x01", None, None, None, None, 1),
        (b"\x80\x00\x01", None, None, None, None, 2),
        (b"\x80\x80\x7f\x01", 127, None, None, None, 3),
        (b"\x80\x80\xff\xff\x01", 32_767, None, None, None, 4),
        (b"\x80\x40\xfe\x01", None, 254, None, None, 3),
        (b"\x80\x20\xa0\x01", None, None, 2, None, 3),
        (b"\x80\x10\x1f\x01", None, None, None, 31, 3),
        (b"\x90\xf0\x80\x05\x06\x67\x01", 5, 6, 1, 7, 6),
    ],
)
def test_descriptors(
    payload: bytes,
    picture: int | None,
    tl0: int | None,
    temporal: int | None,
    key_index: int | None,
    size: int,
) -> None:
    read = Vp8Descriptor(payload)
    assert (read.picture_id, read.tl0_index, read.temporal) == (picture, tl0, temporal)
    assert (read.key_index, read.size) == (key_index, size)


def test_a_key_frame_tells_its_size() -> None:
    read = Vp8Descriptor(b"\x10" + KEY_FRAME)
    assert read.is_key
    assert (read.width, read.height) == (640, 360)


@pytest.mark.parametrize(
    ("payload", "is_key"),
    [
        (b"\x10" + KEY_FRAME, True),
        (b"\x30" + KEY_FRAME, True),  # the non-reference bit changes nothing
        (b"\x00" + KEY_FRAME, False),  # not the start of a partition
        (b"\x11" + KEY_FRAME, False),  # the start of the second partition
        (b"\x10\x01" + KEY_FRAME[1:], False),  # an inter frame
        (b"\x10\x10\x00", True),  # a key frame whose header is in the next packet
    ],
)
def test_where_key_frames_begin(payload: bytes, is_key: bool) -> None:
    assert Vp8Descriptor(payload).is_key == is_key


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x10",
        b"\x80",
        b"\x80\x80",
        b"\x80\x80\xff",
        b"\x80\xf0\xff\xff",
        b"\x80\xf0\xff\xff\x01",
        b"\x80\xf0\xff\xff\x01\x02",
    ],
)
def test_truncated_descriptors_raise_value_error(payload: bytes) -> None:
    with pytest.raises(ValueError, match="truncated"):
        Vp8Descriptor(payload)


@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_raise_value_error(payload: bytes) -> None:
    for candidate in (payload, b"\x90\xf0" + payload):
        try:
            read = Vp8Descriptor(candidate)
        except ValueError:
            continue
        assert read.size < len(candidate)


@given(
    st.binary(min_size=8, max_size=20),
    st.one_of(st.none(), st.integers(0, 0x7FFF)),
    st.one_of(st.none(), st.integers(0, 255)),
)
def test_a_rewritten_descriptor_keeps_all_but_the_two_numbers(
    payload: bytes, picture: int | None, tl0: int | None
) -> None:
    read = Vp8Descriptor(payload)
    head = read.rewritten(picture, tl0)
    again = Vp8Descriptor(head + payload[read.size :])
    assert again.rewritten_size == len(head)
    assert (again.picture_id, again.tl0_index) == (picture, tl0)
    assert again.picture_bits == 15
    for name in ("partition", "starts_frame", "is_key", "temporal", "key_index", "height"):
        assert getattr(again, name) == getattr(read, name), name
    assert again.first & 0x7F == read.first & 0x7F
    if read.temporal is not None:
        assert again.layer_sync == read.layer_sync


def test_the_test_packets_are_vp8() -> None:
    read = Vp8Descriptor(vp8(picture=9, tl0=3, key=True, height=360))
    assert (read.picture_id, read.tl0_index, read.is_key, read.height) == (9, 3, True, 360)
