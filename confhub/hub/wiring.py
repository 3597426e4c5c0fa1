"""One hub, put together: the only place that sees every part. Started by `confhub serve`."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.answers.reminders import quiet_of
from confhub.bus.interface import Bus
from confhub.bus.opening import open_bus
from confhub.config import Settings
from confhub.demo.passwords import refuse_published_password
from confhub.desks.letters.papers import Papers
from confhub.errors import N_, BadInput, ConfhubError, Unavailable
from confhub.hub.banner import banner, own_address
from confhub.hub.file_limit import divide, memory_bytes, most_pages, raise_file_limit
from confhub.hub.house_key import refuse_foreign_key
from confhub.hub.listening import listen, page_hosts, serves_only_here
from confhub.hub.media import most_tcp, open_plane
from confhub.hub.one_hub import alone_in, is_at_a_terminal
from confhub.hub.part import Part
from confhub.hub.steadiness import be_steady
from confhub.hub.succession import following_in
from confhub.hub.tls.server import ServerTls, open_tls
from confhub.jobs.agreements import AGREEMENTS
from confhub.jobs.delivery import news_on
from confhub.jobs.desk import JobDesk
from confhub.jobs.imap import ImapLine, ImapServer, imap_server
from confhub.jobs.intake import Intake
from confhub.jobs.mailing import mailing, notices, reminders
from confhub.jobs.overruns import overruns
from confhub.jobs.postman import Postman
from confhub.jobs.sealing import SEALING
from confhub.jobs.series import series
from confhub.jobs.smtp import MailServer, SmtpLine, mail_server
from confhub.jobs.sweeps import paper_sweeps, sweeps
from confhub.mail.message import Sender
from confhub.meetings.tokens import JoinTokens, read_key
from confhub.store import Store, open_store
from confhub.words.catalogue import catalogue
from confhub.words.formats import Formats
from monitoring.board import Board
from rooms.hub.hub import RoomHub
from rooms.hub.ownership import new_hub
from rooms.media.events import MediaEvent
from rooms.media.port.addresses import local_addresses
from rooms.sockets.relays import RelayAccess
from web.app import build_app
from web.requests.access_log import AccessLogger
from web.requests.connections import KEEPALIVE_S, Connections
from web.services import Services

log = logging.getLogger("confhub")

# How much nicer a hub is than its media workers on one core: a third of their weight (sched(7)).
BESIDE_MEDIA = 5
# How long answers get to finish before their sockets are cut.
SHUTDOWN_TIMEOUT_S = 5.0
# What still comes of a refused body is thrown away for so long, that the answer is read: a
# connection cut at once would take it along.
LINGER_S = 5.0
# Each part bounds its own end, the rooms' by 10 s; this is for one whose bound does not hold.
CLOSE_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that serves. `address` is what to open in a browser on this machine."""

    address: str
    port: int
    services: Services
    tls: ServerTls | None = None


