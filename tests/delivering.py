"""What use cases tell is on the bus at once, as in a running hub."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable

from confhub.bus.interface import Bus
from confhub.jobs.delivery import Delivery, news_on
from confhub.store import Store
from confhub.supervision import supervise


@contextlib.asynccontextmanager
async def delivering(store: Store, bus: Bus, now: Callable[[], dt.datetime]) -> AsyncIterator[None]:
    """Within the block, and until what was told in it is delivered. Who waits for a look by the
    clock waits for an hour."""
    delivery = Delivery(store, news_on(bus), now, look_every_s=3600.0)
    store.on_told(delivery.wake)
    task = supervise(delivery.run, "outbox", ends=True)
    try:
        yield
    finally:
        delivery.end()
        await task.wait(2.0)
        await task.close()
