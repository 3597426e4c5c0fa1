"""What one hub is doing, as the collector reads it at scrape. Pure types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from confhub.words.durations import Durations


@dataclass(frozen=True, slots=True)
class MediaReading:
    """What one process that forwards media counts, since it began, and what it holds now."""

    drains: Durations
    datagrams_in: int = 0
    datagrams_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    bad_datagrams: Mapping[str, int] = field(default_factory=dict)  # by reason
    send_drops: int = 0
    srtp_failures: int = 0
    transports: int = 0
    connected: int = 0
    known_addresses: int = 0
    tcp_connections: int = 0


@dataclass(frozen=True, slots=True)
class NodeReading:
    """Gauges are of now; counters count since the process began and never fall."""

    rooms_live: int = 0
    members: Mapping[str, int] = field(default_factory=dict)  # by role: site, secretary, technician
    sockets: int = 0
    messages: Mapping[str, int] = field(default_factory=dict)  # counter, by type
    rejected: Mapping[str, int] = field(default_factory=dict)  # counter, by error code
    joins: Durations | None = None  # None where nobody measures
    media: Mapping[str, MediaReading] = field(default_factory=dict)  # by worker
    media_workers_up: Mapping[str, bool] = field(default_factory=dict)  # whether each answers
    bus_dropped: int = 0
    bus_reconnects: int = 0
    board_reports: int = 0
    board_unreadable: int = 0
    board_watchers: int = 0
    tasks: Mapping[str, int] = field(default_factory=dict)  # supervised ones, by name
    tasks_failing: Mapping[str, int] = field(default_factory=dict)  # by name
    task_failures: Mapping[str, int] = field(default_factory=dict)  # counter, by name
    jobs_waiting: int = 0
    jobs_dead: int = 0
    jobs_late_s: float = 0.0  # the first that is due waits for so long
    news_waiting: int = 0
    news_dead: int = 0
    news_late_s: float = 0.0
    mail_waiting: int = 0
    mail_refused: int = 0  # within a day
    mail_late_s: float = 0.0  # since the oldest that waits was made
    mail_results: Mapping[str, int] = field(default_factory=dict)  # counter, by result
    mailbox_age_s: float = 0.0  # since it was read to its end
    reply_outcomes: Mapping[str, int] = field(default_factory=dict)  # counter, by outcome
    # Counters, by name and outcome.
    job_outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    news_outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    disk_free_bytes: int = 0
    disk_bytes: int = 0  # 0: not known
    certificate_ends_at: float | None = None  # of the pages, seconds since 1970
    backup_at: float | None = None  # of the last one made here, seconds since 1970
    connections: int = 0
    connections_limit: int = 0
    connections_refused: Mapping[str, int] = field(default_factory=dict)  # counter, by reason
