"""What every answer tells the browser to refuse."""

from __future__ import annotations

import secrets

from aiohttp import web

from web.requests.addresses import is_secure, own_origin
from web.requests.route import BEARER_PATHS
from web.services import SERVICES

NONCE = web.RequestKey("nonce", str)
NONCE_BYTES = 16  # 128 bits, as CSP level 3 asks
HSTS_S = 365 * 86_400
# Features nobody here uses are off, so that injected script could not use them either.
_OFF = (
    "accelerometer",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "midi",
    "payment",
    "publickey-credentials-get",
    "serial",
    "usb",
)
_SELF = ("autoplay", "camera", "display-capture", "fullscreen", "microphone", "screen-wake-lock")
PERMISSIONS = ", ".join([f"{name}=(self)" for name in _SELF] + [f"{name}=()" for name in _OFF])


def nonce(request: web.Request) -> str:
    """This answer's nonce, for `<script nonce=…>`."""
    if NONCE not in request:
        request[NONCE] = secrets.token_urlsafe(NONCE_BYTES)
    return request[NONCE]


def policy(request: web.Request) -> str:
    """The Content-Security-Policy. Old Safari does not count sockets as 'self': named as well."""
    socket_origin = own_origin(request).replace("http", "ws", 1)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce(request)}'",
            f"style-src 'self' 'nonce-{nonce(request)}'",  # a calendar places its boxes
            f"connect-src 'self' {socket_origin}",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` signal: also streams, sockets and errors pass here."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    # Join tokens are in addresses: no other origin may learn them.
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Content-Security-Policy", policy(request))
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cache-Control", "no-store")
    if request.path.startswith(BEARER_PATHS):
        # Pages of other origins may act as devices (RFC 9725 section 4.2): with a token of their
        # own, never with somebody's cookie.
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "ETag, Link, Location, Retry-After"
    # A trial ends, and its certificate with it: its machines must not insist on TLS for a year.
    if is_secure(request) and request.app[SERVICES].settings.tls != "lab":
        headers["Strict-Transport-Security"] = f"max-age={HSTS_S}"
