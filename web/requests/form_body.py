"""The bodies of requests: of which kind, how long and how slow each route takes them.

Nothing of a body is read before its route, its origin and its headers are found good, and no
aiohttp reader parses it: those take a turn of the loop for each part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import hdrs, web
from multidict import MultiDict, MultiDictProxy, MultiMapping
from yarl import query_to_pairs

from confhub.errors import N_, BadInput, ConfhubError, TooLarge
from confhub.imports.csv_table import MAX_BYTES
from web.requests import multipart

PLAIN_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"
# A stalled line is given this long, and a narrow one (32 kbit/s) a second more for each 4 KB.
BODY_TIMEOUT_S = 15.0
SLOWEST_BYTES_S = 4096

# A multipart boundary has 70 letters at most (RFC 2046 section 5.1.1). What parses the header takes
# time by the square of its length: 8 KB would hold the loop for half a second.
LONGEST_TYPE = 200

Field = str | web.FileField


class WrongType(ConfhubError):
    code = "unsupported_media_type"
    http_status = 415
    message = N_("Nội dung phải có kiểu %(type)s.")


class Coded(ConfhubError):
    """A few KB that unfold to GB: nobody who talks to us needs it."""

    code = "unsupported_content_coding"
    http_status = 415
    message = N_("Nội dung không được nén (Content-Encoding). Xin gửi nguyên bản.")


@dataclass(frozen=True, slots=True)
class Body:
    """What a route takes in. No types: nothing, or a handler that reads for itself."""

    types: tuple[str, ...] = ()
    most_bytes: int = 0
    most_fields: int = 0


NOTHING = Body()
# The longest is a site: 49 fields, of which a note of 5,000 letters is 45 KB percent-encoded.
FORM = Body((PLAIN_TYPE,), 96 * 1024, 64)
# A meeting: 1,000 sites at 17 bytes, a note of 10,000 letters, an agenda; without scripts a
# field for each site of a small tree.
LONG_FORM = Body((PLAIN_TYPE,), 512 * 1024, 1000)
# The sign-in form carries a form that came too late, whole, in one field.
SIGN_IN_FORM = Body((PLAIN_TYPE,), LONG_FORM.most_bytes + 64 * 1024, 8)
# Signed in people's files, and the checked file that comes back packed for confirmation.
UPLOAD = Body((multipart.TYPE, PLAIN_TYPE), MAX_BYTES + 64 * 1024, 8)
JSON = Body((JSON_TYPE,), 64 * 1024)

# By method and canonical path; web/routes.py fills it from its table.
BODIES = web.AppKey("bodies", Mapping[tuple[str, str], Body])
_FIELDS = web.RequestKey("fields", MultiMapping[Field])


def body_of(request: web.Request) -> Body:
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else ""
    return request.app[BODIES].get((request.method, path), NOTHING)


def check_coding(request: web.Request) -> None:
    """Raise Coded for a compressed body, before any is unfolded (RFC 9110 section 15.5.16)."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise Coded


def media_type(request: web.Request) -> str:
    """The kind of body as the headers say, without its parameters; empty for one too long to be."""
    if len(request.headers.get(hdrs.CONTENT_TYPE, "")) > LONGEST_TYPE:
        return ""
    return request.content_type


def check_body(request: web.Request) -> None:
    """Raise Coded, WrongType or TooLarge by what the headers say of the body."""
    check_coding(request)
    body = body_of(request)
    if not body.types or not request.body_exists:
        return
    if media_type(request) not in body.types:
        raise WrongType(values={"type": " / ".join(body.types)})
    if (request.content_length or 0) > body.most_bytes:
        raise TooLarge


async def posted_form(request: web.Request) -> MultiMapping[Field]:
    """The form's fields, none for other bodies. BadInput for a broken or stalled one; TooLarge.

    Read once: afterwards it answers the same from memory.
    """
    if _FIELDS not in request:
        request[_FIELDS] = MultiDictProxy(MultiDict(await _read_fields(request)))
    return request[_FIELDS]


async def _read_fields(request: web.Request) -> list[tuple[str, Field]]:
    body = body_of(request)
    check_body(request)
    if not body.most_fields or not request.body_exists:
        return []
    data = await read_bytes(request, body.most_bytes)
    try:
        if media_type(request) == multipart.TYPE:
            return multipart.read_fields(data, request.headers[hdrs.CONTENT_TYPE], body.most_fields)
        if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
            raise BadInput
        text = data.decode()
        if text.count("&") >= body.most_fields:
            raise TooLarge
        return [*query_to_pairs(text.rstrip())]
    except ValueError:
        raise BadInput from None


async def read_bytes(request: web.Request, most_bytes: int) -> bytes:
    """The body as it is. TooLarge; BadInput for one that breaks off or comes too slowly."""
    length = request.content_length
    if (length or 0) > most_bytes:
        raise TooLarge
    seconds = BODY_TIMEOUT_S + (most_bytes if length is None else length) / SLOWEST_BYTES_S
    data = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while chunk := await request.content.readany():
                data += chunk
                if len(data) > most_bytes:
                    raise TooLarge
    except (TimeoutError, web.RequestPayloadError):
        raise BadInput from None
    return bytes(data)
