"""Prometheus metrics made at scrape from the board and the hub. docs/metrics.md lists each.

Base units by the conventions of Prometheus: seconds, bytes (also where people say bits: times 8),
ratios of 1. A site is exported while it is on the board: series of sites that went end after
five minutes, so that a scrape holds only what is live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from confhub.quality import LinkState
from confhub.words.durations import Durations
from monitoring.directory import Labels
from monitoring.links import SiteLink
from monitoring.machine.node import NodeReading
from monitoring.media_families import buckets_of, media_families

STATES: tuple[LinkState, ...] = ("absent", "good", "fair", "poor", "lost")
SITE_LABELS = ("site", "level", "province")
_UNKNOWN = Labels("unknown", "unknown", "unknown")

Read = Callable[[SiteLink], float | None]


class _SiteGauge(NamedTuple):
    name: str
    help: str
    cells: tuple[tuple[tuple[str, ...], Read], ...]  # values of the further labels, and the number
    labels: tuple[str, ...] = ()


def _bytes(bps: float | None) -> float | None:
    return None if bps is None else bps / 8


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000


_DIRECTION = ("direction",)
SITE_GAUGES: tuple[_SiteGauge, ...] = (
    _SiteGauge(
        "confhub_site_round_trip_seconds",
        "Time from the site to the hub and back.",
        (((), lambda link: _seconds(link.reading.rtt_ms)),),
    ),
    _SiteGauge(
        "confhub_site_mouth_to_ear_seconds",
        "Estimated delay of speech to a site on an equal link.",
        (((), lambda link: _seconds(link.reading.delay_ms)),),
    ),
    _SiteGauge(
        "confhub_site_packet_loss_ratio",
        "Packets lost of those sent over the last interval; up is site to hub.",
        (
            (("up",), lambda link: link.reading.loss_up_fraction),
            (("down",), lambda link: link.reading.loss_down_fraction),
        ),
        _DIRECTION,
    ),
    _SiteGauge(
        "confhub_site_jitter_seconds",
        "Interarrival jitter (RFC 3550).",
        (
            (("up",), lambda link: _seconds(link.reading.jitter_up_ms)),
            (("down",), lambda link: _seconds(link.reading.jitter_down_ms)),
        ),
        _DIRECTION,
    ),
    _SiteGauge(
        "confhub_site_media_bytes_per_second",
        "Media to (down) and from (up) the site.",
        (
            (("up",), lambda link: _bytes(link.reading.up_bps)),
            (("down",), lambda link: _bytes(link.reading.down_bps)),
        ),
        _DIRECTION,
    ),
    _SiteGauge(
        "confhub_site_available_bytes_per_second",
        "Estimate of what the line carries.",
        (
            (("up",), lambda link: _bytes(link.reading.available_up_bps)),
            (("down",), lambda link: _bytes(link.reading.available_down_bps)),
        ),
        _DIRECTION,
    ),
    _SiteGauge(
        "confhub_site_concealed_audio_ratio",
        "Audio that was made up because packets were missing, of the audio played.",
        (((), lambda link: link.reading.concealed_fraction),),
    ),
    _SiteGauge(
        "confhub_site_video_freezes_per_second",
        "Freezes of the received picture.",
        (
            (
                (),
                lambda link: (
                    None
                    if link.reading.freezes_per_min is None
                    else link.reading.freezes_per_min / 60
                ),
            ),
        ),
    ),
    _SiteGauge(
        "confhub_site_voice_mos",
        "Estimated mean opinion score of speech, 1 to 4.4 (ITU-T G.107), the worse direction.",
        (((), lambda link: link.reading.mos),),
    ),
    _SiteGauge(
        "confhub_site_last_report_timestamp_seconds",
        "When the site was last heard of.",
        (((), lambda link: link.seen_at),),
    ),
)


class SiteCollector(Collector):
    """Per-site gauges of `links`, which the caller sets before each scrape with `labels`.

    They are copies, so that the text can be made in a thread while the loop goes on.
    """

    def __init__(self) -> None:
        self.links: Mapping[str, SiteLink] = {}
        self.labels: Mapping[str, Labels] = {}

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        rows = [
            (tuple(self.labels.get(site_id, _UNKNOWN._replace(site=site_id))), link)
            for site_id, link in self.links.items()
        ]
        state = GaugeMetricFamily(
            "confhub_site_link_state",
            "1 for the state that the site's link is in, 0 for the others.",
            labels=(*SITE_LABELS, "state"),
        )
        for labels, link in rows:
            for name in STATES:
                state.add_metric((*labels, name), float(link.state == name))
        yield state
        for gauge in SITE_GAUGES:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=(*SITE_LABELS, *gauge.labels))
            for labels, link in rows:
                if link.state == "absent":
                    continue
                for further, read in gauge.cells:
                    number = read(link)
                    if number is not None:
                        family.add_metric((*labels, *further), number)
            yield family


class NodeCollector(Collector):
    """What the hub process does: `node`, set before each scrape."""

    def __init__(self) -> None:
        self.node = NodeReading()

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        node = self.node
        for name, text, value in (
            ("confhub_rooms_live", "Meetings with somebody in them.", node.rooms_live),
            ("confhub_sockets", "Open signalling sockets.", node.sockets),
            ("confhub_board_watchers", "Open streams of the link board.", node.board_watchers),
            ("confhub_jobs_waiting", "Jobs to be done now or later.", node.jobs_waiting),
            ("confhub_jobs_dead", "Jobs that were given up.", node.jobs_dead),
            ("confhub_jobs_late_seconds", "Since when a job is due.", node.jobs_late_s),
            ("confhub_news_waiting", "News to be delivered.", node.news_waiting),
            ("confhub_news_dead", "News that were given up.", node.news_dead),
            ("confhub_news_late_seconds", "Since when news are due.", node.news_late_s),
            ("confhub_mail_waiting", "Mails that are not sent yet.", node.mail_waiting),
            ("confhub_mail_refused", "Mails refused within a day.", node.mail_refused),
            ("confhub_mail_late_seconds", "Since when a mail waits.", node.mail_late_s),
            ("confhub_mailbox_age_seconds", "Since when answers were read.", node.mailbox_age_s),
            ("confhub_disk_free_bytes", "Room for the hub's data.", node.disk_free_bytes),
            ("confhub_disk_size_bytes", "The disk of the hub's data.", node.disk_bytes),
            ("confhub_connections", "Open connections of the pages.", node.connections),
            (
                "confhub_connections_limit",
                "Connections beyond which further ones are refused.",
                node.connections_limit,
            ),
        ):
            yield GaugeMetricFamily(name, text, value=value)
        for name, text, at in (
            ("confhub_backup_timestamp_seconds", "When the last backup was made.", node.backup_at),
            (
                "confhub_certificate_end_timestamp_seconds",
                "When the certificate of the pages ends.",
                node.certificate_ends_at,
            ),
        ):
            if at is not None:
                yield GaugeMetricFamily(name, text, value=at)
        for name, text, label, values in (
            ("confhub_members", "Seats taken, by role.", "role", node.members),
            ("confhub_tasks", "Long-lived tasks, by name.", "task", node.tasks),
            (
                "confhub_tasks_failing",
                "Long-lived tasks that failed and are not steadily at work again.",
                "task",
                node.tasks_failing,
            ),
        ):
            gauge = GaugeMetricFamily(name, text, labels=[label])
            for key, number in values.items():
                gauge.add_metric([key], number)
            yield gauge
        for name, text, value in (
            ("confhub_bus_dropped", "News dropped for a slow reader.", node.bus_dropped),
            ("confhub_bus_reconnects", "Times the bus came back.", node.bus_reconnects),
            ("confhub_board_reports", "Quality reports taken in.", node.board_reports),
            ("confhub_board_unreadable", "News that could not be read.", node.board_unreadable),
        ):
            yield CounterMetricFamily(name, text, value=value)
        yield from _counters(node)
        yield from _outcomes(node)
        yield _histogram(
            "confhub_join_duration_seconds",
            "From a seat's socket to its media being connected in both directions.",
            node.joins or Durations(()),
        )
        yield from media_families(node.media, node.media_workers_up)


def _histogram(name: str, text: str, durations: Durations) -> Metric:
    buckets = buckets_of(durations)
    return HistogramMetricFamily(name, text, buckets=buckets, sum_value=durations.total_s)


def _outcomes(node: NodeReading) -> Iterator[Metric]:
    for name, text, label, values in (
        ("confhub_job_tries", "Tries of jobs by this hub.", "job", node.job_outcomes),
        ("confhub_news_tries", "Deliveries of news by this hub.", "topic", node.news_outcomes),
    ):
        family = CounterMetricFamily(name, text, labels=[label, "outcome"])
        for (key, outcome), number in values.items():
            family.add_metric([key, outcome], number)
        yield family


def _counters(node: NodeReading) -> Iterator[Metric]:
    for name, text, label, values in (
        ("confhub_messages", "Signalling messages taken in.", "type", node.messages),
        ("confhub_rejected", "Messages and requests refused.", "code", node.rejected),
        (
            "confhub_mail_tries",
            "Tries of mails by this hub.",
            "result",
            node.mail_results,
        ),
        (
            "confhub_mail_replies",
            "Messages that came back by mail, as read by this hub.",
            "outcome",
            node.reply_outcomes,
        ),
        (
            "confhub_connections_refused",
            "Connections refused because there were too many.",
            "reason",
            node.connections_refused,
        ),
        (
            "confhub_task_failures",
            "Times a long-lived task failed and was started again.",
            "task",
            node.task_failures,
        ),
    ):
        family = CounterMetricFamily(name, text, labels=[label])
        for key, number in values.items():
            family.add_metric([key], number)
        yield family
