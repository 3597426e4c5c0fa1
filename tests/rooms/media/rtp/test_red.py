from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.rtp.red import MAX_COPIES, MAX_COPY_BYTES, Copy, build_red, parse_red

OPUS = 111


def test_a_payload_as_a_browser_writes_it() -> None:
    # One copy from 960 ticks ago, of 3 bytes, then the primary.
    payload = bytes([0x80 | OPUS, 0x0F, 0x00, 0x03, OPUS]) + b"oldnewer"
    red = parse_red(payload, OPUS)
    assert red.primary == b"newer"
    assert red.copies == (Copy(960, b"old"),)
    assert build_red(OPUS, b"newer", red.copies) == payload


def test_a_primary_alone() -> None:
    assert parse_red(bytes([OPUS]) + b"voice", OPUS) == (b"voice", ())
    assert parse_red(bytes([OPUS]), OPUS) == (b"", ())


def test_copies_of_another_encoding_and_empty_ones_are_left_out() -> None:
    heads = bytes([0x80 | 0, 0, 0, 2, 0x80 | OPUS, 0x0F, 0, 0, 0x80 | OPUS, 0x0F, 0, 1, OPUS])
    assert parse_red(heads + b"xxyvoice", OPUS) == (b"voice", (Copy(960, b"y"),))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes([0x80 | OPUS]),
        bytes([0x80 | OPUS, 0x0F, 0x00, 0x03]),  # no primary
        bytes([0x80 | OPUS, 0x0F, 0x00, 0x03, OPUS]) + b"ol",  # the copy ends early
        bytes([0]) + b"of another type",
        (bytes([0x80 | OPUS, 0, 4, 0]) * (MAX_COPIES + 1)) + bytes([OPUS]) + b"voice",
    ],
)
def test_malformed_payloads(payload: bytes) -> None:
    with pytest.raises(ValueError, match="RED"):
        parse_red(payload, OPUS)


@given(
    st.binary(max_size=200),
    st.lists(
        st.builds(
            Copy,
            st.integers(0, 0x3FFF),
            st.binary(min_size=1, max_size=MAX_COPY_BYTES),
        ),
        max_size=MAX_COPIES,
    ),
)
def test_what_is_built_is_read(primary: bytes, copies: list[Copy]) -> None:
    assert parse_red(build_red(OPUS, primary, copies), OPUS) == (primary, tuple(copies))


@given(st.binary(max_size=60), st.integers(0, 127))
def test_any_bytes_are_read_or_refused(payload: bytes, payload_type: int) -> None:
    try:
        red = parse_red(payload, payload_type)
    except ValueError:
        return
    assert len(red.copies) <= MAX_COPIES
    assert len(red.primary) + sum(len(copy.payload) for copy in red.copies) < len(payload)
