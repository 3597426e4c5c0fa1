"""Units and sites for programs."""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from confhub.errors import NotFound
from confhub.units.site import Site
from confhub.units.unit import Unit
from web.api.v1.listing import (
    CURSOR,
    LIMIT,
    UNIT,
    asked_cursor,
    asked_limit,
    asked_scopes,
    cut,
)
from web.api.v1.tags import TAGGED, UNCHANGED, tagged, with_version
from web.rendering.answers import json_answer
from web.requests.auth import local_date, require_viewer
from web.requests.route import Answer, Api
from web.services import SERVICES


class ApiUnit(msgspec.Struct, frozen=True):
    """As it stands today. `parent_id`: null at the top; `code`: of statistics (GSO);
    `valid_from`: null: it always was."""

    id: str
    level_id: str
    name: str
    parent_id: str | None
    code: str | None
    valid_from: dt.date | None


class ApiUnits(msgspec.Struct, frozen=True):
    """`next`: the cursor of the next page; null: this is the last."""

    units: list[ApiUnit]
    next: str | None


class ApiSite(msgspec.Struct, frozen=True):
    """`active`: whether it is in use."""

    id: str
    unit_id: str
    code: str
    name: str
    room: str
    room_phone: str
    active: bool
    version: int


class ApiSites(msgspec.Struct, frozen=True):
    """`next` as of units."""

    sites: list[ApiSite]
    next: str | None


UNITS = Api(
    "Units of today, by id",
    {200: Answer("A page.", ApiUnits)},
    query=(UNIT, LIMIT, CURSOR),
    errors=(400, 404),
)
ONE_UNIT = Api(
    "A unit",
    {200: Answer("As it stands today.", ApiUnit, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)
SITES = Api(
    "Sites, by id",
    {200: Answer("A page.", ApiSites)},
    query=(UNIT, LIMIT, CURSOR),
    errors=(400, 404),
)
ONE_SITE = Api(
    "A site",
    {200: Answer("As it is.", ApiSite, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)


async def units(request: web.Request) -> web.Response:
    """GET /api/v1/units"""
    limit, after = asked_limit(request), asked_cursor(request, str)
    scopes = await asked_scopes(request, "see_units")
    store = request.app[SERVICES].store
    found = await store.units.after(scopes, local_date(request), after or "", limit + 1)
    page, following = cut(found, limit, lambda one: one.id)
    return json_answer(ApiUnits([_unit(one) for one in page], following))


async def one_unit(request: web.Request) -> web.Response:
    """GET /api/v1/units/{unit_id}"""
    store = request.app[SERVICES].store
    path = await store.units.path(request.match_info["unit_id"], local_date(request))
    if not require_viewer(request).may("see_units", path):
        raise NotFound
    return tagged(request, _unit(path[-1]))


async def sites(request: web.Request) -> web.Response:
    """GET /api/v1/sites"""
    limit, after = asked_limit(request), asked_cursor(request, str)
    scopes = await asked_scopes(request, "see_units")
    store = request.app[SERVICES].store
    found = await store.sites.after(scopes, local_date(request), after or "", limit + 1)
    page, following = cut(found, limit, lambda one: one.id)
    return json_answer(ApiSites([_site(one) for one in page], following))


async def one_site(request: web.Request) -> web.Response:
    """GET /api/v1/sites/{site_id}"""
    store = request.app[SERVICES].store
    site = await store.sites.get(request.match_info["site_id"], with_lines=False)
    path = await store.units.path(site.unit_id, local_date(request), ended=True)
    if not require_viewer(request).may("see_units", path):
        raise NotFound
    return with_version(request, _site(site), site.version)


def _unit(unit: Unit) -> ApiUnit:
    return ApiUnit(
        unit.id, unit.level_id, unit.name, unit.parent_id, unit.code or None, unit.valid_from
    )


def _site(site: Site) -> ApiSite:
    return ApiSite(
        site.id,
        site.unit_id,
        site.code,
        site.name,
        site.room,
        site.room_phone,
        site.active,
        site.version,
    )
