"""The body of a posted form, read once, whatever was sent."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from confhub.errors import BadInput

PLAIN_TYPE = "application/x-www-form-urlencoded"
_FORM_TYPES = frozenset({PLAIN_TYPE, "multipart/form-data"})
# What aiohttp's readers raise for bodies that are not what their headers say.
_BROKEN = (
    AssertionError,
    HttpProcessingError,
    LookupError,
    RuntimeError,
    ValueError,
    web.RequestPayloadError,
)


async def read_form(request: web.Request) -> Mapping[str, str | bytes | bytearray | web.FileField]:
    """The form's fields, none for other bodies; BadInput for a broken one.

    Afterwards `request.post()` answers the same from memory.
    """
    if request.content_type not in _FORM_TYPES:
        return {}
    try:
        return await request.post()
    except _BROKEN:
        raise BadInput from None
