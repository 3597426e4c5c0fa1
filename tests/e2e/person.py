"""Somebody who uses a hub's pages and sockets without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import (
    ClientConnectionResetError,
    ClientSession,
    ClientWebSocketResponse,
    CookieJar,
    WSMessage,
    WSMsgType,
)

from confhub.demo.logins import PASSWORD
from confhub.meetings.working_days import WorkCalendar
from tests.rooms.house import Page
from tests.web.browser import csrf_in

BRIEFING = "demonpo"  # the demo's meeting that is open now, with today's date behind
# Far enough ahead to be free of the demo's meetings and of the warning of short notice.
AHEAD = dt.timedelta(days=30)


class AttentivePage(Page):
    """Answers the hub's pings while its test does something else, as every browser does."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        super().__init__(socket)
        self._frames: asyncio.Queue[WSMessage | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(ClientConnectionResetError):  # at the answer to a ping
            while (frame := await self.socket.receive()).type is WSMsgType.TEXT:
                self._frames.put_nowait(frame)
        self._frames.put_nowait(None)

    async def _frame(self) -> WSMessage | None:
        frame = await self._frames.get()
        if frame is None:
            self._frames.put_nowait(None)  # for whoever asks again
        return frame

    def cut(self) -> None:
        self._reading.cancel()
        super().cut()


class BareBrowser:
    """Somebody's cookies and sockets: `async with BareBrowser() as bare` ends them."""

    def __init__(self) -> None:
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self._pages: list[AttentivePage] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for page in self._pages:
            page.cut()
        await self.session.close()

    async def open(self, origin: str, path: str, *, page_from: str = "") -> Page:
        """A socket of a page of `origin`, or of another place."""
        headers = {"Origin": page_from or origin}
        page = AttentivePage(await self.session.ws_connect(f"{origin}{path}", headers=headers))
        self._pages.append(page)
        return page


@dataclass
class Person:
    origin: str
    browser: BareBrowser

    @property
    def session(self) -> ClientSession:
        return self.browser.session

    async def sign_in(self, login: str) -> int:
        form = {"login": login, "password": PASSWORD, "next": "/"}
        return (await self.post("/signin", form))[0]

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(f"{self.origin}{path}") as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Status, and where it leads or the page."""
        async with self.session.post(
            f"{self.origin}{path}",
            data=form,
            headers={"Origin": self.origin},
            allow_redirects=False,
        ) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    async def parts(self) -> dict[str, Any]:
        """What /readyz says: each part by name, and the status of the answer."""
        async with self.session.get(f"{self.origin}/readyz") as answer:
            return {**(await answer.json())["parts"], "status": answer.status}

    async def is_ready(self) -> bool:
        return bool((await self.parts())["status"] == 200)

    async def schedule(self, title: str) -> tuple[int, str]:
        """Post the meeting form as its page would."""
        return await self.post("/meetings/new", await self.fill_in(title))

    async def fill_in(self, title: str) -> dict[str, str]:
        """Open the meeting form and fill it in."""
        status, page = await self.get("/meetings/new")
        assert status == 200, page
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        sites = re.findall(r'name="site" value="(\w+)"', page)
        return {
            **hidden,
            **chosen(page),
            "csrf": csrf_in(page),
            "title": title,
            "sites": " ".join([hidden["sites"], sites[-1]]),
            "chair_name": "Vàng A Chủ Trì",
            "date": f"{day_ahead()}",
            "start": "08:00",
            "end": "09:30",
        }

    async def enter(self, meeting: str) -> Page:
        page = await self.knock(meeting)
        await page.hello()
        return page

    async def knock(self, meeting: str) -> Page:
        """The socket of a meeting, before hello."""
        return await self.browser.open(self.origin, f"/meetings/{meeting}/socket")


def chosen(page: str) -> dict[str, str]:
    """What the selects of a page stand on."""
    selects = re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    found = {name: re.search(r'value="(\w+)"[^>]* selected', options) for name, options in selects}
    return {name: option[1] for name, option in found.items() if option}


def day_ahead() -> dt.date:
    day = dt.datetime.now(dt.UTC).date() + AHEAD
    while not WorkCalendar().is_working(day):
        day += dt.timedelta(days=1)
    return day


async def briefing(person: Person) -> str:
    found = re.search(rf"/meetings/({BRIEFING}\d+)", (await person.get("/"))[1])
    assert found is not None
    return found[1]
