"""Descriptions that Chromium 156 has written, and pieces to build others from."""

from __future__ import annotations

from pathlib import Path

from rooms.media.port.ice import Credentials
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Source

DATA = Path(__file__).with_name("data")

# An offer to send a voice (mid 0) and a camera in three layers (mid 1), and the answer to an
# offer of the hub with slots a0 and v0. Read with their CRLF.
CHROMIUM_OFFER = (DATA / "chromium_offer.sdp").read_bytes().decode()
CHROMIUM_ANSWER = (DATA / "chromium_answer.sdp").read_bytes().decode()
# The same that Firefox 153 has written: attributes sorted by name.
FIREFOX_OFFER = (DATA / "firefox_offer.sdp").read_bytes().decode()
FIREFOX_ANSWER = (DATA / "firefox_answer.sdp").read_bytes().decode()
CHROMIUM_SOURCES: dict[str, Source] = {"0": "microphone", "1": "camera"}

LOCAL = LocalDescription(
    Credentials("00112233445566", "p" * 32),
    "sha-256 " + ":".join(["AB"] * 32),
    [("192.0.2.1", 7000), ("2001:db8::1", 7000)],
    3,
)


def written(name: str) -> str:
    """A description of data/, as it was sent."""
    return (DATA / f"{name}.sdp").read_bytes().decode()


def sdp(*lines: str) -> str:
    return "\r\n".join(lines) + "\r\n"
