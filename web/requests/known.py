"""By what we made ourselves who asks is known, before the store is asked: a sign-in, or a link.

It is a rate of its own that this gives, and a line of its own; whether the sign-in lasts and the
link opens anything is asked later.
"""

from __future__ import annotations

import contextlib

from aiohttp import web

from confhub.errors import ConfhubError
from confhub.identity import secret_hash
from web.requests.addresses import is_secure
from web.requests.auth import known_by_cookie
from web.requests.bearer import read_link, read_token
from web.requests.cookies import sent_cookie
from web.requests.entrance import linked
from web.requests.route import TOKEN_PATHS
from web.services import SERVICES
from web.wire.request_turns import Known

# What a page that came by a link gives its browser, for the hundred files that it asks for next:
# their addresses carry no token.
FILES_COOKIE = "confhub-files"
_FILES = "/static"


def known(request: web.Request) -> Known | None:
    """("account", its mark), ("sign-in", its hash), ("link", id), ("token", its hash), or None for
    who brings nothing of ours."""
    with contextlib.suppress(ConfhubError):  # it carries no token of ours
        # Where no route is, the address has no token to read.
        if request.path.startswith("/join/") and "token" in request.match_info:
            return "link", linked(request)
        if request.path.startswith("/whip/"):
            return "link", read_link(request, "whip")
        if request.path.startswith("/whep/"):
            return "link", read_link(request, "whep")
        if request.path.startswith(TOKEN_PATHS):
            return "token", secret_hash(read_token(request))
    if request.path.startswith(TOKEN_PATHS):
        return None
    who = known_by_cookie(request)
    if who is None and request.path.startswith(f"{_FILES}/"):
        return _known_by_files(request)
    return who


def _known_by_files(request: web.Request) -> Known | None:
    sent = sent_cookie(request, FILES_COOKIE)
    link_id = None if sent is None else request.app[SERVICES].tokens.files.open(sent)
    return None if link_id is None else ("link", link_id.decode())


def remember_link(request: web.Request, response: web.StreamResponse, who: Known | None) -> None:
    """Let the browser of a page that came by a link ask for its files as such."""
    if who is None or who[0] != "link" or request.method != "GET" or response.prepared:
        return
    if not request.path.startswith("/join/"):
        return
    response.set_cookie(
        FILES_COOKIE,
        request.app[SERVICES].tokens.files.sign(who[1].encode()),
        path=_FILES,
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )
