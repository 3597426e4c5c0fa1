"""What a technician types into a site's encoder or projector: an address and a token each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.meetings.meeting import JoinLink
from web.requests.addresses import own_origin
from web.requests.bearer import Use
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class DeviceAccess:
    use: Use
    address: str
    token: str


def device_access(request: web.Request, link: JoinLink) -> Sequence[DeviceAccess]:
    """To send and to receive. As with the link itself, the store decides how long they live."""
    tokens = request.app[SERVICES].tokens
    origin = own_origin(request)
    return (
        DeviceAccess("whip", f"{origin}/whip/{link.meeting_id}", tokens.whip.sign(link)),
        DeviceAccess("whep", f"{origin}/whep/{link.meeting_id}", tokens.whep.sign(link)),
    )
