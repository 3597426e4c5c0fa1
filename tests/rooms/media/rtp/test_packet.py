from __future__ import annotations

import pytest
from aiortc.rtp import HeaderExtensionsMap, RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.rtp.packet import RtpHeader, Unwrapper, abs_send_time
from tests.rooms.media.packets import rtp

PLAIN = rtp(ssrc=7, sequence=1, timestamp=2, payload_type=96, payload=b"body")


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 127),
    st.booleans(),
    st.binary(max_size=50),
    # Together, with a byte before each, no more than a header of ours may hold.
    st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), max_size=7),
)
def test_a_header_reads_back_as_another_library_reads_it(
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload_type: int,
    marker: bool,
    payload: bytes,
    extensions: dict[int, bytes],
) -> None:
    data = rtp(
        ssrc=ssrc,
        sequence=sequence,
        timestamp=timestamp,
        payload_type=payload_type,
        payload=payload,
        marker=marker,
        extensions=extensions,
    )
    header = RtpHeader(data)
    other = RtpPacket.parse(data, HeaderExtensionsMap())
    assert header.sequence == other.sequence_number == sequence
    assert header.timestamp == other.timestamp == timestamp
    assert header.ssrc == other.ssrc == ssrc
    assert header.payload_type == other.payload_type == payload_type
    assert header.marker == other.marker == marker
    assert data[header.payload_at : header.payload_end] == other.payload == payload
    assert {number: header.extension(number) for number in range(1, 15)} == {
        number: extensions.get(number) for number in range(1, 15)
    }


def with_block(profile: bytes, block: bytes) -> RtpHeader:
    block += bytes(-len(block) % 4)
    size = (len(block) // 4).to_bytes(2, "big")
    return RtpHeader(b"\x90" + PLAIN[1:12] + profile + size + block + b"body")


@pytest.mark.parametrize(
    ("profile", "block", "wanted", "value"),
    [
        (b"\xbe\xde", b"\x10a\x22bcd", 2, b"bcd"),
        (b"\xbe\xde", b"\x00\x00\x10a", 1, b"a"),  # padding in front
        (b"\xbe\xde", b"\x10a", 0, None),  # not negotiated
        (b"\xbe\xde", b"\x10a", 3, None),
        (b"\xbe\xde", b"\xf0a\x10b", 1, None),  # id 15 ends the block
        (b"\xbe\xde", b"\x10a\x2fbb", 2, None),  # longer than the block
        (b"\x10\x00", b"\x01\x01a\xc8\x02bc", 200, b"bc"),  # two-byte form
        (b"\x10\x0f", b"\x00\x01\x00\x02\x01x", 2, b"x"),  # empty element, application bits
        (b"\x10\x00", b"\x01\x09a", 1, None),
        (b"\x12\x34", b"\x10a", 1, None),  # unknown profile
        (b"\xbe\xde", b"\x10a\x10b", 1, b"a"),  # the first of two
        (b"\xbe\xde", b"\x00" * 126 + b"\x10a", 1, b"a"),
        (b"\xbe\xde", b"\x00" * 130 + b"\x10a", 1, None),  # longer than anybody's
        (b"\xbe\xde", b"\x20b" * 15 + b"\x10a", 1, b"a"),
        (b"\xbe\xde", b"\x20b" * 16 + b"\x10a", 1, None),  # more than there are ids
        (b"\x10\x00", b"\x01\x40" + b"m" * 64 + (b"\x02\x10" + b"r" * 16) * 2, 1, b"m" * 64),
    ],
)
def test_extension_blocks(profile: bytes, block: bytes, wanted: int, value: bytes | None) -> None:
    header = with_block(profile, block)
    assert header.extension(wanted) == value
    assert header.data[header.payload_at : header.payload_end] == b"body"


def test_contributing_sources_and_padding_are_left_out_of_the_payload() -> None:
    data = b"\xa2" + PLAIN[1:12] + bytes(8) + b"body" + b"\0\0\3"
    header = RtpHeader(data)
    assert data[header.payload_at : header.payload_end] == b"body"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "shorter"),
        (PLAIN[:11], "shorter"),
        (b"\x40" + PLAIN[1:], "version"),
        (b"\x8f" + PLAIN[1:], "shorter than its header says"),
        (b"\x90" + PLAIN[1:12] + b"\xbe", "truncated"),
        (b"\x90" + PLAIN[1:12] + b"\xbe\xde\xff\xff", "shorter than its header says"),
        (b"\xa0" + PLAIN[1:-1] + b"\0", "padding"),
        (b"\xa0" + PLAIN[1:-1] + b"\xff", "shorter than its header says"),
    ],
)
def test_malformed_headers_raise_value_error(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        RtpHeader(data)


@given(st.binary(max_size=100), st.integers(0, 255))
def test_any_bytes_are_read_or_raise_value_error(data: bytes, wanted: int) -> None:
    for candidate in (data, b"\x90" + data, b"\x90" + PLAIN[1:12] + b"\xbe\xde\0\x03" + data):
        try:
            header = RtpHeader(candidate)
        except ValueError:
            continue
        header.extension(wanted)
        assert header.payload_at <= header.payload_end <= len(candidate)


@pytest.mark.parametrize(
    ("now", "value"), [(0.0, 0), (1.0, 1 << 18), (64.0, 0), (65.5, (1 << 18) * 3 // 2)]
)
def test_abs_send_time_counts_64_seconds(now: float, value: int) -> None:
    assert abs_send_time(now) == value


@pytest.mark.parametrize("bits", [7, 15, 16, 32])
@given(data=st.data())
def test_unwrapping_follows_a_counter_through_any_steps(bits: int, data: st.DataObject) -> None:
    size = 1 << bits
    true = data.draw(st.integers(0, size - 1))
    unwrapper = Unwrapper(bits)
    assert unwrapper.unwrap(true) == true
    highest = true
    for step in data.draw(st.lists(st.integers(-(size // 2) + 1, size // 2 - 1), max_size=30)):
        value = highest + step
        assert unwrapper.unwrap(value % size) == value
        highest = max(highest, value)
        assert unwrapper.highest == highest
