"""Unix time that never steps back: what rooms count their seconds with."""

from __future__ import annotations

import time
from collections.abc import Callable


def steady_clock() -> Callable[[], float]:
    """Unix seconds as of now, then as the monotonic clock counts them.

    A correction of the machine's clock must not empty seats or shuffle the floor queue.
    """
    start = time.time() - time.monotonic()
    return lambda: start + time.monotonic()
