"""CSRF tokens: one secret a sign-in, masked anew on every page.

The mask keeps the token from being guessed through the size of a compressed page (BREACH).
"""

from __future__ import annotations

import hmac
import secrets

from aiohttp import web

from confhub.errors import N_, Forbidden
from web.requests.addresses import check_origin
from web.requests.auth import VIEWER
from web.requests.form_body import posted_form
from web.requests.route import Route

FIELD = "csrf"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class StalePage(Forbidden):
    """The page was made in an earlier sign-in, or long before."""

    code = "bad_csrf"
    message = N_("Trang đã cũ hoặc phiên đăng nhập đã đổi. Xin tải lại trang rồi gửi lại.")


def csrf_token(request: web.Request) -> str:
    """A fresh spelling of the sign-in's token; empty when nobody is signed in."""
    viewer = request.get(VIEWER)
    if viewer is None or viewer.token is not None:
        return ""
    secret = bytes.fromhex(viewer.in_browser.csrf)
    mask = secrets.token_bytes(len(secret))
    return (mask + _xor(mask, secret)).hex()


async def check_request(request: web.Request, row: Route) -> None:
    """Raise Forbidden for an unsafe request of a foreign page, StalePage without its token.

    Where nobody is signed in no token is due, the origin alone decides. A broken form is BadInput.
    """
    if row.guard == "none":
        return
    if request.method in SAFE_METHODS:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            check_origin(request)
        return
    check_origin(request)
    field = (await posted_form(request)).get(FIELD, "")
    viewer = request.get(VIEWER)
    if viewer is None or row.guard == "origin":
        return
    sent = request.headers.get(HEADER) or (field if isinstance(field, str) else "")
    if not _matches(sent, viewer.in_browser.csrf):
        raise StalePage


def _matches(sent: str, expected: str) -> bool:
    secret = bytes.fromhex(expected)
    try:
        raw = bytes.fromhex(sent)
    except ValueError:
        return False
    if len(raw) != 2 * len(secret):
        return False
    return hmac.compare_digest(_xor(raw[: len(secret)], raw[len(secret) :]), secret)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
