"""What WHIP and WHEP share over HTTP: bodies, tags, sessions that are changed and ended."""

from __future__ import annotations

import dataclasses

from aiohttp import hdrs, web

from confhub.errors import N_, ConfhubError, Forbidden, NotFound, Unavailable
from confhub.meetings.ownership import Hub
from rooms.devices.devices import Devices
from rooms.devices.playback import Playback
from rooms.devices.publication import Publication
from rooms.devices.session import DeviceSession
from rooms.hub.hub import RoomHub, Seat
from rooms.media.errors import BadDescription
from rooms.media.port.ice import Credentials
from rooms.media.sdp import description, fragment
from web.relay import RELAYS
from web.requests.addresses import client_address, own_origin, relayed
from web.requests.bearer import Use, admit_by_token, read_link
from web.requests.entrance import Entrance
from web.requests.form_body import read_text
from web.requests.route import Answer, Api, Body, Query
from web.services import SERVICES
from web.sockets import seat_of

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
# How long a browser may remember what it may ask for. Source: Fetch, Access-Control-Max-Age.
PREFLIGHT_S = 600
OFFER = Body((SDP,), description.MAX_BYTES)
CHANGE = Body((FRAGMENT,), fragment.MAX_BYTES)
_CREATED = {201: Answer("The answer.", None, SDP, ("Location", "ETag", "Link"))}
PUBLISH = Api(
    "Send sound and picture into a meeting (RFC 9725)", _CREATED, errors=(400, 404, 406, 409, 429)
)
PLAY = Api(
    "Play a meeting (draft-ietf-wish-whep)",
    _CREATED,
    query=(
        Query("source", "The camera of one site, by its code."),
        Query("own", "1: with the own site's picture and voice."),
    ),
    errors=(400, 404, 406, 409, 429),
)
CHANGED = Api(
    "More candidates, or an ICE restart",
    {
        200: Answer("The hub's new credentials.", None, FRAGMENT, ("ETag",)),
        204: Answer("Candidates are not needed."),
    },
    errors=(400, 404, 412, 422, 428),
)
ENDED = Api("End a session", {200: Answer("It is over.")}, errors=(404,))
NOTHING_HERE = Api("Nothing to see", {204: Answer("Nothing.")})
OPTIONS = Api(
    "What may be sent here",
    {200: Answer("In headers.", headers=("Allow", "Accept-Post", "Accept-Patch"))},
)
KINDS: dict[Use, type[DeviceSession]] = {"whip": Publication, "whep": Playback}


class NotAccepted(ConfhubError):
    code = "not_acceptable"
    http_status = 406
    message = N_("Hệ thống chỉ trả lời bằng application/sdp. Xin sửa tiêu đề Accept của thiết bị.")


class NothingToDo(ConfhubError):
    code = "unsupported_change"
    http_status = 422
    message = N_("Chỉ nhận thêm ứng viên ICE hoặc khởi động lại ICE. Xin tạo phiên mới.")


class TagMissing(ConfhubError):
    code = "precondition_required"
    http_status = 428
    message = N_("Thiếu tiêu đề If-Match: ETag đang dùng, hoặc * để khởi động lại ICE.")


class TagStale(ConfhubError):
    code = "precondition_failed"
    http_status = 412
    message = N_("ETag đã cũ: ICE đã được khởi động lại.")


class MalformedFragment(BadDescription):
    http_status = 400


def devices_of(request: web.Request) -> Devices:
    """Raises Unavailable where no meetings are held."""
    rooms: RoomHub | None = request.app[SERVICES].rooms
    if rooms is None:
        raise Unavailable
    return rooms.devices


async def home_of(request: web.Request, meeting_id: str) -> Hub | None:
    """The other hub that runs the meeting and that the request is relayed to, if there is one.

    Where that has an address of its own the device is sent there by 307, which RFC 9725 section 4.5
    has devices follow. Either way its session is there.
    """
    rooms: RoomHub | None = request.app[SERVICES].rooms
    # One that was passed on to us stays: the room may have moved again meanwhile.
    if rooms is None or relayed(request):
        return None
    holder = await rooms.elsewhere(meeting_id)
    if holder is not None and holder.address:
        raise web.HTTPTemporaryRedirect(f"{holder.address}{request.path_qs}")
    return holder if holder is not None and holder.relay else None


