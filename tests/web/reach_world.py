"""Random countries with rights in them, in the store of a real application."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import strategies as st

from confhub.bus.local import LocalBus
from confhub.config import Settings
from confhub.meetings.meeting import Meeting
from confhub.meetings.tokens import JoinTokens
from confhub.meetings.working_days import WorkCalendar
from confhub.people.account import Account, Role, SignIn
from confhub.people.grant import Grant
from confhub.people.person import Person
from confhub.planning.blocking import Blocking
from confhub.planning.pattern import Pattern
from confhub.planning.recurrence import weekly
from confhub.planning.series import Occurrence, Part, Series, content_of
from confhub.store import open_store
from confhub.units.site import Site
from confhub.units.unit import NewUnit
from rooms.hub.hub import RoomHub
from rooms.hub.ownership import new_hub
from tests.rooms.fakes import FakeMedia
from tests.web.board_pages import with_board
from tests.web.browser import LEVELS, NOON, Clock, WebClient, csrf_in
from web.app import build_app
from web.paces import REQUEST_TURNS
from web.pages.board.stream import STALE_S
from web.requests.route import JSON as JSON_BODY
from web.requests.route import Route
from web.services import Services
from web.wire.request_turns import RequestTurns

RIGHTS: dict[Role, set[str]] = {
    "admin": {"see_units", "edit_units", "edit_sites", "see_meetings", "schedule", "drive"}
    | {"see_links", "see_board", "manage_accounts", "join", "edit_people"}
    | {"confirm_times"},
    "secretary": {
        "see_units",
        "edit_people",
        "see_meetings",
        "schedule",
        "drive",
        "see_links",
        "see_board",
        "join",
    },
    "technician": {
        "see_units",
        "edit_sites",
        "see_meetings",
        "confirm_times",
        "see_links",
        "see_board",
        "join",
    },
    "site": {"see_meetings", "join"},
}
ROLES: list[Role] = ["admin", "secretary", "technician", "site"]
Time = Literal["now", "past", "future"]
DAY = dt.timedelta(days=1)
TIMES: dict[Time, tuple[dt.datetime | None, dt.datetime | None]] = {
    "now": (NOON - DAY, NOON + DAY),
    "past": (None, NOON - DAY),
    "future": (NOON + DAY, None),
}


@dataclass(frozen=True)
class Right:
    role: Role
    unit: int
    time: Time = "now"
    giver: int | None = None  # the account whose post it is handed over from


@dataclass(frozen=True)
class Case:
    """Units by their parents' numbers; accounts by their rights, the post first and the viewer
    first; meetings by host and invited units."""

    parents: list[int]
    accounts: list[list[Right]]
    meetings: list[tuple[int, list[int]]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    parents = [-1]
    depths = [0]
    for number in range(1, draw(st.integers(3, 7))):
        above = draw(st.sampled_from([one for one in range(number) if depths[one] < 3]))
        parents.append(above)
        depths.append(depths[above] + 1)
    unit = st.integers(0, len(parents) - 1)
    post = st.builds(Right, st.sampled_from(ROLES), unit)
    posts = draw(st.lists(post, min_size=3, max_size=3))
    further = st.builds(Right, st.sampled_from(ROLES), unit, st.sampled_from(list(TIMES)))
    accounts = []
    for number, own in enumerate(posts):
        more = draw(st.lists(further, max_size=2))
        giver = draw(st.sampled_from([None, *(n for n in range(3) if n != number)]))
        if giver is not None and posts[giver].role != "site":
            time = draw(st.sampled_from(list(TIMES)))
            more.append(Right(posts[giver].role, posts[giver].unit, time, giver))
        accounts.append([own, *more])
    meeting = st.tuples(unit, st.lists(unit, min_size=1, max_size=3, unique=True))
    return Case(parents, accounts, draw(st.lists(meeting, min_size=2, max_size=2)))


@dataclass
class World:
    """A case in the store. Names hold the object's id, which no other text on a page does."""

    case: Case
    mark: str
    links: dict[str, tuple[int, int]] = field(default_factory=dict)  # to meetings and units

    def id(self, kind: str, number: int, more: int | str = "") -> str:
        return f"{self.mark}{kind}{number}{more}"

    def grant_id(self, account: int, number: int) -> str:
        return self.id("a", account) if number == 0 else self.id("a", account, f"g{number}")

    def up(self, unit: int) -> Iterator[int]:
        while unit >= 0:
            yield unit
            unit = self.case.parents[unit]

    def held(self, account: int = 0) -> list[Right]:
        return [right for right in self.case.accounts[account] if right.time == "now"]

    def can(
        self,
        action: str,
        unit: int | None = None,
        *,
        officer: bool = False,
        for_good: bool = False,
    ) -> bool:
        """Whether the viewer may: on a unit, or anywhere; `for_good`: by the post, since all else
        that is in force ends."""
        return any(
            action in RIGHTS[right.role]
            and not (action == "manage_accounts" and right.giver is not None)
            and not (officer and right.role == "site")
            and (
                unit is None
                or right.unit == unit
                or (right.role != "site" and right.unit in self.up(unit))
            )
            for right in (self.case.accounts[0][:1] if for_good else self.held())
        )

    def sees(self, meeting: int) -> bool:
        host, invited = self.case.meetings[meeting]
        return any(self.can("see_meetings", unit) for unit in (host, *invited))

    def enters(self, meeting: int) -> bool:
        host, invited = self.case.meetings[meeting]
        own = any(right.unit in invited for right in self.held())
        return own or self.can("join", host, officer=True)

    def asked_for_rights(self) -> set[int]:
        """Accounts that the viewer is told to ask for more: who administers, by their post, the
        unit that the viewer works in, or else the nearest above."""
        works_in = self.held()[0].unit if self.held() else self.case.accounts[0][0].unit
        for unit in self.up(works_in):
            posts = ((n, rights[0]) for n, rights in enumerate(self.case.accounts) if n)
            found = {n for n, post in posts if (post.role, post.unit) == ("admin", unit)}
            if found:
                return found
        return set()

    def commands(self, account: int) -> bool:
        """Whether the viewer could give all that the account holds or will, for as long."""
        post, *more = self.case.accounts[account]
        return self.can("manage_accounts", post.unit, for_good=True) and all(
            self.can("manage_accounts", right.unit, for_good=right.time == "future")
            for right in more
            if right.time != "past"
        )


