"""How often one caller may ask a route: an account, a link or, of who has neither, an address.

Of programs, a link or a calendar's address alone, from wherever: whose is none of ours is told so
by the handler, and costs less.

What one may hold at once is for web/holders.py.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping

from aiohttp import web

from confhub.bucket import Buckets
from confhub.errors import BadInput, TooMany
from confhub.meetings.feed import hash_of
from confhub.networks import network_of, within
from web.requests.addresses import client_address
from web.requests.auth import VIEWER
from web.requests.known import known
from web.requests.route import BEARER, TOKEN, UNLISTED, Access, Route, row_of
from web.services import SERVICES
from web.wire.request_turns import OWN, RequestTurns

# Who asked longest ago is forgotten: that he may ask again at once is small change to somebody
# with thousands of links or addresses.
MOST_CALLERS = 10_000
PACES = web.AppKey("paces", Buckets)
_PACED = web.RequestKey("paced", str)  # by which key
REQUEST_TURNS = web.AppKey("request_turns", RequestTurns)


def check_pace(request: web.Request, row: Route) -> None:
    """Raise TooMany for who asks this route more often than its row lets him."""
    if row.pace is None:
        return
    caller = _WHOSE.get(row.access, _caller)(request)
    if caller is None:
        return
    key = request[_PACED] = f"{row.method} {row.path.rstrip('/')} {caller}"
    if not request.app[PACES].take(key, row.pace, asyncio.get_running_loop().time()):
        raise TooMany(math.ceil(1 / row.pace.per_s))


async def tell_pace(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` signal: what is left of a program's rate on this route, in the words
    of draft-ietf-httpapi-ratelimit-headers-10."""
    row, key = row_of(request), request.get(_PACED)
    if row is None or row.pace is None or key is None or row.access != TOKEN:
        return
    rate, now = row.pace, asyncio.get_running_loop().time()
    left = request.app[PACES].left(key, rate, now)
    window, full_in = rate.burst / rate.per_s, (rate.burst - left) / rate.per_s
    response.headers["RateLimit-Policy"] = f'"route";q={rate.burst};w={math.ceil(window)}'
    response.headers["RateLimit"] = f'"route";r={int(left)};t={math.ceil(full_in)}'


def charge(request: web.Request, weight: int) -> None:
    """Count what a form asks for beyond what its row says (web/requests/route.py), before it is
    done; TooMany."""
    place, who = within(client_address(request)), known(request)
    if not request.app[REQUEST_TURNS].keeps_pace(place, who, weight):
        raise TooMany(math.ceil(weight / OWN.per_s))


def _program(request: web.Request) -> str | None:
    who = known(request)
    return None if who is None else " ".join(who)


def _by_token(request: web.Request) -> str:
    """What we never made is counted by where it comes from: so guesses are."""
    return _program(request) or f"address {network_of(client_address(request))}"


def _calendar(request: web.Request) -> str | None:
    secret = request.match_info.get("secret", "")
    if request.app[SERVICES].tokens.feeds.open(secret) is None:
        return None
    return f"calendar {hash_of(secret)}"


def _caller(request: web.Request) -> str:
    viewer = request.get(VIEWER)
    token = request.match_info.get("token", "")
    if token:
        try:
            return f"link {request.app[SERVICES].tokens.read(token)}"
        except BadInput:
            pass
    elif viewer is not None:
        return f"account {viewer.account.id}"
    return f"address {network_of(client_address(request))}"


_WHOSE: Mapping[Access, Callable[[web.Request], str | None]] = {
    BEARER: _program,
    TOKEN: _by_token,
    UNLISTED: _calendar,
}
