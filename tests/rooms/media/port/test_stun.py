from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.port import stun

TRANSACTION = bytes(range(12))


def request(password: str | None = "secret", **_: object) -> bytes:
    return stun.build_message(
        stun.BINDING_REQUEST, TRANSACTION, [(stun.USERNAME, b"hub:site")], password
    )


def test_a_built_message_reads_back_and_is_authentic() -> None:
    message = stun.parse_message(request())
    assert message.message_type == stun.BINDING_REQUEST
    assert message.transaction_id == TRANSACTION
    assert message.local_ufrag == "hub"
    assert message.has_fingerprint
    assert message.is_authentic("secret")
    assert not message.is_authentic("other")


def test_rfc5769_sample_request_is_authentic() -> None:
    """RFC 5769 section 2.1, an independent encoder."""
    sample = bytes.fromhex(
        "000100582112a442b7e7a701bc34d686fa87dfae80220010535455"
        "4e207465737420636c69656e74002400046e0001ff80290008932f"
        "f9b151263b36000600096576746a3a68367659202020000800149a"
        "eaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
    )
    message = stun.parse_message(sample)
    assert message.local_ufrag == "evtj"
    assert message.is_authentic("VOkJxbRl1RmTxUk/WvJxBt")


def test_rfc5769_sample_address_is_encoded_alike() -> None:
    transaction = bytes.fromhex("b7e7a701bc34d686fa87dfae")
    assert stun.pack_xor_address("192.0.2.1", 32853, transaction) == bytes.fromhex(
        "0001a147e112a643"
    )
    assert stun.pack_xor_address(
        "2001:db8:1234:5678:11:2233:4455:6677", 32853, transaction
    ) == bytes.fromhex("0002a1470113a9faa5d3f179bc25f4b5bed2b9d9")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d[:19], "shorter"),
        (lambda d: b"\xc0" + d[1:], "not a STUN"),
        (lambda d: d[:4] + b"\0\0\0\0" + d[8:], "not a STUN"),
        (lambda d: d + b"\0\0\0\0", "length"),
        (lambda d: d[:-1] + bytes([d[-1] ^ 1]), "FINGERPRINT"),
        (lambda d: d[:2] + b"\0\4" + d[4:20] + b"\0\6\0\xff", "truncated"),
    ],
)
def test_malformed_messages_raise_value_error(change: object, why: str) -> None:
    assert callable(change)
    with pytest.raises(ValueError, match=why):
        stun.parse_message(change(request()))


def test_attributes_after_integrity_are_not_read() -> None:
    plain = request(None)[:-8]  # without FINGERPRINT
    integrity = stun.build_message(
        stun.BINDING_REQUEST, TRANSACTION, [(stun.USERNAME, b"hub:site")], "secret"
    )[:-8]
    assert integrity.startswith(plain[:2])
    forged = bytearray(integrity + b"\x00\x25\x00\x00")
    forged[2:4] = (len(forged) - 20).to_bytes(2, "big")
    message = stun.parse_message(bytes(forged))
    assert stun.USE_CANDIDATE not in message.attributes


def test_a_message_has_a_bounded_number_of_attributes() -> None:
    def with_attributes(count: int) -> bytes:
        others = [(0x8030, b"")] * (
            count - 2
        )  # MESSAGE-INTEGRITY and FINGERPRINT come by themselves
        return stun.build_message(stun.BINDING_REQUEST, TRANSACTION, others, "secret")

    assert stun.parse_message(with_attributes(stun.MAX_ATTRIBUTES)).is_authentic("secret")
    with pytest.raises(ValueError, match="too many"):
        stun.parse_message(with_attributes(stun.MAX_ATTRIBUTES + 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_raise_value_error(data: bytes) -> None:
    for candidate in (data, request()[:8] + data, request()[:20] + data):
        try:
            message = stun.parse_message(candidate)
        except ValueError:
            continue
        message.is_authentic("secret")
        message.unknown_required()
