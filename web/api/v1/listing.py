"""Lists that come in pages, each with a cursor to the next, and where they look."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from aiohttp import web

from confhub.errors import N_, BadInput, NotFound
from confhub.meetings.calendar import Within
from confhub.people.policy import Action
from confhub.words.texts import small_number
from web.requests.auth import local_date, require_viewer
from web.requests.route import Query
from web.services import SERVICES

Place = TypeVar("Place")
Row = TypeVar("Row")

USUAL = 50
# Each is one of a meeting's or a site's lines: some 60 KB in all.
MOST = 200
# A start and an id, or an id, in base64.
_LONGEST_CURSOR = 200

LIMIT = Query(
    "limit",
    f"How many at most; without: {USUAL}.",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
)
CURSOR = Query(
    "cursor",
    "The `next` of the page before, with all else as it was asked there.",
    {"type": "string", "maxLength": _LONGEST_CURSOR},
)
UNIT = Query("unit", "A unit's id: it and those below. Without: all that the token reaches.")

_BAD_LIMIT = N_("Số dòng là số từ 1 đến %(most)s.")
BAD_CURSOR = N_("Con trỏ trang không đúng. Xin lấy lại từ trang đầu.")


def asked_limit(request: web.Request) -> int:
    text = request.query.get("limit")
    if text is None:
        return USUAL
    limit = small_number(text)
    if not limit or limit > MOST:
        raise BadInput(_BAD_LIMIT, values={"most": MOST})
    return limit


def asked_cursor(request: web.Request, kind: type[Place]) -> Place | None:
    """Behind what the page begins; None: at the beginning. BadInput."""
    text = request.query.get("cursor")
    if text is None:
        return None
    try:
        if len(text) > _LONGEST_CURSOR:
            raise ValueError
        return msgspec.json.decode(base64.b64decode(text, b"-_", validate=True), type=kind)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise BadInput(BAD_CURSOR, code="bad_cursor") from None


def cursor_of(place: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode("ascii")


def cut(
    found: Sequence[Row], limit: int, place: Callable[[Row], object]
) -> tuple[Sequence[Row], str | None]:
    """The page of what was found when one more than `limit` was asked for, and the cursor to the
    next: the `place` of its last row."""
    page = found[:limit]
    return page, cursor_of(place(page[-1])) if len(found) > limit else None


async def asked_scopes(request: web.Request, action: Action) -> Sequence[Within]:
    """Where the token looks, or what of it `?unit=` leaves; NotFound where that is nothing."""
    scopes = require_viewer(request).scopes(action)
    unit_id = request.query.get("unit")
    if unit_id is None:
        return [Within(one.unit.id, one.alone) for one in scopes]
    store = request.app[SERVICES].store
    path = {unit.id for unit in await store.units.path(unit_id, local_date(request))}
    found = [
        Within(unit_id, one.alone)
        for one in scopes
        if one.unit.id == unit_id or (one.unit.id in path and not one.alone)
    ]
    if not found:
        raise NotFound
    return found