async def at_home(request: web.Request, home: Hub, body: str) -> web.Response:
    """What the hub that runs the meeting answers."""
    return await request.app[RELAYS].ask(request, home, body)


async def read_offer(request: web.Request) -> str:
    """The offer of a POST; also NotAccepted."""
    accepted = request.headers.get(hdrs.ACCEPT, "*/*").lower()
    if not any(kind in accepted for kind in (SDP, "application/*", "*/*")):
        raise NotAccepted
    return await read_text(request)


def device_seat(request: web.Request, entrance: Entrance) -> Seat:
    return dataclasses.replace(seat_of(request, entrance), device=True)


class Recheck:
    """Asks again whether the token still opens the same seat."""

    def __init__(self, request: web.Request, use: Use, seat: Seat) -> None:
        self._request = request
        self._use = use
        self._seat = seat

    async def __call__(self) -> None:
        now = await admit_by_token(self._request, self._use)
        if now.admission.member_id != self._seat.member_id:
            raise Forbidden


async def created(
    request: web.Request, use: Use, session: DeviceSession, answer: str
) -> web.Response:
    """201 with the session's address and tag; one line in the audit trail."""
    services, seat = request.app[SERVICES], session.seat
    await services.store.audit.write(
        f"{use}.opened",
        subject=seat.meeting_id,
        detail=seat.site_id or "",
        address=client_address(request),
        at=services.clock(),
    )
    location = f"{own_origin(request)}/{use}/{seat.meeting_id}/{session.id}"
    made = web.Response(
        status=201,
        text=answer,
        content_type=SDP,
        headers={hdrs.LOCATION: location, hdrs.ETAG: session.etag},
    )
    relays = services.rooms.relays if services.rooms is not None else None
    if relays is not None:
        for link in relays.links(seat.member_id, services.clock().timestamp()):
            made.headers.add(hdrs.LINK, link)
    return made


async def _find(request: web.Request, use: Use) -> DeviceSession | Hub:
    """The session that the address names, or the hub where it is; NotFound."""
    link_id = read_link(request, use)
    try:
        return devices_of(request).find(request.match_info["session_id"], link_id, KINDS[use])
    except NotFound:
        home = await home_of(request, request.match_info["meeting_id"])
        if home is None:
            raise
        return home


async def change(request: web.Request, use: Use) -> web.Response:
    """PATCH: more candidates (204), or an ICE restart (200). RFC 9725 section 4.3."""
    session = await _find(request, use)
    text = await read_text(request)
    if isinstance(session, Hub):
        return await at_home(request, session, text)
    try:
        said = fragment.parse_fragment(text)
    except BadDescription as error:
        raise MalformedFragment(str(error.values["detail"])) from None
    tags = [tag.strip() for tag in request.headers.get(hdrs.IF_MATCH, "").split(",")]
    if tags == [""]:
        raise TagMissing
    async with session.changing:
        if "*" not in tags and session.etag not in tags:
            raise TagStale
        if said.ufrag and said.ufrag != session.remote_ufrag:
            body = await session.restart_ice(Credentials(said.ufrag, said.password))
            headers = {hdrs.ETAG: session.etag}
            return web.Response(text=body, content_type=FRAGMENT, headers=headers)
    if not (said.ufrag or said.candidates):
        raise NothingToDo
    return web.Response(status=204)


async def end(request: web.Request, use: Use) -> web.Response:
    """DELETE: the session is over; its address is not found any more."""
    session = await _find(request, use)
    if isinstance(session, Hub):
        return await at_home(request, session, "")
    session.end()
    return web.Response(status=200)


async def nothing(_request: web.Request) -> web.Response:
    """GET: there is nothing to see (RFC 9725 section 4.1)."""
    return web.Response(status=204)


async def endpoint_options(_request: web.Request) -> web.Response:
    return _options("POST", {"Accept-Post": SDP})


async def session_options(_request: web.Request) -> web.Response:
    return _options("PATCH, DELETE", {"Accept-Patch": FRAGMENT})


def _options(methods: str, accepts: dict[str, str]) -> web.Response:
    """For devices that ask, and for pages of other origins (Fetch, CORS)."""
    return web.Response(
        headers={
            hdrs.ALLOW: f"GET, OPTIONS, {methods}",
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: methods,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, Content-Type, If-Match",
            hdrs.ACCESS_CONTROL_MAX_AGE: str(PREFLIGHT_S),
            **accepts,
        }
    )
