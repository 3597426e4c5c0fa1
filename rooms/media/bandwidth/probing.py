"""Short bursts of padding that show whether a line carries more than is sent on it. Pure.

What a receiver wants to see is bounded by the estimate, and the estimate by what was sent: a
line that has become better is only found by sending more for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence

from rooms.media.bandwidth.wide_feedback import PacketResult

# A burst of this length at twice the estimate adds as much delay at most.
CLUSTER_S = 0.04
# Fewer packets say more about chance than about the line.
MIN_PACKETS = 8
# 20 ms of the fastest line there is a budget for.
MAX_CLUSTER_BYTES = 30_000
# One probe packet on the wire: header, 224 bytes of padding, tag.
PACKET_BYTES = 276

# How far one step goes, and the first one: from the start value to a usual line.
STEP = 2.0
FIRST_STEP = 3.0
# After one that found nothing: the line is full, and a small burst tells that as well.
CAREFUL_STEP = 1.5
# Less than one more thumbnail is of no use to anybody.
MIN_STEP_BPS = 150_000.0
# Wanting a little more than the estimate is no reason to try.
MIN_GAIN = 1.05
# A step that brought this much of what was tried is followed by the next at once.
SUCCESS_SHARE = 0.7
# Trying costs a slow line 2 kB; a better one must be found within seconds.
INTERVAL_S = 5.0
# A burst that took half again as long as it should is tried again soon.
SPOILT_SHARE = 1.5
REPEAT_S = 1.0
# A queue that made the estimate fall is gone, and what caused it may be over.
AFTER_CUT_S = 3.0
# Feedback on the last packet comes within a round trip and an interval of feedback.
RESULT_WAIT_S = 1.5
# On a line that is free its last packet waits for nothing; on a full one by as much as it arrived
# slower than it was sent. This much more, of a burst's length, is no jitter.
WAIT_SHARE = 0.5
# Less of the cluster than this arrived or is known of: no result.
MIN_SHARE = 0.8
# Arrivals slower than the sending mean that the line was full: stay a little under what came.
FULL_SHARE, UNDER = 0.9, 0.95


class ProbeCluster:
    """One burst at `target_bps`, sent in steps; then its result from feedback."""

    def __init__(self, target_bps: float, now: float) -> None:
        self.target_bps = target_bps
        wanted = max(target_bps * CLUSTER_S / 8, MIN_PACKETS * PACKET_BYTES)
        self.packets = int(min(wanted, MAX_CLUSTER_BYTES) / PACKET_BYTES)
        self.sent = 0
        self._began_at = now
        self._last_at = now
        self._results: list[tuple[float, float, int]] = []
        self._known = 0

    @property
    def is_sent(self) -> bool:
        return self.sent >= self.packets

    @property
    def span(self) -> tuple[float, float]:
        """When its first packet was sent, and its last one so far."""
        return self._began_at, self._last_at

    def stop(self) -> None:
        """No more of it can be sent."""
        self.packets = self.sent

    def due(self, now: float) -> int:
        """How many packets to send now; counts them as sent."""
        elapsed = now - self._began_at
        allowed = 1 + int(elapsed * self.target_bps / 8 / PACKET_BYTES)
        count = min(self.packets, allowed) - self.sent
        if count > 0:
            self.sent += count
            self._last_at = now
        return max(0, count)

    def receive(self, results: Sequence[PacketResult]) -> None:
        """Feedback; the media sent meanwhile took part in the burst."""
        for one in results:
            if self._began_at <= one.sent_at <= self._last_at:
                self._known += not one.was_lost
                if one.arrived_at is not None:
                    self._results.append((one.sent_at, one.arrived_at, one.size))

    @property
    def is_spoilt(self) -> bool:
        """It left too slowly: this machine was busy, and the line was not tried."""
        sent_s = self._last_at - self._began_at
        wanted_s = self.packets * PACKET_BYTES * 8 / self.target_bps
        return sent_s > SPOILT_SHARE * max(wanted_s, CLUSTER_S)

    def is_over(self, now: float, told_until: float) -> bool:
        """Nothing more will be told of it. `told_until`: the newest packet told of was sent."""
        return self.is_sent and (told_until > self._last_at or now > self._last_at + RESULT_WAIT_S)

    def has_waited(self, base_s: float) -> bool:
        """The last of it waited longer than arrivals tell, against the shortest way of `base_s`:
        the receiver slept, and then read at once what the line may have brought slowly."""
        if not self._results:
            return False
        first = min(self._results, key=lambda one: one[1])
        last = max(self._results, key=lambda one: one[1])
        wait_s = last[1] - last[0] - base_s
        sent_s = last[0] - first[0]
        return wait_s > WAIT_SHARE * max(sent_s, CLUSTER_S) + max(0.0, last[1] - first[1] - sent_s)

    def result_bps(self) -> float | None:
        """What the line carried, None when too little is known."""
        results = self._results
        if len(results) < max(MIN_PACKETS, MIN_SHARE * max(self.packets, self._known)):
            return None
        total = sum(size for _, _, size in results)
        first = min(results, key=lambda one: one[1])
        last = max(results, key=lambda one: one[1])
        arrived_s = last[1] - first[1]
        sent_s = max(one[0] for one in results) - min(one[0] for one in results)
        if sent_s <= 0:
            return None
        last_sent_size = max(results, key=lambda one: one[0])[2]
        sent_bps = (total - last_sent_size) * 8 / sent_s
        if arrived_s <= 0:
            return sent_bps
        arrived_bps = (total - first[2]) * 8 / arrived_s
        if arrived_bps < FULL_SHARE * sent_bps:
            return UNDER * arrived_bps
        return min(sent_bps, arrived_bps)


class ProbePlan:
    """When to try, and how much."""

    def __init__(self, now: float) -> None:
        self._next_at = now
        self._step = FIRST_STEP

    def target_bps(self, estimate_bps: float, wanted_bps: float, now: float) -> float | None:
        """What to try now, None for nothing; the line is not congested."""
        if now < self._next_at or wanted_bps < MIN_GAIN * estimate_bps:
            return None
        self._next_at = now + INTERVAL_S
        tried_bps = max(self._step * estimate_bps, estimate_bps + MIN_STEP_BPS)
        return min(tried_bps, MIN_GAIN * wanted_bps)

    def wait_after_cut(self, cut_at: float) -> None:
        """The estimate fell then."""
        self._next_at = max(self._next_at, cut_at + AFTER_CUT_S)

    def repeat(self, now: float) -> None:
        """The last one was spoilt."""
        self._next_at = now + REPEAT_S

    def judge(self, target_bps: float, result_bps: float | None, now: float) -> None:
        """A cluster has ended."""
        is_success = result_bps is not None and result_bps >= SUCCESS_SHARE * target_bps
        self._step = STEP if is_success else CAREFUL_STEP
        if is_success:
            self._next_at = now
