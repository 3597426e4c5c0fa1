"""GET /metrics for Prometheus, and the measuring of requests."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from confhub.errors import N_, ConfhubError, Forbidden
from confhub.jobs.desk import JobCounts
from confhub.supervision import ledger
from monitoring.directory import Labels
from monitoring.machine.disk import Disk
from monitoring.machine.loop_watch import LoopWatch
from monitoring.machine.node import MediaReading, NodeReading
from monitoring.scrape import Scrape
from rooms.media.measurement import RouterStats
from rooms.plane.interface import MediaPlane
from web.board_directory import directory
from web.requests.addresses import is_own
from web.requests.route import Answer, Api
from web.services import SERVICES, Services

log = logging.getLogger(__name__)

SCRAPE = web.AppKey("scrape", Scrape)
DISK = web.AppKey("disk", Disk)
# Prometheus gives up after 10 s by default; labels that do not come in time are done without.
LABELS_TIMEOUT_S = 5.0
MEDIA_TIMEOUT_S = 1.0  # one that works answers within milliseconds
_NO_TOKEN = N_(
    "Khi chưa đặt metrics_token, địa chỉ này chỉ trả lời chương trình trên chính máy chủ, chạy dưới"
    " cùng tài khoản hệ điều hành với máy chủ họp."
)
# Anybody may send any word as a method; each would be a series for ever.
METRICS = Api(
    "What the hub counts, for Prometheus",
    {200: Answer("In Prometheus' text format.", None, "text/plain")},
    errors=(403,),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def set_up_metrics(app: web.Application) -> None:
    """Give the application its registry, its loop watch, and the timing of every request."""
    settings = app[SERVICES].settings
    scrape = app[SCRAPE] = Scrape(settings.hub_name)
    app[DISK] = Disk(settings.data_dir)

    async def watch_loop(_app: web.Application) -> AsyncIterator[None]:
        watch = LoopWatch(scrape.instruments.loop_lag.observe, settings.slow_loop_ms / 1000)
        async with watch.running():
            yield

    app.cleanup_ctx.append(watch_loop)
    app.middlewares.insert(0, time_requests)


async def show(request: web.Request) -> web.Response:
    """The metrics; Forbidden unless to our own user here, or with the token of the settings."""
    await _check_access(request)
    services = request.app[SERVICES]
    node = await node_reading(services, request.app[DISK])
    links = services.board.sites() if services.board is not None else {}
    body = await request.app[SCRAPE].text(links, await _labels(request), node)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


async def _check_access(request: web.Request) -> None:
    token = request.app[SERVICES].settings.metrics_token
    if token:
        sent = request.headers.get("Authorization", "")
        # Headers may hold any bytes, which come as lone surrogates.
        sent_bytes = sent.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(sent_bytes, f"Bearer {token}".encode()):
            raise Forbidden
        return
    if not await is_own(request):
        raise Forbidden(_NO_TOKEN)


async def _labels(request: web.Request) -> Mapping[str, Labels]:
    """Without the store the numbers go on, under the sites' ids."""
    try:
        async with asyncio.timeout(LABELS_TIMEOUT_S):
            return await directory(request.app).labels()
    except (ConfhubError, TimeoutError):
        log.warning("no labels for the sites' metrics: the store does not answer")
        return {}


async def _media_readings(media: MediaPlane) -> dict[str, MediaReading]:
    """By worker; of those that do not answer in time there is none, and other numbers go on."""
    try:
        async with asyncio.timeout(MEDIA_TIMEOUT_S):
            found = await media.stats()
    except (ConfhubError, TimeoutError):
        found = {}
    if len(found) < max(1, len(media.workers)):
        log.warning("no counters of some media: not every worker answers")
    return {name: _media_reading(stats) for name, stats in found.items()}


def _media_reading(stats: RouterStats) -> MediaReading:
    return MediaReading(
        drains=stats.drains,
        datagrams_in=stats.datagrams_in,
        datagrams_out=stats.datagrams_out,
        bytes_in=stats.bytes_in,
        bytes_out=stats.bytes_out,
        bad_datagrams=stats.bad_datagrams,
        send_drops=stats.send_drops,
        srtp_failures=stats.srtp_failures,
        transports=stats.transports,
        connected=stats.connected,
        known_addresses=stats.known_addresses,
        tcp_connections=stats.tcp_connections,
    )


async def node_reading(services: Services, disk: Disk) -> NodeReading:
    """What the hub's parts count."""
    bus = services.bus
    rooms, media = services.rooms, services.media
    board, connections = services.board, services.connections
    silent = set(media.silent) if media is not None else set()
    counts = rooms.counts() if rooms is not None else None
    tasks = ledger()
    jobs = services.jobs.counts() if services.jobs is not None else JobCounts()
    now = services.clock()
    read, ends_at = await disk.read(), services.certificate_ends_at
    return NodeReading(
        disk_free_bytes=read.free_bytes,
        disk_bytes=read.size_bytes,
        backup_at=read.backup_at,
        certificate_ends_at=ends_at().timestamp() if ends_at else None,
        rooms_live=len(rooms.live()) if rooms is not None else 0,
        members=counts.members if counts else {},
        sockets=counts.sockets if counts else 0,
        messages=counts.messages if counts else {},
        rejected=counts.rejected if counts else {},
        joins=counts.joins if counts else None,
        media=await _media_readings(media) if media is not None else {},
        media_workers_up={one: one not in silent for one in media.workers}
        if media is not None
        else {},
        bus_dropped=bus.dropped,
        bus_reconnects=bus.reconnects,
        board_reports=board.reports if board is not None else 0,
        board_unreadable=board.unreadable if board is not None else 0,
        board_watchers=board.watchers if board is not None else 0,
        jobs_waiting=jobs.jobs.waiting,
        jobs_dead=jobs.jobs.dead,
        jobs_late_s=jobs.jobs.late_s(now),
        news_waiting=jobs.news.waiting,
        news_dead=jobs.news.dead,
        news_late_s=jobs.news.late_s(now),
        mail_waiting=jobs.mail.waiting,
        mail_refused=jobs.mail.dead,
        mail_late_s=jobs.mail.late_s(now),
        mail_results=jobs.mail_outcomes,
        mailbox_age_s=(now - jobs.mailbox_read_at).total_seconds() if jobs.mailbox_read_at else 0.0,
        reply_outcomes=jobs.reply_outcomes,
        job_outcomes=jobs.job_outcomes,
        news_outcomes=jobs.news_outcomes,
        tasks=tasks.running(),
        tasks_failing=tasks.failing(),
        task_failures=tasks.failures.copy(),
        connections=connections.count if connections is not None else 0,
        connections_limit=connections.limit if connections is not None else 0,
        connections_refused=dict(connections.refused) if connections is not None else {},
    )


@web.middleware
async def time_requests(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Observe how long each answer took, by route; streams and sockets are left out."""
    began = time.perf_counter()
    code = 500
    try:
        response = await handler(request)
        code = response.status
    except web.HTTPException as error:
        code = error.status
        raise
    if isinstance(response, web.Response):
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        histogram = request.app[SCRAPE].instruments.http.labels(method, route, str(code))
        histogram.observe(time.perf_counter() - began)
    return response
