"""Histograms and build facts of one process, in a registry of its own."""

from __future__ import annotations

import asyncio
import contextlib
import platform
import time
from collections.abc import AsyncIterator
from importlib import metadata

from prometheus_client import CollectorRegistry, Gauge, Histogram, Info

# A loop that is late by 20 ms delays a packet of sound by one packet.
LAG_BUCKETS_S = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
LAG_EVERY_S = 0.25
# Pages are meant to answer within 100 ms; 10 s is where a proxy gives up.
HTTP_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Instruments:
    """What is observed as it happens. One per application; registers in the given registry."""

    def __init__(self, registry: CollectorRegistry, hub_name: str) -> None:
        self.loop_lag = Histogram(
            "confhub_event_loop_lag_seconds",
            "How late the event loop wakes a sleeper.",
            buckets=LAG_BUCKETS_S,
            registry=registry,
        )
        self.http = Histogram(
            "confhub_http_request_duration_seconds",
            "Time to answer a request; streams and sockets are not in it.",
            ("method", "route", "code"),
            buckets=HTTP_BUCKETS_S,
            registry=registry,
        )
        Info("confhub_build", "What runs here.", registry=registry).info(
            {
                "version": _version(),
                "python": platform.python_version(),
                "hub": hub_name,
            }
        )
        Gauge(
            "confhub_start_time_seconds", "When the process began to serve.", registry=registry
        ).set(time.time())

    @contextlib.asynccontextmanager
    async def watch_loop(self) -> AsyncIterator[None]:
        """Measure the loop's lag for as long as the context is open."""
        watching = asyncio.create_task(self._watch_loop(), name="loop lag")
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.loop_lag.observe(max(loop.time() - due, 0.0))


def _version() -> str:
    try:
        return metadata.version("confhub")
    except metadata.PackageNotFoundError:  # run from a source tree
        return "dev"
