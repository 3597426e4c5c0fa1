"""What a request's Cookie header says, in one pass over it.

aiohttp's own `request.cookies` makes an object of each cookie, of which 8 KB hold thousands: more
work for one request, before anybody signed in, than a page takes.
"""

from __future__ import annotations

from aiohttp import hdrs, web


def sent_cookie(request: web.Request, name: str) -> str | None:
    """The value of a cookie of ours; of several by one name the last."""
    for pair in reversed(request.headers.get(hdrs.COOKIE, "").split(";")):
        found, equals, value = pair.partition("=")
        if equals and found.strip() == name:
            return value.strip().strip('"')
    return None
