"""Bit rates and frame rates of a stream, smoothed. Pure."""

from __future__ import annotations

# Long enough to hold several frames at 5 fps, short enough to follow a layer that starts.
INTERVAL_S = 0.5
WEIGHT = 0.5


class RateMeter:
    """Counts bytes and frames; rates follow with a time constant of about a second."""

    __slots__ = ("_bytes", "_frames", "_since", "bitrate_bps", "fps")

    def __init__(self) -> None:
        self._since: float | None = None
        self._bytes = 0
        self._frames = 0
        self.bitrate_bps = 0.0
        self.fps = 0.0

    def count(self, size: int, frame: int = 0) -> None:
        self._bytes += size
        self._frames += frame

    def update(self, now: float) -> None:
        """Fold what was counted into the rates; call a few times a second."""
        if self._since is None:
            self._since = now
            return
        elapsed = now - self._since
        if elapsed < INTERVAL_S:
            return
        bitrate, fps = self._bytes * 8 / elapsed, self._frames / elapsed
        if self.bitrate_bps == 0.0:
            self.bitrate_bps, self.fps = bitrate, fps
        else:
            self.bitrate_bps += WEIGHT * (bitrate - self.bitrate_bps)
            self.fps += WEIGHT * (fps - self.fps)
        self._since, self._bytes, self._frames = now, 0, 0


# Enough bytes to know the shares of a thumbnail within seconds; older ones count half.
SHARE_BYTES = 40_000
TEMPORAL_LAYERS = 4  # two bits (RFC 7741)
# A layer that saves less is not worth leaving out.
MOST_SHARE = 0.9


class TemporalShares:
    """How a stream's bytes are divided between its temporal layers."""

    __slots__ = ("_bytes", "_total")

    def __init__(self) -> None:
        self._bytes = [0.0] * TEMPORAL_LAYERS
        self._total = 0.0

    def count(self, temporal: int | None, size: int) -> None:
        self._bytes[temporal or 0] += size
        self._total += size
        if self._total > SHARE_BYTES:
            self._bytes = [item / 2 for item in self._bytes]
            self._total /= 2

    @property
    def counted(self) -> tuple[float, ...]:
        """The bytes of each layer, and of all."""
        return *self._bytes, self._total

    @counted.setter
    def counted(self, counted: tuple[float, ...]) -> None:
        *self._bytes, self._total = counted

    def steps(self) -> list[tuple[int, float]]:
        """(highest temporal layer, share of the rate up to it), for those that leave some out."""
        if not self._total:
            return []
        steps: list[tuple[int, float]] = []
        below = 0.0
        for temporal, size in enumerate(self._bytes[:-1]):
            below += size / self._total
            if size and below < MOST_SHARE:
                steps.append((temporal, below))
        return steps