@contextlib.asynccontextmanager
async def running_hub(
    settings: Settings, accept_on: Sequence[int] = ()
) -> AsyncIterator[RunningHub]:
    """Open every part in order, serve, and close in the opposite order.

    `accept_on` are descriptors of listening sockets to serve on, which outlive this hub; without
    any it opens its own.

    What fails closes whatever is open by then. First comes what is cheap and may be refused, so
    that a second hub started by mistake leaves the record alone. ConfhubError in words for
    whatever the person who starts a hub can mend.
    """
    key = _read_key(settings)
    tls = open_tls(settings, _own_names(), dt.datetime.now(dt.UTC))
    mail_to, mail_in = mail_server(settings), imap_server(settings)
    async with contextlib.AsyncExitStack() as stack:
        if not settings.redis:
            stack.enter_context(alone_in(Path(settings.data_dir)))
        me = new_hub(settings.hub_name, settings.hub_address, settings.relay_address)
        before = stack.enter_context(following_in(Path(settings.data_dir), me.id))
        sockets = [socket.socket(fileno=os.dup(number)) for number in accept_on] or listen(
            page_hosts(settings), settings.listen_port
        )
        for item in sockets:
            stack.callback(item.close)
        rooms: RoomHub | None = None

        def pass_on(event: MediaEvent) -> None:
            if rooms is not None:
                rooms.on_media(event)

        shares = divide(raise_file_limit(), media=most_tcp(settings))
        close_later = functools.partial(_closed_at_end, stack)
        media = await open_plane(settings, me.id, pass_on, shares.media, close_later)
        store = await open_store(settings)
        _closed_at_end(stack, "store", store.close)
        await refuse_foreign_key(store, key, Path(settings.data_dir))
        if not serves_only_here(settings):
            await refuse_published_password(store)
        bus = await open_bus(settings)
        _closed_at_end(stack, "bus", bus.close)
        board = Board(bus)
        _closed_at_end(stack, "board", board.close)
        await board.start()
        jobs = _open_jobs(settings, store, bus, lambda: rooms, mail_to, mail_in, key)
        _closed_at_end(stack, "jobs", jobs.close)
        rooms = RoomHub(
            store=store,
            bus=bus,
            media=media,
            hub=me,
            before=before,
            lease_s=settings.lease_s,
            translate=lambda message, language: catalogue(language).gettext(message),
            timezone=settings.timezone,
            relays=_relays(settings),
            media_stay=bool(settings.media_workers),
        )
        _closed_at_end(stack, "rooms", rooms.close)
        await rooms.start()
        jobs.start()
        connections = Connections(
            limit=most_pages(shares.pages, memory_bytes(), settings.connections),
            per_address=settings.connections_per_address,
            trusted=settings.trusted_proxies,
        )
        services = Services(
            settings=settings,
            store=store,
            bus=bus,
            rooms=rooms,
            board=board,
            media=media,
            tokens=JoinTokens(key),
            connections=connections,
            jobs=jobs,
            certificate_ends_at=(lambda: tls.ends_at) if tls else None,
        )
        await _serve_pages(stack, services, connections, sockets, tls)
        # Rooms and board say goodbye before the web server cuts their sockets and streams.
        _closed_at_end(stack, "rooms", rooms.close)
        stack.callback(board.end_watches)
        port = int(sockets[0].getsockname()[1])
        yield RunningHub(own_address(settings, port), port, services, tls)


async def serve(
    settings: Settings, accept_on: Sequence[int] = (), *, is_kept: bool = False
) -> None:
    """Run a hub until SIGINT or SIGTERM, which also end one that is still starting.

    `is_kept`: a keeper started it and gave it `accept_on`, as running_hub has it.
    """
    me = asyncio.current_task()
    if me is None:
        raise RuntimeError("serve runs as a task")
    loop = asyncio.get_running_loop()
    stop, started = asyncio.Event(), False

    def end() -> None:
        if not (stop.is_set() or started):
            me.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    try:
        keeper = Part() if is_kept else None
        async with running_hub(settings, accept_on) as hub:
            started = True
            if not is_at_a_terminal():
                loop.add_signal_handler(signal.SIGHUP, _renew, hub.tls)
            be_steady()
            print(banner(hub.services, hub.port, hub.tls), flush=True)
            if keeper is not None:
                _leave_the_core_to_media()
                keeper.beat()
            await stop.wait()
            _tell("Đang dừng...")
        _tell("Đã dừng.")
    except (asyncio.CancelledError, ConfhubError):
        # A part that is cut off while it connects may report that instead of the cut.
        if not stop.is_set():
            raise
        me.uncancel()


def _renew(tls: ServerTls | None) -> None:
    """What may change while a hub runs."""
    if tls is not None:
        try:
            tls.renew()
        except BadInput as error:
            log.error("the certificate in use stays: %s", error)


def _tell(line: str) -> None:
    """In one write: media workers log to the same place, and an end of line that came later would
    stand behind theirs."""
    print(f"{line}\n", end="", file=sys.stderr, flush=True)


