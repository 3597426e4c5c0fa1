"""Who is signed in: cookie to viewer, and the making and ending of sign-ins."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import secrets
from collections.abc import Awaitable
from dataclasses import replace

from aiohttp import web

from confhub.desks import accounts as desk
from confhub.desks.rights import powers_of
from confhub.errors import N_, Forbidden, NotFound, NotSignedIn, Unavailable
from confhub.identity import part_id, secret_hash
from confhub.people.account import Account, SignIn
from confhub.people.actor import Actor, of_account
from confhub.turns import ASKER, asking
from web.requests.addresses import client_address, is_secure
from web.requests.cookies import sent_cookie
from web.requests.viewer import VIEWER, Viewer
from web.services import SERVICES
from web.wire.request_turns import Known

__all__ = ["VIEWER", "Viewer"]

log = logging.getLogger(__name__)

SECRET_BYTES = 32  # 256 bits
# A browser that keeps sending the cookie of an ended sign-in costs the store a read a minute; and
# after a sign-in has ended, its cookie asks a minute longer in the name of its account.
FORGET_AFTER = dt.timedelta(minutes=1)
MOST_LATELY = 10_000  # of 64 letters each
# Writing "last seen" at every request would make each page view a write transaction.
TOUCH_EVERY = dt.timedelta(minutes=1)


class PasswordIssued(Forbidden):
    """Somebody else made the password, and it was not changed yet."""

    code = "password_issued"
    message = N_("Xin đăng nhập vào trang chính và đổi mật khẩu được cấp trước khi làm việc tiếp.")


class LateSignIns:
    """Hashes of secrets of which the store has lately said the same.

    The least lately added are forgotten first.
    """

    def __init__(self) -> None:
        self._until: dict[str, dt.datetime] = {}

    def add(self, sign_in_id: str, now: dt.datetime) -> None:
        self._until.pop(sign_in_id, None)
        if len(self._until) >= MOST_LATELY:
            del self._until[next(iter(self._until))]
        self._until[sign_in_id] = now + FORGET_AFTER

    def holds(self, sign_in_id: str, now: dt.datetime) -> bool:
        until = self._until.get(sign_in_id)
        if until is not None and until <= now:
            del self._until[sign_in_id]
            return False
        return until is not None


# They open nothing any more, and will not: each is stored before it is told.
ENDED = web.AppKey("ended", LateSignIns)
CONFIRMED = web.AppKey("confirmed", LateSignIns)


def require_viewer(request: web.Request) -> Viewer:
    """The viewer; raises NotSignedIn, which pages answer with the sign-in form."""
    viewer: Viewer | None = request.get(VIEWER)
    if viewer is None:
        raise NotSignedIn
    return viewer


def actor_of(request: web.Request) -> Actor:
    """On whose behalf the request acts: the viewer, from where they are, now."""
    viewer = require_viewer(request)
    actor = of_account(viewer.account, local_time(request), client_address(request))
    if viewer.token is None:
        return actor
    return replace(actor, token_id=viewer.token.id, token_name=viewer.token.name)


def made_id(request: web.Request, key: str) -> str:
    """The id of what a form of the viewer's makes under its key: always the same one, and never one
    that somebody has chosen."""
    return part_id(f"made by {require_viewer(request).account.id}", key)


def cookie_name(request: web.Request) -> str:
    """With TLS the __Host- prefix keeps other hosts and plain pages from setting the cookie."""
    return "__Host-confhub" if is_secure(request) else "confhub"


def known_by_cookie(request: web.Request) -> Known | None:
    """Whose sign-in the request's cookie names, if we ever made it and do not know that it has
    ended: by the account's mark where the store has lately said that it lasts, else by its own.

    So who has kept the cookie of a sign-in that has ended asks for nobody but himself.
    """
    secret = sent_cookie(request, cookie_name(request))
    opened = None if secret is None else request.app[SERVICES].tokens.sign_ins.open(secret)
    if secret is None or opened is None:
        return None
    sign_in_id, now = secret_hash(secret), request.app[SERVICES].clock()
    if request.app[ENDED].holds(sign_in_id, now):
        return None
    mark = opened[SECRET_BYTES:].hex()  # secrets of before have none
    if mark and request.app[CONFIRMED].holds(sign_in_id, now):
        return "account", mark
    return "sign-in", sign_in_id


async def load_viewer(request: web.Request) -> Viewer | None:
    """The viewer of the request's cookie, or None. Notes when they were last seen.

    The rest of the task is done for the viewer's account. A cookie that we never made costs the
    store nothing.
    """
    secret = sent_cookie(request, cookie_name(request))
    if secret is None or request.app[SERVICES].tokens.sign_ins.open(secret) is None:
        return None
    return await _viewer_of(request, secret)


async def _viewer_of(request: web.Request, secret: str) -> Viewer | None:
    services, ended = request.app[SERVICES], request.app[ENDED]
    now, sign_in_id = services.clock(), secret_hash(secret)
    if ended.holds(sign_in_id, now):
        return None
    with asking(f"sign-in {sign_in_id}"):
        found = await services.store.accounts.sign_in(sign_in_id, now)
    if found is None:
        ended.add(sign_in_id, now)
        return None
    request.app[CONFIRMED].add(sign_in_id, now)
    sign_in, account = found
    ASKER.set(("account", account.id))
    if now - sign_in.last_seen_at >= TOUCH_EVERY:
        noting = services.store.accounts.touch(sign_in.id, now)
        await note_use(noting, "a sign-in was last seen")
    held = (await powers_of(services.store, account.id, local_time(request))).held
    return Viewer(held, account, sign_in) if held else None  # signing in again says why


async def note_use(noting: Awaitable[None], what: str) -> None:
    """Pages, rooms and programs go on reading while nothing can be written: a full disk."""
    try:
        await noting
    except Unavailable as error:
        log.warning("not noted when %s: %s", what, error)


def local_time(request: web.Request) -> dt.datetime:
    """Now where the users are."""
    services = request.app[SERVICES]
    return services.clock().astimezone(services.zone)


def local_date(request: web.Request) -> dt.date:
    """Today where the users are."""
    return local_time(request).date()


async def open_sign_in(
    request: web.Request, response: web.StreamResponse, account: Account, password_hash: str
) -> None:
    """`start_sign_in` and `keep_sign_in` at once."""
    keep_sign_in(request, response, await start_sign_in(request, account, password_hash))


async def start_sign_in(request: web.Request, account: Account, password_hash: str) -> str:
    """A new sign-in's secret; the rest of the request is already the account's.

    Conflict if `password_hash` does not open the account any more. An older sign-in of this
    browser ends (rotation against fixation).
    """
    services = request.app[SERVICES]
    now = services.clock()
    lifetime = dt.timedelta(hours=services.settings.sign_in_hours)
    secret = services.tokens.sign_ins.sign(
        secrets.token_bytes(SECRET_BYTES) + services.tokens.accounts.mark(account.id.encode())
    )
    sign_in = SignIn(
        id=secret_hash(secret),
        account_id=account.id,
        csrf=secrets.token_hex(SECRET_BYTES),
        created_at=now,
        expires_at=now + lifetime,
        last_seen_at=now,
    )
    await services.store.accounts.add_sign_in(sign_in, password_hash)
    await _end_present(request)
    viewer = await _viewer_of(request, secret)
    if viewer is not None:
        request[VIEWER] = viewer
    return secret


def keep_sign_in(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    """Let the browser keep the secret, out of reach of scripts and of other sites' forms."""
    hours = request.app[SERVICES].settings.sign_in_hours
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=hours * 3600,
        path="/",
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


async def close_sign_in(request: web.Request, response: web.StreamResponse) -> None:
    """End this browser's sign-in, and all that it has open, in the store and in the browser."""
    viewer = request.get(VIEWER)
    if viewer is None:
        await _end_present(request)
    else:
        with contextlib.suppress(NotFound):  # signed out elsewhere a moment ago
            await desk.leave(request.app[SERVICES].store, actor_of(request), viewer.in_browser.id)
    response.del_cookie(
        cookie_name(request), path="/", httponly=True, secure=is_secure(request), samesite="Lax"
    )


async def _end_present(request: web.Request) -> None:
    secret = sent_cookie(request, cookie_name(request))
    if secret:
        await request.app[SERVICES].store.accounts.end_sign_in(secret_hash(secret))
