"""How much reaches a receiver, by its own account of arrivals. Pure."""

from __future__ import annotations

from collections import deque

# Frames at 7 a second leave gaps of 140 ms: half a second holds several.
WINDOW_S = 0.5
# While a queue stands, arrivals are spaced by the line itself: a shorter look is exact, and
# does not see what the line carried before it became worse.
SHORT_S = 0.2
# Arrivals are kept in steps of this: fine enough for the shortest look.
STEPS_PER_S = 100
# Fewer bytes than a small frame make no rate.
MIN_BYTES = 1_000
# What nobody told of is spread over so many arrivals.
PARTS = 10


class Delivery:
    """Bytes that arrived over the last WINDOW_S, by the receiver's clock."""

    def __init__(self) -> None:
        self._steps: deque[list[int]] = deque()  # [step, bytes], in order
        self._latest = 0.0

    def receive(self, arrived_at: float, size: int) -> None:
        step = int(arrived_at * STEPS_PER_S)
        steps = self._steps
        if steps and steps[-1][0] == step:
            steps[-1][1] += size
        elif not steps or 0 < step - steps[-1][0] < 4 * WINDOW_S * STEPS_PER_S:
            steps.append([step, size])
            oldest = step - WINDOW_S * STEPS_PER_S
            while steps[0][0] <= oldest:
                steps.popleft()
        elif abs(step - steps[-1][0]) < 4 * WINDOW_S * STEPS_PER_S:
            steps[-1][1] += size  # it was overtaken: its time is near enough
        else:
            steps.clear()  # the clock was set, or nothing was sent for long
            steps.append([step, size])
            self._latest = arrived_at
        self._latest = max(self._latest, arrived_at)

    def receive_between(self, arrived_at: float, size: int) -> None:
        """Bytes of which no arrival was told, before this one: in between, for all we know."""
        since = self._latest
        if 0 < arrived_at - since < WINDOW_S:
            step_s = (arrived_at - since) / (PARTS + 1)
            for index in range(1, PARTS + 1):
                self.receive(since + index * step_s, size // PARTS)

    def rate_bps(self, window_s: float = WINDOW_S) -> float | None:
        """Over the last `window_s`, at most WINDOW_S; None when too little came to say."""
        steps = self._steps
        if not steps:
            return None
        since = steps[-1][0] - window_s * STEPS_PER_S
        if steps[0][0] > since + window_s * STEPS_PER_S / 2:
            return None  # it has only begun
        total = 0
        for step, size in reversed(steps):
            if step <= since:
                break
            total += size
        return total * 8 / window_s if total >= MIN_BYTES else None