def _leave_the_core_to_media() -> None:
    """Where there is but one core, packets come before pages."""
    if len(os.sched_getaffinity(0)) == 1:
        os.nice(BESIDE_MEDIA)


def _open_jobs(
    settings: Settings,
    store: Store,
    bus: Bus,
    rooms: Callable[[], RoomHub | None],
    mail_to: MailServer | None,
    mail_in: ImapServer | None,
    key: bytes,
) -> JobDesk:
    """Every kind of job, everything that is told, with what takes it, and who sends mail."""

    async def held() -> set[str]:
        running = rooms()
        if running is None:
            raise Unavailable
        return await running.held()

    zone = ZoneInfo(settings.timezone)

    def now() -> dt.datetime:
        """In the zone where the users are: the house acts on days too."""
        return dt.datetime.now(zone)

    early_min = settings.join_early_min
    quiet = quiet_of(settings.quiet_hours)
    told = (mailing(early_min), *reminders(quiet, early_min), notices(quiet))
    swept = (*sweeps(settings), *paper_sweeps(settings))
    kinds = (*overruns(held), *series(zone), *AGREEMENTS, *told, SEALING, *swept)
    postman, tokens = None, JoinTokens(key)
    if mail_to is not None:
        say, formats = catalogue(settings.language).gettext, Formats(settings.language, zone)
        sender = Sender(
            mail_to.sender,
            say,
            formats,
            settings.language,
            settings.public_origin.rstrip("/"),
            mail_in is not None,
        )
        postman = Postman(store, SmtpLine(mail_to), sender, tokens, Papers(store, now), now)
    intake = None
    if mail_in is not None:
        line, poll_s = ImapLine(mail_in), settings.imap_poll_s
        intake = Intake(store, line, tokens.answers, now, poll_s=poll_s)
    return JobDesk(store, kinds, news_on(bus), now, settings.hub_name, postman, intake)


def _relays(settings: Settings) -> RelayAccess | None:
    return RelayAccess(settings.turn_urls, settings.turn_secret) if settings.turn_urls else None


async def _serve_pages(
    stack: contextlib.AsyncExitStack,
    services: Services,
    connections: Connections,
    sockets: Sequence[socket.socket],
    tls: ServerTls | None,
) -> None:
    runner = web.AppRunner(
        build_app(services),
        handle_signals=False,
        shutdown_timeout=SHUTDOWN_TIMEOUT_S,
        access_log_class=AccessLogger,
        auto_decompress=False,  # compressed bodies are refused: web/requests/form_body.py
        lingering_time=LINGER_S,
        keepalive_timeout=KEEPALIVE_S,
    )
    _closed_at_end(stack, "connections", connections.close)
    _closed_at_end(stack, "pages", runner.cleanup)
    await runner.setup()
    server = runner.server
    if server is None:
        raise RuntimeError("set up without a server")
    connections.serve(sockets, server, tls.context if tls else None)
    stack.callback(connections.stop)


def _closed_at_end(
    stack: contextlib.AsyncExitStack, name: str, close: Callable[[], Awaitable[None]]
) -> None:
    """Neither a slow part nor a broken one keeps the others from being closed."""

    async def bounded() -> None:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await close()
        except TimeoutError:
            log.error("%s did not close within %d s", name, CLOSE_TIMEOUT_S)
        except Exception:
            log.exception("%s did not close well", name)

    stack.push_async_callback(bounded)


def _read_key(settings: Settings) -> bytes:
    """The hub's secret, and with it the proof that the data folder can be used."""
    folder = Path(settings.data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return read_key(folder)
    except OSError as error:
        raise BadInput(
            N_("Không dùng được thư mục dữ liệu %(path)s: %(error)s"),
            code="bad_data_dir",
            values={"path": folder, "error": error},
        ) from None


def _own_names() -> set[str]:
    return {"localhost", socket.gethostname(), *local_addresses()}
