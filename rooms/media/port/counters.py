"""What the media port counts."""

from __future__ import annotations

from collections import Counter

from confhub.words.durations import Durations

# A drain of one packet of sound takes tens of microseconds; 20 ms is a packet's own length, and
# what takes longer is heard.
DRAIN_BOUNDS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1)


class PortCounters:
    """What went through, packets of TCP connections too. `bad` counts what was dropped, and
    connections that were refused, by reason; `drains` how long each emptying of a socket took."""

    def __init__(self) -> None:
        self.datagrams_in = 0
        self.datagrams_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.send_drops = 0
        self.bad: Counter[str] = Counter()
        self.drains = Durations(DRAIN_BOUNDS_S)
