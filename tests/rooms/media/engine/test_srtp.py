"""Our in-place sessions against pylibsrtp's own: they must read each other's packets."""

from __future__ import annotations

import pylibsrtp
import pytest
from pylibsrtp import Policy, Session

from rooms.media.engine.srtp import (
    BUFFER_BYTES,
    MAX_PACKET_BYTES,
    MAX_STREAMS,
    PacketBuffer,
    SrtpError,
    SrtpSession,
)
from tests.rooms.media.packets import rtp

PROFILES = [
    Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
]
KEY_BYTES = dict(zip(PROFILES, (44, 28, 30), strict=True))
RR = bytes.fromhex("80c90001000004d2")


def session(kind: int, profile: int = PROFILES[0]) -> Session:
    return Session(
        Policy(key=bytes(range(KEY_BYTES[profile])), ssrc_type=kind, srtp_profile=profile)
    )


def pair(profile: int = PROFILES[0]) -> tuple[SrtpSession, Session, Session]:
    """Ours, and a peer's sending and receiving sessions."""
    ours = SrtpSession(
        session(Policy.SSRC_ANY_INBOUND, profile),
        session(Policy.SSRC_ANY_OUTBOUND, profile),
        "profile",
        PacketBuffer(),
    )
    return (
        ours,
        session(Policy.SSRC_ANY_OUTBOUND, profile),
        session(Policy.SSRC_ANY_INBOUND, profile),
    )


def packet(sequence: int, ssrc: int = 7, payload: bytes = b"hello") -> bytes:
    return rtp(ssrc=ssrc, sequence=sequence, timestamp=0, payload_type=96, payload=payload)


@pytest.mark.parametrize("profile", PROFILES)
def test_both_directions_agree_with_the_public_calls(profile: int) -> None:
    ours, sending, receiving = pair(profile)
    assert ours.unprotect(sending.protect(packet(1))) == packet(1)
    assert ours.unprotect_rtcp(sending.protect_rtcp(RR)) == RR
    plain = packet(2)
    ours._buffer.view[: len(plain)] = plain
    assert receiving.unprotect(bytes(ours.protect(len(plain)))) == plain
    assert receiving.unprotect_rtcp(bytes(ours.protect_rtcp(RR))) == RR


def test_a_replayed_packet_is_refused() -> None:
    ours, sending, _ = pair()
    media, report = sending.protect(packet(1)), sending.protect_rtcp(RR)
    ours.unprotect(media)
    ours.unprotect_rtcp(report)
    with pytest.raises(SrtpError, match="replay"):
        ours.unprotect(media)
    with pytest.raises(SrtpError, match="replay"):
        ours.unprotect_rtcp(report)


@pytest.mark.parametrize("at", [0, 1, 4, 8, 12, -1])
def test_a_packet_changed_anywhere_is_refused(at: int) -> None:
    ours, sending, _ = pair()
    data = bytearray(sending.protect(packet(1)))
    data[at] ^= 0x04
    with pytest.raises(SrtpError):
        ours.unprotect(bytes(data))


@pytest.mark.parametrize("data", [b"", b"\x80", bytes(11), b"\x80" * 12, b"\x80\xc8" + bytes(6)])
def test_short_datagrams_are_refused(data: bytes) -> None:
    ours, _, _ = pair()
    for unprotect in (ours.unprotect, ours.unprotect_rtcp):
        with pytest.raises(SrtpError):
            unprotect(data)


def test_packets_longer_than_the_buffer_are_refused_either_way() -> None:
    ours, _, _ = pair()
    with pytest.raises(SrtpError, match="too long"):
        ours.unprotect(b"\x80" * BUFFER_BYTES)
    with pytest.raises(SrtpError, match="too long"):
        ours.protect(MAX_PACKET_BYTES + 1)
    with pytest.raises(SrtpError, match="too long"):
        ours.protect_rtcp(bytes(MAX_PACKET_BYTES + 4))


def test_packets_beyond_pylibsrtps_own_limit_pass() -> None:
    """Some encoders write 1,400 bytes of payload; pylibsrtp's `protect` stops at 1,356."""
    ours, _, receiving = pair()
    plain = packet(1, payload=bytes(1_440))
    ours._buffer.view[: len(plain)] = plain
    assert receiving.unprotect(bytes(ours.protect(len(plain)))) == plain


def test_streams_that_a_peer_opens_are_bounded_and_known_ones_stay_protected() -> None:
    ours, sending, _ = pair()
    first = sending.protect(packet(1, ssrc=1))
    ours.unprotect(first)
    for ssrc in range(2, 2 + 3 * MAX_STREAMS):
        ours.unprotect(sending.protect(packet(1, ssrc=ssrc)))
        ours.unprotect(sending.protect(packet(ssrc, ssrc=1)))
        assert len(ours._streams) <= MAX_STREAMS
    with pytest.raises(SrtpError, match="replay"):
        ours.unprotect(first)


def test_forged_packets_open_no_streams() -> None:
    ours, _, _ = pair()
    for ssrc in range(50):
        with pytest.raises(SrtpError):
            ours.unprotect(packet(1, ssrc=ssrc) + bytes(16))
    assert len(ours._streams) == 0


def test_the_private_binding_is_where_it_is_expected() -> None:
    session_ = session(Policy.SSRC_ANY_OUTBOUND)
    assert hasattr(session_, "_srtp")
    for name in ("srtp_protect", "srtp_protect_rtcp", "srtp_unprotect", "srtp_unprotect_rtcp"):
        assert hasattr(pylibsrtp._binding.lib, name)
    assert pylibsrtp.SRTP_MAX_SRTCP_TRAILER_LEN >= pylibsrtp.SRTP_MAX_TRAILER_LEN
    assert pylibsrtp.ERRORS[0] is not None
