"""The last packets of one voice: to know duplicates, to fill holes, to send copies on. Pure.

Copies end at the hub: what a sender repeats fills what was lost on its way up, for everybody;
what is repeated on the way down is made here, as much as each receiver's line needs.
"""

from __future__ import annotations

from rooms.media.rtp.red import MAX_COPY_BYTES, MAX_OFFSET_TICKS, Copy, RedPayload, build_red

# 1.3 s of voice: what comes later than that is of no use to a decoder any more.
MAX_KEPT = 64
# A packet with its copies must pass any path; Opus at its usual rate takes 80 bytes.
MAX_RED_BYTES = 1_100


class RecentVoice:
    """By extended sequence number, which only grows within one stream."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, bytes]] = {}
        self._newest: int | None = None

    def receive(self, extended: int, timestamp: int, payload: bytes) -> bool:
        """Keep a packet. False for one that is known, or too late."""
        newest = self._newest
        if newest is None or extended > newest:
            self._newest = extended
        elif extended in self._kept or extended <= newest - MAX_KEPT:
            return False
        self._kept[extended] = (timestamp, payload)
        if len(self._kept) > MAX_KEPT:
            for old in [item for item in self._kept if item <= extended - MAX_KEPT]:
                del self._kept[old]
        return True

    def fill(self, extended: int, timestamp: int, red: RedPayload) -> list[tuple[int, int, bytes]]:
        """(extended, timestamp, payload) of lost packets that this one, just come, repeats.

        To be asked before `receive` of the packet itself. A copy does not say which packet it
        was: the one before, the one before that. Where the times tell otherwise it is left out.
        """
        found = []
        for back, copy in enumerate(reversed(red.copies), 1):
            lost = extended - back
            stamp = (timestamp - copy.offset_ticks) & 0xFFFFFFFF
            if (
                lost in self._kept
                or not copy.offset_ticks
                or not self._is_after_earlier(lost, stamp)
            ):
                continue
            found.append((lost, stamp, copy.payload))
        return found[::-1]

    def repeat(
        self, extended: int, timestamp: int, primary: bytes, copies: int, payload_type: int
    ) -> bytes:
        """The packet as RED, with up to so many of those right before it."""
        room = MAX_RED_BYTES - len(primary)
        found: list[Copy] = []
        for back in range(1, copies + 1):
            kept = self._kept.get(extended - back)
            if kept is None:
                break
            offset_ticks = (timestamp - kept[0]) & 0xFFFFFFFF
            room -= len(kept[1])
            if (
                room < 0
                or len(kept[1]) > MAX_COPY_BYTES
                or not 0 < offset_ticks <= MAX_OFFSET_TICKS
            ):
                break
            found.append(Copy(offset_ticks, kept[1]))
        return build_red(payload_type, primary, found[::-1])

    def _is_after_earlier(self, lost: int, stamp: int) -> bool:
        """Whether a packet kept from before it says that `stamp` may be its time."""
        before = max((item for item in self._kept if item < lost), default=None)
        if before is None:
            return False  # the stream's first packets: nothing was heard before them
        ahead = (stamp - self._kept[before][0]) & 0xFFFFFFFF
        return 0 < ahead < 0x80000000
