"""Metrics of the media plane: a series for each process that forwards.

Workers begin at 0 when they are started anew. Each has series of its own, for in a sum the fall of
one would look as if all had begun anew, and count what the others had as news. A worker that does
not answer has none for the moment, which is no 0 either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from confhub.words.durations import Durations
from monitoring.machine.node import MediaReading

Read = Callable[[MediaReading], float]

_GAUGES: tuple[tuple[str, str, Read], ...] = (
    ("confhub_transports", "Media transports, two per member.", lambda one: one.transports),
    (
        "confhub_transports_connected",
        "Media transports with ICE and DTLS done.",
        lambda one: one.connected,
    ),
    (
        "confhub_media_addresses",
        "Remote addresses of media that are remembered.",
        lambda one: one.known_addresses,
    ),
    (
        "confhub_media_tcp_connections",
        "Open TCP connections on the media port, strangers too.",
        lambda one: one.tcp_connections,
    ),
)
_COUNTERS: tuple[tuple[str, str, Read], ...] = (
    (
        "confhub_media_datagrams_received",
        "Datagrams on the media port.",
        lambda one: one.datagrams_in,
    ),
    ("confhub_media_datagrams_sent", "Datagrams sent.", lambda one: one.datagrams_out),
    ("confhub_media_received_bytes", "Bytes on the media port.", lambda one: one.bytes_in),
    ("confhub_media_sent_bytes", "Bytes sent.", lambda one: one.bytes_out),
    ("confhub_media_send_drops", "Packets the kernel had no room for.", lambda one: one.send_drops),
    ("confhub_media_srtp_failures", "Packets that failed SRTP.", lambda one: one.srtp_failures),
)


def media_families(
    media: Mapping[str, MediaReading], workers_up: Mapping[str, bool]
) -> Iterator[Metric]:
    """`media` by worker; "" is the hub's own process, whose series have no label of a worker."""
    up = GaugeMetricFamily(
        "confhub_media_worker_up", "1 for a media worker that answers.", labels=["worker"]
    )
    for worker, answers in workers_up.items():
        up.add_metric([worker], float(answers))
    yield up
    for name, text, read in _GAUGES:
        gauge = GaugeMetricFamily(name, text, labels=_labels(media))
        for worker, one in media.items():
            gauge.add_metric(_values(worker), read(one))
        yield gauge
    for name, text, read in _COUNTERS:
        counter = CounterMetricFamily(name, text, labels=_labels(media))
        for worker, one in media.items():
            counter.add_metric(_values(worker), read(one))
        yield counter
    bad = CounterMetricFamily(
        "confhub_media_bad_datagrams",
        "Datagrams that were nobody's or broken.",
        labels=[*_labels(media), "reason"],
    )
    drains = HistogramMetricFamily(
        "confhub_forwarding_duration_seconds",
        "Time in the forwarding process of one drain of the media socket.",
        labels=_labels(media),
    )
    for worker, one in media.items():
        for reason, number in one.bad_datagrams.items():
            bad.add_metric([*_values(worker), reason], number)
        drains.add_metric(_values(worker), buckets_of(one.drains), one.drains.total_s)
    yield bad
    yield drains


def buckets_of(durations: Durations) -> list[tuple[str, float]]:
    """As Prometheus wants them: each holds those below too."""
    bounds = [*(str(bound) for bound in durations.bounds_s), "+Inf"]
    return list(zip(bounds, accumulate(map(float, durations.counts)), strict=True))


def _labels(media: Mapping[str, MediaReading]) -> list[str]:
    return ["worker"] if any(media) else []


def _values(worker: str) -> list[str]:
    return [worker] if worker else []
