"""What the RTCP of one connection may cost the hub. Pure.

Everything a receiver tells or asks costs work for which all others wait, and one datagram can ask
for thousands of packets. Costs are microseconds of a core as measured when this was written, by the
dearer of both engines; only how they compare matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rooms.media.rtp.rtcp import Nack, RtcpMessage, TransportFeedback

# To decrypt and read a compound that says nothing; and for each byte, where it is written to be
# read slowly, such as in packets and blocks of four bytes.
COMPOUND_US = 10.0
BYTE_US = 0.08
# To act on a message; on what feedback tells of each packet; on what a NACK names.
MESSAGE_US = 3.0
STATUS_US = 0.2
PAIR_US = 1.5
NUMBER_US = 0.4
# To send one packet again.
REPAIR_US = 4.0
# What 25 pictures on a poor line need at most: a report on each and feedback on 300 packets, or
# 300 packets again after a burst of losses (1.3 ms).
MAX_COMPOUND_US = 1_500.0
# The same line sends feedback 20 times a second and ten NACKs for each picture, of a dozen packets
# each: 12 ms. A flood takes 2 % of a core.
PER_SECOND_US = 20_000.0


def cost_us(message: RtcpMessage) -> float:
    """To act on it, without what is sent for it."""
    if isinstance(message, Nack):
        return MESSAGE_US + PAIR_US * message.pairs + NUMBER_US * message.asks
    if isinstance(message, TransportFeedback):
        return MESSAGE_US + STATUS_US * message.tells
    return MESSAGE_US


class RtcpBudget:
    """Of one connection, whatever its kind. Times are monotonic seconds.

    Ask `is_spent` before a compound is decrypted, `begin` it, `admit` its messages, and `spend`
    what they cause.
    """

    __slots__ = ("_at", "_compound_us", "_left_us", "refused")

    def __init__(self) -> None:
        self.refused = 0  # compounds of which something was over the budget
        self._at: float | None = None
        self._left_us = PER_SECOND_US
        self._compound_us = 0.0

    def is_spent(self, now: float) -> bool:
        """Whether nothing that comes now is worth decrypting."""
        since = now if self._at is None else self._at
        self._left_us = min(PER_SECOND_US, self._left_us + (now - since) * PER_SECOND_US)
        self._at = now
        return self._left_us < COMPOUND_US

    def begin(self, size: int) -> None:
        """A compound of `size` bytes has come that is the peer's own: nobody else can use up its
        budget."""
        self._compound_us = MAX_COMPOUND_US
        self.spend(COMPOUND_US + BYTE_US * size)

    def admit(self, messages: Iterable[RtcpMessage]) -> Iterator[RtcpMessage]:
        """The messages up to the first for which the budget does not suffice; ask for each when
        the one before has been handled."""
        for message in messages:
            cost = cost_us(message)
            if not self.affords(cost):
                self.refused += 1
                return
            self.spend(cost)
            yield message

    def affords(self, cost: float) -> int:
        """How many things of this cost the present compound may still cause."""
        return max(0, int(min(self._compound_us, self._left_us) / cost))

    def spend(self, cost: float) -> None:
        self._compound_us -= cost
        self._left_us -= cost
