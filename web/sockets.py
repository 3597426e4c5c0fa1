"""The two ways into a live meeting's socket: by account, and by a site's link.

A foreign page's socket is refused before these run (web/requests/csrf.py checks Origin).
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator

from aiohttp import web

from confhub.errors import N_, BadInput, Forbidden, Gone, NotSignedIn, Unavailable
from confhub.meetings.ownership import Hub
from confhub.networks import network_of
from confhub.turns import asking
from rooms.hub.hub import RoomHub, Seat
from rooms.protocol.messages import CLIENT_MESSAGES, HUB_MESSAGES, MAX_MESSAGE_BYTES
from rooms.state.features.table import FEATURES
from web.live import LIVE
from web.relay import RELAYS
from web.rendering.pages import language_of
from web.requests.addresses import client_address, relayed
from web.requests.auth import VIEWER, load_viewer
from web.requests.entrance import (
    Admitted,
    Entrance,
    admit_linked,
    admit_viewer,
    enter_by_account,
    enter_linked,
    linked,
)
from web.requests.route import Answer, Api
from web.services import SERVICES
from web.wire.shaping import SOCKET_BURST_BYTES, SOCKET_BYTES_S, shaped_of

# Wait for the socket to drain after this much: a slow page must be felt soon, see
# rooms.sockets.outbox.
WRITER_LIMIT_BYTES = 16 * 1024
# How long a peer may take to answer our close frame.
CLOSE_TIMEOUT_S = 2.0

# A seat has one socket, and a second tab takes it over; the rest are tabs that wait for it, and
# sockets of a line that died, which are found out within 15 s.
MOST_BY_OWNER = 8
# In whose line the work of rooms stands, see confhub.turns.
ROOMS = "rooms"

SOCKET = Api(
    "A live meeting's socket (RFC 6455); docs/protocol.md and docs/features tell what follows what",
    {101: Answer("A message is one JSON object in a text frame.")},
    errors=(400, 404, 409, 410, 429),
    messages={
        "from_page": (*CLIENT_MESSAGES, *(kind for one in FEATURES for kind in one.rules)),
        "from_hub": (*HUB_MESSAGES, *(kind for one in FEATURES for kind in one.hub_messages)),
    },
)

Enter = Callable[[web.Request], Awaitable[Entrance]]
Admit = Callable[[web.Request], Awaitable[Admitted]]


async def serve_account(request: web.Request) -> web.StreamResponse:
    """GET /meetings/{meeting_id}/socket"""
    return await _serve(request, _enter_signed_in, _admit_signed_in)


async def serve_link(request: web.Request) -> web.StreamResponse:
    """GET /join/{token}/socket"""
    return await _serve(request, _enter_linked, _admit_linked)


async def _serve(request: web.Request, enter: Enter, admit: Admit) -> web.StreamResponse:
    rooms: RoomHub | None = request.app[SERVICES].rooms
    if rooms is None:
        raise Unavailable
    seat = seat_of(request, await enter(request))
    with _bounded(request, seat):
        # One that was passed on to us stays: the room may have moved again meanwhile.
        holder = None if relayed(request) else await rooms.elsewhere(seat.meeting_id)
        if holder is not None and holder.relay:
            return await _relay(request, holder)
        return await _run(request, admit, rooms, seat)


@contextlib.contextmanager
def _bounded(request: web.Request, seat: Seat) -> Iterator[None]:
    """TooMany beyond what one link or account, and one address, may have open."""
    holders = request.app[LIVE].holders
    owner = f"link {seat.link_id}" if seat.link_id else f"account {seat.account_id}"
    network = network_of(client_address(request))
    most = request.app[SERVICES].settings.connections_per_address
    with holders.hold(owner, MOST_BY_OWNER), holders.hold(f"address {network}", most):
        yield


async def _run(
    request: web.Request, admit: Admit, rooms: RoomHub, seat: Seat
) -> web.StreamResponse:

    async def check() -> None:
        with asking(ROOMS):
            now = (await admit(request)).admission
        if (now.member_id, now.may_drive, now.may_end) != (
            seat.member_id,
            seat.may_drive,
            seat.may_end,
        ):
            # Another site or another role than at the door: come in anew.
            raise Forbidden

    socket = await _accept(request)
    try:
        # A room that begins here goes on for everybody in it.
        with asking(ROOMS), request.app[LIVE].until_rights_end(request.get(VIEWER)):
            await rooms.serve(socket, seat, check)
    finally:
        _drop_stuck(request, socket)
    return socket


async def _relay(request: web.Request, holder: Hub) -> web.StreamResponse:
    relays = request.app[RELAYS]
    upstream = await relays.connect(request, holder)
    try:
        socket = await _accept(request)
    except BaseException:
        await upstream.close()
        raise
    try:
        await relays.run(socket, upstream)
    finally:
        _drop_stuck(request, socket)
    return socket


async def _accept(request: web.Request) -> web.WebSocketResponse:
    # No compression: it costs 300 KiB of memory a socket and would let secrets be guessed by
    # the size of what stands beside them. Pings and pongs are the session's signs of life.
    socket = web.WebSocketResponse(
        max_msg_size=MAX_MESSAGE_BYTES,
        compress=False,
        autoping=False,
        timeout=CLOSE_TIMEOUT_S,
        writer_limit=WRITER_LIMIT_BYTES,
    )
    if not socket.can_prepare(request):
        raise BadInput(N_("Địa chỉ này chỉ nhận kết nối WebSocket."), code="not_a_socket")
    connection = shaped_of(request)
    if connection is not None:
        connection.limit(SOCKET_BYTES_S, SOCKET_BURST_BYTES)
    await socket.prepare(request)
    return socket


def _drop_stuck(request: web.Request, socket: web.WebSocketResponse) -> None:
    """A peer that takes nothing would keep the connection's last bytes here for ever."""
    transport = request.transport
    if transport is not None and (not socket.closed or transport.get_write_buffer_size() > 0):
        transport.abort()