@dataclass(frozen=True)
class Asked:
    """An address, whether the viewer may, and what nobody else reads there."""

    path: str
    allowed: bool
    secrets: Sequence[str] = ()
    form: dict[str, str] = field(default_factory=dict)


class Office:
    """The real application over a store that many cases share."""

    def __init__(self, directory: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._directory = directory
        self._numbers = itertools.count()
        self._second = 0.0

    async def open(self) -> None:
        clock = self._clock = Clock()
        settings_ = Settings(data_dir=str(self._directory))
        store, bus = await open_store(settings_), LocalBus(lambda: clock.now.timestamp())
        if not await store.units.levels():
            for level in LEVELS:
                await store.units.add_level(level)
        tokens = JoinTokens(b"k" * 32)
        services = Services(settings=settings_, store=store, bus=bus, tokens=tokens, clock=clock)
        self._board = with_board(services)
        services = await self._board.__aenter__()
        self._rooms = RoomHub(store=store, bus=bus, media=FakeMedia(), hub=new_hub("hub-1"))
        await self._rooms.start()
        self.services = dataclasses.replace(services, rooms=self._rooms)
        app = build_app(self.services)
        # Nobody asks for all there is in a moment: a page a second.
        app[REQUEST_TURNS] = RequestTurns(lambda: self._second)
        self.client: WebClient = TestClient(TestServer(app))
        await self.client.start_server()

    async def close(self) -> None:
        await self.client.close()
        await self._rooms.close()
        await self._board.__aexit__(None, None, None)
        await self.services.bus.close()
        await self.services.store.close()

    async def build(self, case: Case) -> World:
        store = self.services.store
        world = World(case, f"x{next(self._numbers):03}")
        self._clock.pass_by(seconds=STALE_S + 1)  # the board has read of other units
        depth = {-1: -1}
        units = []
        for number, parent in enumerate(case.parents):
            depth[number] = depth[parent] + 1
            above = world.id("u", parent) if parent >= 0 else None
            level = LEVELS[depth[number]].id
            unit_id = world.id("u", number)
            units.append(NewUnit(level, f"Unit {unit_id}", above, id=unit_id))
        await store.units.add_many(units)
        for number in range(len(case.parents)):
            site_id = world.id("s", number)
            await store.sites.add(Site(site_id, world.id("u", number), site_id, f"Room {site_id}"))
            person_id = world.id("p", number)
            known = Person(person_id, f"P{person_id}", unit_id=world.id("u", number))
            await store.address_book.add(known)
            kept, unit_id = world.id("l", number), world.id("u", number)
            await store.patterns.add(Pattern(kept, unit_id, "sites", f"L{kept}", (site_id,)))
            busy = world.id("b", number)
            span = (NOON, NOON + dt.timedelta(days=2))
            blocking = Blocking(busy, "site", "busy", f"B{busy}", *span, "UTC", site_id=site_id)
            await store.blockings.add(blocking)
        for number, rights in enumerate(case.accounts):
            post, account_id = rights[0], world.id("a", number)
            name, unit_id = f"N{account_id}", world.id("u", post.unit)
            await store.accounts.add(Account(account_id, account_id, name, post.role, unit_id), "-")
        for number, rights in enumerate(case.accounts):
            for place, right in enumerate(rights[1:], 1):
                await store.grants.add(await self._grant(world, number, place, right))
        for number, (host, invited) in enumerate(case.meetings):
            await self._meeting(world, number, host, invited)
        return world

    async def _grant(self, world: World, account: int, place: int, right: Right) -> Grant:
        source = None
        if right.giver is not None:
            source = (await self.services.store.grants.of(world.id("a", right.giver)))[0]
        return Grant(
            world.grant_id(account, place),
            world.id("a", account),
            right.role,
            world.id("u", right.unit),
            *TIMES[right.time],
            given_by=source.account_id if source else "",
            source=source,
        )

    async def _meeting(self, world: World, number: int, host: int, invited: list[int]) -> None:
        meeting = Meeting(
            id=world.id("m", number),
            title=f"T{world.id('m', number)}",
            level_id="central",
            host_unit_id=world.id("u", host),
            chair_site_id=world.id("s", invited[0]),
            starts_at=self._clock.now + dt.timedelta(minutes=30 + number),
            ends_at=self._clock.now + dt.timedelta(hours=2),
            sites=tuple(world.id("s", unit) for unit in invited),
        )
        await self.services.store.meetings.add(meeting)
        await self._series(world.id("r", number), meeting)
        for link in await self.services.store.links.ensure(meeting, meeting.ends_at):
            unit = next(one for one in invited if world.id("s", one) == link.site_id)
            world.links[link.id] = (number, unit)

    async def _series(self, series_id: str, meeting: Meeting) -> None:
        """One that the meeting is all of."""
        day = meeting.starts_at.astimezone(self.services.zone).date()
        content = content_of(meeting, WorkCalendar(), self.services.zone)
        part = Part(0, day, weekly(day, count=1), content)
        store = self.services.store.series
        await store.add(Series(series_id, (part,), is_open=False))
        await store.add_occurrence(Occurrence(meeting.id, series_id, day, day, 0))

    async def sign_in(self, world: World) -> str:
        """The viewer's token for forms; the browser holds the cookie from now on."""
        secret = self.services.tokens.sign_ins.sign(world.mark.encode() * 8)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        now, until = self._clock.now, self._clock.now + dt.timedelta(hours=12)
        sign_in = SignIn(digest, world.id("a", 0), "c" * 64, now, until, now)
        await self.services.store.accounts.add_sign_in(sign_in, "-")
        self.client.session.cookie_jar.update_cookies(
            {"confhub": secret}, self.client.make_url("/")
        )
        page = await self.client.get("/account/password")
        return csrf_in(await page.text())

    async def ask(self, route: Route, asked: Asked, token: str) -> tuple[int, str]:
        self._second += 1
        options: dict[str, Any] = {"allow_redirects": False}
        if route.method == "POST" and route.takes is JSON_BODY:
            numbers = {k: int(v) if v.isdigit() else v for k, v in asked.form.items()}
            options |= {"json": numbers, "headers": {"X-CSRF-Token": token}}
        elif route.method == "POST":
            options["data"] = {"csrf": token, **asked.form}
        answer = await self.client.request(route.method, asked.path, **options)
        if route.path.endswith("/stream") and answer.status == 200:  # it never ends
            answer.close()
            return 200, ""
        return answer.status, await _read(answer)


async def _read(answer: ClientResponse) -> str:
    text = await answer.text(errors="replace")
    return text + str(answer.headers.get("Location", ""))
