"""Seats for synthetic sites: join links that are given, or those a secretary's page shows."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

from confhub.errors import N_, BadInput
from rooms.load.synthetic.link import is_local

SIGN_IN_TIMEOUT_S = 20.0
_MEETING = re.compile(r'href="/meetings/([a-z0-9]{8,32})(?:/room)?"')
_LINK = re.compile(r'data-copy="(https?://[^"]+/join/[^"]+)"')


def seat_address(link: str) -> str:
    """The socket of a join link; BadInput unless it leads to a hub on this machine."""
    parts = urlsplit(link.strip())
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or "/join/" not in parts.path:
        raise BadInput(N_("Không phải liên kết vào họp: %(link)s"), values={"link": link})
    if host != "localhost" and not is_local(host):
        raise BadInput(
            N_("Chỉ phát tải tới máy chủ trên chính máy này, không phải %(host)s."),
            values={"host": host},
        )
    return f"{link.strip().rstrip('/')}/socket"


async def links_by_sign_in(origin: str, login: str, password: str, meeting: str) -> Sequence[str]:
    """The join links of a meeting that this account may hand out.

    `meeting` is an id; empty: the first on the account's page that has links. BadInput when the
    hub does not take the password or shows no links.
    """
    seat_address(f"{origin}/join/")  # asks nobody elsewhere
    timeout = aiohttp.ClientTimeout(total=SIGN_IN_TIMEOUT_S)
    jar = aiohttp.CookieJar(unsafe=True)  # of hosts that are bare addresses too
    async with aiohttp.ClientSession(origin, timeout=timeout, cookie_jar=jar) as http:
        form = {"login": login, "password": password, "next": "/"}
        own = {"Origin": origin}
        async with http.post("/signin", data=form, headers=own, allow_redirects=False) as answer:
            if answer.status != 303:
                raise BadInput(N_("Máy chủ không nhận tên đăng nhập và mật khẩu này."))
        meetings = [meeting] if meeting else _MEETING.findall(await _page(http, "/"))
        for meeting_id in dict.fromkeys(meetings):
            found = _LINK.findall(await _page(http, f"/meetings/{meeting_id}/links"))
            if found:
                return [html.unescape(link) for link in found]
    raise BadInput(N_("Không thấy cuộc họp nào có liên kết vào họp."))


async def _page(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        return await answer.text() if answer.status == 200 else ""
