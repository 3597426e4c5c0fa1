"""Growing pauses between tries. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pauses:
    """The first is quick, for what restarts; the last gentle, for an outage of hours."""

    first_s: float
    last_s: float

    def after(self, failures: int, spread: float) -> float:
        """Seconds to wait after so many failures in a row (1 and more); each time twice as long.

        `spread`, from 0 to 1, shortens it by up to half: who failed in the same instant must not
        all come back in the same instant.
        """
        # Beyond 64 doublings any first pause is longer than any last one.
        whole_s = min(self.first_s * 2.0 ** min(failures - 1, 64), self.last_s)
        return whole_s * (1.0 - spread / 2.0)