async def _enter_signed_in(request: web.Request) -> Entrance:
    await _know_viewer(request)
    return await enter_by_account(request)


async def _admit_signed_in(request: web.Request) -> Admitted:
    await _know_viewer(request)
    return await admit_viewer(request)


async def _know_viewer(request: web.Request) -> None:
    """As the sign-in stands now: it may have ended since the page came. NotSignedIn."""
    viewer = await load_viewer(request)
    if viewer is None:
        raise NotSignedIn
    request[VIEWER] = viewer


async def _enter_linked(request: web.Request) -> Entrance:
    return await enter_linked(request, _link_of(request))


async def _admit_linked(request: web.Request) -> Admitted:
    return await admit_linked(request, _link_of(request))


def _link_of(request: web.Request) -> str:
    try:
        return linked(request)
    except BadInput as error:
        # A key that was changed makes every old address unreadable: the link is gone.
        raise Gone(error.message, code=error.code) from error


def seat_of(request: web.Request, entrance: Entrance) -> Seat:
    """The seat that an entrance gives, in the language of the request."""
    admission = entrance.admission
    viewer, ticket = request.get(VIEWER), relayed(request)
    return Seat(
        meeting_id=entrance.meeting.id,
        member_id=admission.member_id,
        site_id=admission.site_id,
        name=entrance.name,
        unit=entrance.unit,
        level=entrance.level.name,
        rank=entrance.level.rank,
        role=admission.role,
        may_drive=admission.may_drive,
        may_end=admission.may_end,
        language=language_of(request),
        link_id=admission.link_id,
        account_id="" if admission.link_id or viewer is None else viewer.account.id,
        hub=request.app[SERVICES].settings.hub_name if ticket else "",
        via=ticket.hub if ticket else "",
    )
