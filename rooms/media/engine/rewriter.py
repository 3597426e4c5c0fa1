"""Continuity of one outgoing stream over source switches, layer switches and drops. Pure.

A receiver decodes a slot as one stream, so what the hub forwards must look like one sender:
sequence numbers without holes of the hub's making, timestamps that go forward by the time
that passed, VP8 picture ids and TL0PICIDX that count on. No sequence number is given twice: with
AES-GCM it would be a nonce, and two packets under one nonce open the keys (RFC 7714 section 8.1).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from rooms.media.engine.once import Once
from rooms.media.rtp.packet import MAX_SEQUENCE, MAX_TIMESTAMP, Unwrapper
from rooms.media.rtp.vp8 import Vp8Descriptor

# How many recent drops are remembered, for packets that come late. Older packets would be
# of no use to a decoder any more.
MAX_MARKS = 64
# Dropped numbers, by their remainder: more than a source ever drops between two that are late.
MAX_DROPS = 256
# A number that is later than this is not given any more. It is no more than what SRTP itself
# remembers (REPLAY_WINDOW of srtp.py), and twice what is kept for receivers that ask again.
SENT_WINDOW = 1024
# A wider hole is drawn together. Nobody asks for so many again (MAX_MISSING of reception.py), and
# a receiver that loses some packets still knows which turn of the counter it is in.
MAX_AHEAD = 256

PICTURE_ID_MASK = 0x7FFF


class Rewritten(NamedTuple):
    """What to send: `head` replaces the first `skip` bytes of the payload.

    `number` is the sequence that does not wrap; `picture` and `tl0` are what `head` says.
    """

    sequence: int
    timestamp: int
    head: bytes
    skip: int
    number: int
    is_newest: bool
    picture: int | None = None
    tl0: int | None = None


class Rewriter:
    """Maps packets of the present source into the outgoing numbering.

    Call `switch` before the first packet of each new source or layer, then `rewrite` for
    each packet to send, `sent` when that was done, and `drop` for each packet of that source
    that is not sent.
    """

    def __init__(self, sequence: int, timestamp: int, picture_id: int, tl0_index: int) -> None:
        """The arguments are the numbers to start after; random ones in production."""
        self._sent = Once(SENT_WINDOW, sequence)
        self._last_timestamp = timestamp
        self._last_picture = picture_id
        self._last_tl0 = tl0_index
        self._sequences = Unwrapper(16)
        self._pictures = Unwrapper(15)
        self._base = 0
        self._marks: list[int] = []  # source sequences from which ...
        self._offsets: list[int] = []  # ... this is added to get the outgoing one
        self._timestamp_offset = 0
        self._picture_marks: list[int] = []
        self._picture_offsets: list[int] = []
        self._tl0_offset = 0
        self._dropped: dict[int, int] = {}  # by their remainder

    @property
    def last_sequence(self) -> int:
        return self._newest_sent & MAX_SEQUENCE

    @property
    def last_timestamp(self) -> int:
        return self._last_timestamp

    @property
    def timestamp_offset(self) -> int:
        """What is added to the present source's timestamps."""
        return self._timestamp_offset

    @property
    def _newest_sent(self) -> int:
        return self._sent.highest or 0

    def switch(
        self, sequence: int, timestamp: int, elapsed: int, vp8: Vp8Descriptor | None = None
    ) -> None:
        """Continue with a source whose first packet has these numbers.

        A picture begins with a frame that is sent: only then do its ids go on without a hole.
        `elapsed` is how far the outgoing timestamp moves on, in clock ticks; at least 1.
        """
        self._sequences = Unwrapper(16)
        self._sequences.unwrap(sequence)
        self._base = sequence
        self._marks = [sequence]
        self._offsets = [self._newest_sent + 1 - sequence]
        self._timestamp_offset = self._last_timestamp + max(elapsed, 1) - timestamp
        self._dropped = {}
        if vp8 is None:
            return
        self._pictures = Unwrapper(vp8.picture_bits)
        picture = self._pictures.unwrap(vp8.picture_id or 0)
        self._picture_marks = [picture]
        self._picture_offsets = [self._last_picture + 1 - picture]
        self._tl0_offset = self._last_tl0 + 1 - (vp8.tl0_index or 0)

    def drop(self, sequence: int, vp8: Vp8Descriptor | None = None) -> None:
        """This packet is not sent: the numbers after it move up.

        Late packets leave their hole, because the numbers after them are already out. Pass
        `vp8` on the packet that starts a dropped frame, so that picture ids move up too.
        """
        newest = self._sequences.highest
        extended = self._sequences.unwrap(sequence)
        if newest is None or self._is_dropped(extended):
            return
        self._dropped[extended % MAX_DROPS] = extended
        if extended <= newest:
            is_unsent = extended + self._offsets[-1] not in self._sent
            if extended == self._base == newest and is_unsent:
                self._push(self._marks, self._offsets, extended + 1)
            return
        self._push(self._marks, self._offsets, extended + 1)
        if vp8 is not None and vp8.starts_frame and vp8.picture_id is not None:
            picture = self._pictures.unwrap(vp8.picture_id)
            if picture + 1 > self._picture_marks[-1]:
                self._push(self._picture_marks, self._picture_offsets, picture + 1)

    def knows_picture(self, vp8: Vp8Descriptor | None) -> bool:
        """False when its picture is older than the memory of drops: `rewrite` needs it known."""
        if vp8 is None or vp8.picture_id is None:
            return True
        marks = self._picture_marks
        return bool(marks) and self._pictures.read(vp8.picture_id) >= marks[0]

    def pass_over(self, sequence: int) -> None:
        """This packet can be sent to nobody now: the numbers after it keep their distance."""
        self._sequences.unwrap(sequence)

    def rewrite(
        self, sequence: int, timestamp: int, vp8: Vp8Descriptor | None = None
    ) -> Rewritten | None:
        """The outgoing numbers, or None for a packet that has no place in the stream.

        That is one from before the switch, one already sent or declared dropped, or one later
        than the memory of those. Nothing is used up before `sent`.
        """
        newest = self._sequences.highest
        extended = self._sequences.unwrap(sequence)
        if extended < self._base or self._is_dropped(extended):
            return None
        is_newest = newest is None or extended >= newest
        number = self._number(extended, is_newest)
        if number is None:
            return None
        out = number & MAX_SEQUENCE
        out_timestamp = (timestamp + self._timestamp_offset) & MAX_TIMESTAMP
        if vp8 is None:
            return Rewritten(out, out_timestamp, b"", 0, number, is_newest)
        picture, tl0 = self._picture(vp8), self._tl0(vp8)
        head = vp8.rewritten(None if picture is None else picture & PICTURE_ID_MASK, tl0)
        return Rewritten(out, out_timestamp, head, vp8.size, number, is_newest, picture, tl0)

    def sent(self, out: Rewritten) -> None:
        """It was sent with these numbers: they are used, and the next go on from them."""
        self._sent.use(out.number)
        if not out.is_newest:
            return
        self._last_timestamp = out.timestamp
        if out.picture is not None:
            self._last_picture = out.picture
        if out.tl0 is not None:
            self._last_tl0 = out.tl0

    def _number(self, extended: int, is_newest: bool) -> int | None:
        offset = self._find(self._marks, self._offsets, extended)
        if offset is None:
            return None
        out = extended + offset
        if out - self._newest_sent > MAX_AHEAD:
            if not is_newest:
                return None
            out = self._newest_sent + 2  # one is missing, so that the receiver knows of a hole
            self._marks, self._offsets = [extended], [out - extended]
        return None if out in self._sent else out

    def _is_dropped(self, extended: int) -> bool:
        return self._dropped.get(extended % MAX_DROPS) == extended

    def _picture(self, vp8: Vp8Descriptor) -> int | None:
        if vp8.picture_id is None:
            return None
        extended = self._pictures.unwrap(vp8.picture_id)
        return extended + (self._find(self._picture_marks, self._picture_offsets, extended) or 0)

    def _tl0(self, vp8: Vp8Descriptor) -> int | None:
        return None if vp8.tl0_index is None else (vp8.tl0_index + self._tl0_offset) & 0xFF

    @staticmethod
    def _push(marks: list[int], offsets: list[int], start: int) -> None:
        marks.append(start)
        offsets.append(offsets[-1] - 1)
        if len(marks) > MAX_MARKS:
            del marks[0], offsets[0]

    @staticmethod
    def _find(marks: list[int], offsets: list[int], value: int) -> int | None:
        at = bisect_right(marks, value) - 1
        return offsets[at] if at >= 0 else None
