from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.port.framing import (
    MAX_PACKET_BYTES,
    MAX_PARTS,
    MAX_PICTURE_AGE_S,
    MAX_PICTURE_BYTES,
    MAX_VOICE_AGE_S,
    MAX_VOICE_PACKETS,
    MIN_PACKET_BYTES,
    Deframer,
    Outbox,
)


def framed(*packets: bytes) -> bytes:
    return b"".join(len(packet).to_bytes(2, "big") + packet for packet in packets)


def emptied(outbox: Outbox, now: float, at_once: int = 10_000) -> list[bytes]:
    """All that is written to a line that takes so many bytes at a time, as packets."""
    stream, packets = b"", []
    while parts := outbox.parts(now):
        chunk = b"".join(parts)[:at_once]
        outbox.written(len(chunk))
        stream += chunk
    while stream:
        end = 2 + int.from_bytes(stream[:2], "big")
        packets.append(stream[2:end])
        stream = stream[end:]
    return packets


PACKETS = st.just(b"") | st.binary(min_size=MIN_PACKET_BYTES, max_size=40)


@given(st.lists(PACKETS), st.integers(1, 50))
def test_packets_come_out_whole_however_the_stream_is_cut(packets: list[bytes], size: int) -> None:
    stream, reader = framed(*packets), Deframer()
    found = []
    for at in range(0, len(stream), size):
        found += reader.feed(stream[at : at + size])
    assert found == packets


def test_empty_packets_come_out_too_for_each_costs_something() -> None:
    one, other = bytes(12), bytes(13)
    assert Deframer().feed(framed(b"", one, b"", other)) == [b"", one, b"", other]


@pytest.mark.parametrize("size", [1, MIN_PACKET_BYTES - 1, MAX_PACKET_BYTES + 1, 0xFFFF])
def test_a_length_that_no_packet_has_is_refused_before_its_bytes_come(size: int) -> None:
    reader = Deframer()
    assert reader.feed(framed(bytes(MAX_PACKET_BYTES))) == [bytes(MAX_PACKET_BYTES)]
    with pytest.raises(ValueError, match=f"{size} bytes"):
        reader.feed(size.to_bytes(2, "big"))


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=60), st.booleans()), max_size=60),
    st.integers(1, 200),
)
def test_voice_goes_before_pictures_and_each_in_order(
    packets: list[tuple[bytes, bool]], at_once: int
) -> None:
    outbox = Outbox()
    for packet, is_picture in packets:
        assert outbox.put(packet, 1.0, is_picture=is_picture)
    voice = [packet for packet, is_picture in packets if not is_picture]
    pictures = [packet for packet, is_picture in packets if is_picture]
    assert emptied(outbox, 1.0, at_once) == voice + pictures
    assert (len(outbox), outbox.waiting_bytes) == (0, 0)


def test_a_packet_that_was_begun_is_finished_before_any_other() -> None:
    outbox = Outbox()
    outbox.put(b"picture", 1.0, is_picture=True)
    outbox.written(4)
    outbox.put(b"voice", 1.0)
    assert b"".join(outbox.parts(1.0)) == b"cture" + framed(b"voice")


def test_voice_that_is_late_is_dropped_and_newer_voice_is_not() -> None:
    outbox = Outbox()
    outbox.put(b"old", 1.0)
    outbox.put(b"new", 1.5)
    assert emptied(outbox, 1.01 + MAX_VOICE_AGE_S) == [b"new"]
    assert outbox.voice_dropped == 1


def test_voice_is_bounded_and_loses_its_oldest() -> None:
    outbox = Outbox()
    for number in range(MAX_VOICE_PACKETS + 3):
        outbox.put(number.to_bytes(2, "big"), 1.0)
    assert emptied(outbox, 1.0)[0] == (3).to_bytes(2, "big")
    assert outbox.voice_dropped == 3


def test_pictures_that_wait_too_long_are_dropped_together() -> None:
    outbox = Outbox()
    assert outbox.put(b"one", 1.0, is_picture=True)
    assert outbox.put(b"two", 1.0 + MAX_PICTURE_AGE_S, is_picture=True)
    assert not outbox.put(b"three", 1.01 + MAX_PICTURE_AGE_S, is_picture=True)
    assert (len(outbox), outbox.pictures_dropped) == (0, 3)
    assert outbox.put(b"key frame", 3.0, is_picture=True)


def test_pictures_never_take_more_memory_than_the_bound() -> None:
    outbox, taken = Outbox(), 0
    while outbox.put(bytes(1_200), 1.0, is_picture=True):
        taken += 1
        assert outbox.waiting_bytes <= MAX_PICTURE_BYTES
    assert taken == MAX_PICTURE_BYTES // 1_202
    assert outbox.waiting_bytes == 0


def test_one_write_takes_a_bounded_number_of_buffers() -> None:
    outbox = Outbox()
    for _ in range(3 * MAX_PARTS):
        outbox.put(b"x", 1.0, is_picture=True)
    assert len(outbox.parts(1.0)) == MAX_PARTS
