"""The control protocol between a hub and a media worker: frames as bytes.

A frame is a length of four bytes and that much MessagePack. Both sides say Hello first, the worker
who it is, the hub whom it speaks for; then the hub asks or tells, and the worker answers each Ask
once, in whatever order, and says what happened. Either may Ping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from confhub.errors import ConfhubError, Unavailable
from confhub.words.durations import Durations
from rooms.media import events
from rooms.media.errors import BadDescription, LitePeer
from rooms.plane.commands import ANSWERS, COMMANDS, Command

VERSION = 1
OLDEST = 1  # the version whose peers are understood
HEADER_BYTES = 4
# A measurement of a meeting of 500 sites takes some 600 KiB; no frame of ours comes near this.
MOST_BYTES = 8 * 1024 * 1024


class BadWire(ValueError):
    """Bytes that are no frame of ours: the peer is broken, and so is the connection."""


class Frame(msgspec.Struct, frozen=True, tag_field="is"):
    pass


class Hello(Frame, frozen=True, tag="hello"):
    """`boot` names the run of a process; `port` is a worker's, 0 of a hub."""

    version: int
    oldest: int
    boot: str
    port: int = 0

    @property
    def is_understood(self) -> bool:
        return self.oldest <= VERSION and self.version >= OLDEST


class Ask(Frame, frozen=True, tag="ask"):
    id: int
    command: msgspec.Raw


class Tell(Frame, frozen=True, tag="tell"):
    command: msgspec.Raw


class Answer(Frame, frozen=True, tag="answer"):
    id: int
    value: msgspec.Raw


class Refused(Frame, frozen=True, tag="refused"):
    """`why` is a code of errors that people see; any other is Unavailable."""

    id: int
    why: str
    detail: str = ""


class Event(Frame, frozen=True, tag="event"):
    kind: str
    body: msgspec.Raw


class Ping(Frame, frozen=True, tag="ping"):
    at: float  # of the sender's own clock


class Pong(Frame, frozen=True, tag="pong"):
    at: float  # as it was sent


FRAMES = Hello | Ask | Tell | Answer | Refused | Event | Ping | Pong
_EVENTS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        events.TransportChanged,
        events.OfferNeeded,
        events.SlotsChanged,
        events.SpeakersChanged,
        events.SourcesChanged,
        events.LayersWanted,
        events.Measured,
    )
}


def _plain(value: Any) -> Any:
    if isinstance(value, Durations):
        return (value.bounds_s, value.counts, value.total_s)
    raise NotImplementedError(type(value))


def _ours(kind: type, value: Any) -> Any:
    if kind is Durations:
        bounds, counts, total = msgspec.convert(value, tuple[list[float], list[int], float])
        made = Durations(bounds)
        made.counts, made.total_s = counts, total
        return made
    raise NotImplementedError(kind)


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_decode_frame = msgspec.msgpack.Decoder(FRAMES).decode
_decode_command = msgspec.msgpack.Decoder(COMMANDS).decode
_decode_event: dict[str, Callable[[Any], Any]] = {
    name: msgspec.msgpack.Decoder(kind, dec_hook=_ours).decode for name, kind in _EVENTS.items()
}
_decode_answer: dict[type[Command], Callable[[Any], Any]] = {
    kind: msgspec.msgpack.Decoder(answer, dec_hook=_ours).decode for kind, answer in ANSWERS.items()
}


def encode(frame: Frame) -> bytes:
    """The frame's bytes; ValueError where it is larger than anybody would read."""
    body = _encoder.encode(frame)
    if len(body) > MOST_BYTES:
        raise ValueError(f"{type(frame).__name__} of {len(body)} bytes")
    return len(body).to_bytes(HEADER_BYTES, "big") + body


def pack(value: object) -> msgspec.Raw:
    """A command or an answer, to be put into a frame. ValueError for text that is none."""
    return msgspec.Raw(_encoder.encode(value))


def event_frame(event: events.MediaEvent) -> Event:
    return Event(type(event).__name__, pack(event))


def read_command(raw: msgspec.Raw) -> Command:
    """BadWire for one that is unknown or broken."""
    try:
        command: Command = _decode_command(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadWire(str(error)) from error
    return command


def read_event(frame: Event) -> events.MediaEvent | None:
    """None for a kind that this version does not know; BadWire."""
    decode = _decode_event.get(frame.kind)
    try:
        return None if decode is None else decode(frame.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadWire(str(error)) from error


def read_answer(command: Command, raw: msgspec.Raw) -> Any:
    """What was answered to a command, as ANSWERS has it; BadWire."""
    decode = _decode_answer.get(type(command))
    try:
        return None if decode is None else decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadWire(str(error)) from error


def refusal(request: int, error: Exception) -> Refused:
    """An error as it goes over the wire."""
    if isinstance(error, BadDescription):
        why = "lite_peer" if isinstance(error, LitePeer) else "bad_description"
        return Refused(request, why, str(error.values["detail"]))
    return Refused(request, "unavailable", str(error))


def raised(refused: Refused) -> ConfhubError:
    """The error behind a refusal."""
    if refused.why == "lite_peer":
        return LitePeer()
    if refused.why == "bad_description":
        return BadDescription(refused.detail)
    return Unavailable()


class Reader:
    """Frames out of bytes that come in pieces."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Every frame that is whole by now; BadWire, after which nothing more can be read."""
        self._held += data
        while len(self._held) >= HEADER_BYTES:
            size = int.from_bytes(self._held[:HEADER_BYTES], "big")
            if size > MOST_BYTES:
                raise BadWire(f"a frame of {size} bytes")
            if len(self._held) < HEADER_BYTES + size:
                return
            body = bytes(self._held[HEADER_BYTES : HEADER_BYTES + size])
            del self._held[: HEADER_BYTES + size]
            try:
                frame: Frame = _decode_frame(body)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise BadWire(str(error)) from error
            yield frame
