"""Histograms and build facts of one process, in a registry of its own."""

from __future__ import annotations

import platform
import time

from prometheus_client import CollectorRegistry, Gauge, Histogram, Info

from confhub.parts import version

# A loop that is late by 20 ms delays a packet of sound by one packet.
LAG_BUCKETS_S = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
# Pages are meant to answer within 100 ms; 10 s is where a proxy gives up.
HTTP_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Instruments:
    """What is observed as it happens. One per application; registers in the given registry."""

    def __init__(self, registry: CollectorRegistry, hub_name: str) -> None:
        self.loop_lag = Histogram(
            "confhub_event_loop_lag_seconds",
            "How long what comes at any moment waits for the event loop.",
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
                "version": version(),
                "python": platform.python_version(),
                "hub": hub_name,
            }
        )
        Gauge(
            "confhub_start_time_seconds", "When the process began to serve.", registry=registry
        ).set(time.time())
