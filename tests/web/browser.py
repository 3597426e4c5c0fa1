"""What tests of pages do: browsers, forms, tokens; and the country they do it in."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from yarl import URL

from confhub.people.account import Role
from confhub.units.unit import Level, NewUnit

NOON = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)  # a Tuesday, 12:00 in Việt Nam
PASSWORD = "mat khau thu nghiem"

LEVELS = (
    Level("central", 1, "Trung ương", "Central"),
    Level("province", 2, "Tỉnh", "Province"),
    Level("district", 3, "Huyện", "District"),
    Level("commune", 4, "Xã", "Commune"),
)
UNITS = (
    NewUnit("central", "Văn phòng Chính phủ", None, id="central"),
    NewUnit("province", "Tỉnh Điện Biên", "central", id="dien-bien"),
    NewUnit("province", "Tỉnh Lai Châu", "central", id="lai-chau"),
    NewUnit("district", "Huyện Nậm Pồ", "dien-bien", id="nam-po"),
    NewUnit("commune", "Xã Chà Nưa", "nam-po", id="cha-nua"),
    NewUnit("commune", "Xã Si Pa Phìn", "nam-po", id="si-pha"),
)
ROLES: tuple[Role, ...] = ("admin", "secretary", "technician", "site")


class Clock:
    """A wall clock that tests set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += dt.timedelta(**span)


WebClient = TestClient[Request, Application]
Making = Callable[..., Awaitable[WebClient]]


SignedIn = Callable[..., Awaitable[WebClient]]


async def sign_in(
    browser: WebClient, login: str, password: str = PASSWORD, target: str = "", **headers: str
) -> ClientResponse:
    form = {"login": login, "password": password, "next": target}
    return await browser.post("/signin", data=form, headers=headers, allow_redirects=False)


@contextlib.asynccontextmanager
async def other_browser(browser: WebClient) -> AsyncIterator[WebClient]:
    """Another browser at the same application, with cookies of its own."""
    made = cast("WebClient", TestClient(browser.server))
    try:
        yield made
    finally:
        await made.session.close()  # closing the client would end the server too


async def csrf(browser: WebClient, path: str = "/") -> str:
    """The token of a page's forms."""
    return csrf_in(await (await browser.get(path)).text())


def csrf_in(html: str) -> str:
    found = re.search(r'name="csrf-token" content="([0-9a-f]+)"', html)
    assert found is not None, html
    return found[1]


async def submit(browser: WebClient, path: str, data: dict[str, str]) -> ClientResponse:
    """Post a form as a page of ours would, following no redirect."""
    form = {"csrf": await csrf(browser), **data}
    return await browser.post(path, data=form, allow_redirects=False)


def cookie(browser: WebClient, name: str) -> str | None:
    morsel = browser.session.cookie_jar.filter_cookies(URL(str(browser.make_url("/")))).get(name)
    return morsel.value if morsel else None
