"""Whether a queue grows on the way to a receiver, told from delays alone. Pure.

The method of draft-ietf-rmcat-gcc-02, sections 5.1 to 5.4, with a line fitted through the
smoothed delays (as browsers do since 2016) in place of the draft's Kalman filter: only
differences of the receiver's clock are used, so that it may be set and run as it likes.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

LineState = Literal["normal", "over", "under"]

# Packets sent within this belong together: a frame goes out at once (gcc-02 section 5.2).
BURST_S = 0.005
# Packets that came together after waiting behind the same obstacle, such as a radio's pause.
MAX_CLUMP_S = 0.1
# The receiver's clock jumped, or the line was away: nothing can be compared across that.
MAX_GAP_S = 3.0

# The fitted window; at 30 frames and 50 sounds a second it is a quarter of a second.
WINDOW = 20
SMOOTHING = 0.9
# Running sums are made anew this often: 10 s in milliseconds, squared, leave nine good digits.
REFRESH = 256
MIN_SPREAD = 1e-3  # square milliseconds
# Slopes are weighed by how many groups speak for them, up to this many.
MAX_WEIGHT = 60
GAIN = 4.0

# The threshold follows what is usual on this line (gcc-02 section 5.4); in milliseconds.
START_THRESHOLD = 12.5
MIN_THRESHOLD, MAX_THRESHOLD = 6.0, 600.0
K_UP, K_DOWN = 0.0087, 0.039
MAX_SPIKE = 15.0
MAX_STEP_MS = 100.0
# One high value is noise: it must last this long and not be falling already.
OVERUSE_S = 0.010


class DelayTrend:
    """Feed it the packets that arrived, in the order of sending; read `state`."""

    def __init__(self) -> None:
        self.state: LineState = "normal"
        self._group: _Group | None = None
        self._previous: _Group | None = None
        self._count = 0
        self._delay_ms = 0.0
        self._smoothed_ms = 0.0
        self._points = SlopeWindow()
        self._slope = 0.0
        self._threshold = START_THRESHOLD
        self._adapted_at: float | None = None
        self._over_s = 0.0
        self._over_count = 0

    def receive(self, sent_at: float, arrived_at: float) -> LineState:
        """One packet; both times in seconds, each of its own clock."""
        group = self._group
        if group is None:
            self._group = _Group(sent_at, arrived_at)
        elif sent_at < group.first_sent:
            pass  # it was overtaken: it says nothing about the queue
        elif group.takes(sent_at, arrived_at):
            group.add(sent_at, arrived_at)
        else:
            if self._previous is not None:
                self._compare(self._previous, group)
            self._previous, self._group = group, _Group(sent_at, arrived_at)
        return self.state

    def _compare(self, old: _Group, new: _Group) -> None:
        sent_s = new.last_sent - old.last_sent
        arrived_s = new.last_arrived - old.last_arrived
        if not (0 <= sent_s < MAX_GAP_S and abs(arrived_s) < MAX_GAP_S):
            self._begin_anew()
            return
        self._count = min(self._count + 1, MAX_WEIGHT)
        self._delay_ms += (arrived_s - sent_s) * 1000
        self._smoothed_ms = SMOOTHING * self._smoothed_ms + (1 - SMOOTHING) * self._delay_ms
        self._points.add(new.last_arrived * 1000, self._smoothed_ms)
        slope = self._points.slope() if len(self._points) == WINDOW else self._slope
        self._judge(slope, sent_s, new.last_arrived)

    def _judge(self, slope: float, sent_s: float, now: float) -> None:
        trend_ms = self._count * slope * GAIN
        if trend_ms > self._threshold:
            # The first of a run is counted from its middle: when it began is not known.
            self._over_s += sent_s if self._over_count else sent_s / 2
            self._over_count += 1
            if self._over_s > OVERUSE_S and self._over_count > 1 and slope >= self._slope:
                self._over_s, self._over_count = 0.0, 0
                self.state = "over"
        else:
            self._over_s, self._over_count = 0.0, 0
            self.state = "under" if trend_ms < -self._threshold else "normal"
        self._slope = slope
        self._adapt(abs(trend_ms), now)

    def _adapt(self, trend_ms: float, now: float) -> None:
        elapsed_ms = 0.0 if self._adapted_at is None else (now - self._adapted_at) * 1000
        self._adapted_at = now
        if trend_ms > self._threshold + MAX_SPIKE:
            return  # a sudden obstacle must not make us deaf to the next
        rate = K_DOWN if trend_ms < self._threshold else K_UP
        step_ms = max(0.0, min(elapsed_ms, MAX_STEP_MS))
        self._threshold += rate * (trend_ms - self._threshold) * step_ms
        self._threshold = max(MIN_THRESHOLD, min(MAX_THRESHOLD, self._threshold))

    def _begin_anew(self) -> None:
        self._points = SlopeWindow()
        self._count = 0
        self._delay_ms = self._smoothed_ms = self._slope = 0.0
        self._over_s, self._over_count = 0.0, 0
        self.state = "normal"


class _Group:
    __slots__ = ("first_arrived", "first_sent", "last_arrived", "last_sent")

    def __init__(self, sent_at: float, arrived_at: float) -> None:
        self.first_sent = self.last_sent = sent_at
        self.first_arrived = self.last_arrived = arrived_at

    def takes(self, sent_at: float, arrived_at: float) -> bool:
        if sent_at - self.first_sent <= BURST_S:
            return True
        after_s = arrived_at - self.last_arrived
        is_faster = after_s < sent_at - self.last_sent
        clump_s = arrived_at - self.first_arrived
        return is_faster and after_s <= BURST_S and clump_s < MAX_CLUMP_S

    def add(self, sent_at: float, arrived_at: float) -> None:
        self.last_sent = max(self.last_sent, sent_at)
        self.last_arrived = max(self.last_arrived, arrived_at)


class SlopeWindow:
    """Slope of the least-squares line through the last WINDOW points, by running sums."""

    __slots__ = ("_added", "_origin", "_points", "_x", "_xx", "_xy", "_y")

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque()
        self._origin = 0.0
        self._added = 0
        self._x = self._y = self._xx = self._xy = 0.0

    def __len__(self) -> int:
        return len(self._points)

    def add(self, x: float, y: float) -> None:
        if self._added % REFRESH == 0:
            self._refresh(x)
        self._added += 1
        points = self._points
        x -= self._origin
        points.append((x, y))
        self._x += x
        self._y += y
        self._xx += x * x
        self._xy += x * y
        if len(points) > WINDOW:
            old_x, old_y = points.popleft()
            self._x -= old_x
            self._y -= old_y
            self._xx -= old_x * old_x
            self._xy -= old_x * old_y

    def slope(self) -> float:
        """0.0 where all points stand at one time."""
        count = len(self._points)
        spread = self._xx - self._x * self._x / count
        if spread < MIN_SPREAD:
            return 0.0
        return (self._xy - self._x * self._y / count) / spread

    def _refresh(self, x: float) -> None:
        """Begin the sums anew, near the present: rounding must not add up."""
        moved = x - self._origin
        self._origin = x
        self._points = deque((old_x - moved, y) for old_x, y in self._points)
        self._x = sum(x for x, _ in self._points)
        self._y = sum(y for _, y in self._points)
        self._xx = sum(x * x for x, _ in self._points)
        self._xy = sum(x * y for x, y in self._points)
