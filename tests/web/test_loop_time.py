"""No page holds the event loop for longer than a packet of sound, at the size of the country."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from sqlalchemy import insert, select, update

from benchmarks.country import Country, fill
from confhub.bus.local import LocalBus
from confhub.config import Settings
from confhub.identity import new_id
from confhub.meetings.feed import Feed, hash_of
from confhub.meetings.meeting import Meeting
from confhub.meetings.tokens import JoinTokens, read_key
from confhub.meetings.working_days import WorkCalendar
from confhub.people.person import Person
from confhub.planning.blocking import Blocking
from confhub.planning.pattern import Pattern
from confhub.planning.recurrence import weekly
from confhub.planning.series import Occurrence, Part, Series, content_of
from confhub.store import Store, open_store
from confhub.store import tables as t
from tests.web.board_pages import with_board
from tests.web.browser import csrf_in
from tests.web.country_forms import Forms, Making
from tests.web.letter_pages import issue_letters
from tests.web.longest_callback import MOST_MS, ask, longest_callback
from web.app import build_app
from web.pages.calendar.feeds import SECRET_BYTES
from web.requests.route import TOKEN_PATHS
from web.routes import ROUTES
from web.services import Services


async def test_work_on_a_core_is_told_and_waiting_is_not() -> None:
    with longest_callback() as longest:
        await asyncio.sleep(0)
        time.sleep(0.05)  # noqa: ASYNC251 - as another program would hold the core
        await asyncio.sleep(0)
        waited = longest.ms
        until = time.thread_time() + 0.03
        while time.thread_time() < until:
            pass
        await asyncio.sleep(0)
    assert waited < MOST_MS < longest.ms


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def country(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Country]:
    folder = tmp_path_factory.mktemp("country")
    made = await fill(folder)
    store = await open_store(Settings(data_dir=str(folder)))
    await staff(store)
    await store.close()
    return folder, made


async def staff(store: Store) -> None:
    """A secretary in each third unit, and somebody in the address book of each second."""
    database = store.units._database
    async with database.read() as connection:
        units = list(await connection.scalars(select(t.unit.c.id)))
    clerks = [
        {"id": new_id(), "login": f"thuky.{number}", "name": "Lò Thị Hoa", "unit_id": unit_id}
        | {"role": "secretary", "password_hash": "hash"}
        for number, unit_id in enumerate(units[::3])
    ]
    people = [
        {"id": new_id(), "name": f"Cà A Páo {number}", "title": "Chủ tịch", "unit_id": unit_id}
        for number, unit_id in enumerate(units[::2])
    ]
    async with database.write() as connection:
        await connection.execute(insert(t.account), clerks)
        await connection.execute(insert(t.person), people)
        await connection.execute(update(t.site).values(email="hop@dienbien.gov.vn"))
    assert min(len(clerks), len(people)) > 3_000


@pytest_asyncio.fixture(loop_scope="module")
async def services(country: tuple[Path, Country]) -> AsyncIterator[Services]:
    settings = Settings(
        data_dir=str(country[0]),
        metrics_token="let-me-read",
        mail_host="mail.test",
        mail_from="hop@dienbien.gov.vn",
        public_origin="http://hop.dienbien.gov.vn",
    )
    store, bus = await open_store(settings), LocalBus(time.time)
    tokens = JoinTokens(read_key(country[0]))
    plain = Services(
        settings=settings,
        store=store,
        bus=bus,
        tokens=tokens,
        clock=lambda: dt.datetime.now(dt.UTC),
    )
    async with with_board(plain) as made:
        yield made
    await bus.close()
    await store.close()


async def names(services: Services, country: Country) -> Mapping[str, str]:
    """What stands in the addresses of the URL table."""
    store, meeting_id = services.store, country.large_meeting
    link = next(one for one in await store.links.latest(meeting_id) if one.revoked_at is None)
    account = (await store.accounts.list())[0]
    person = Person("somebody", "Cà A Páo", unit_id=country.a_district)
    await store.address_book.add(person)
    meeting = await store.meetings.get(meeting_id)
    await issue_letters(services, meeting_id)
    return {
        "meeting_id": meeting_id,
        "host_id": meeting.host_unit_id,
        "link_id": link.id,
        "token": services.tokens.sign(link),
        "site_id": country.a_site,
        "unit_id": country.a_district,
        "unit": country.a_district,
        "account_id": account.id,
        "grant_id": account.id,
        "person_id": person.id,
        "form": "jsonl",
        "letter_id": "letter-1",
        "number": "1",
        "session_id": "none",  # of a device in a room
        **dict.fromkeys(("paper_id", "upload_id"), "none"),
        **await _planned(services, meeting),
        "secret": await _feed(services),
        "token_id": "none",
    }


async def _planned(services: Services, meeting: Meeting) -> Mapping[str, str]:
    """A blocking of every site, a list of the meeting's, a series that the meeting is all of."""
    store, host, made = services.store, meeting.host_unit_id, services.clock()
    until = made + dt.timedelta(days=2)
    blocking = Blocking("cut", "below", "power_cut", "Mất điện", made, until, "UTC", unit_id=host)
    await store.blockings.add(blocking)
    await store.patterns.add(Pattern("all", host, "sites", "Tất cả", meeting.sites))
    day = meeting.starts_at.astimezone(services.zone).date()
    content = content_of(meeting, WorkCalendar(), services.zone)
    part = Part(0, day, weekly(day, count=1), content)
    await store.series.add(Series("series", (part,), is_open=False))
    await store.series.add_occurrence(Occurrence(meeting.id, "series", day, day, 0))
    return {"blocking_id": "cut", "pattern_id": "all", "series_id": "series"}


async def _feed(services: Services) -> str:
    """The address of a calendar of the whole country."""
    found = await services.store.accounts.by_login("admin.bench")
    assert found is not None
    secret = services.tokens.feeds.sign(secrets.token_bytes(SECRET_BYTES))
    feed = Feed(new_id(), found[0].id, hash_of(secret), services.clock())
    await services.store.feeds.add(feed)
    return secret


NEEDS_ROOMS = ("/meetings/{meeting_id}/socket", "/join/{token}/socket")  # none are open here
# Asked so there is no page: nobody ends an account's own role, nobody was asked about the meeting's
# time, a list is a host's (below), the metrics want their token, and there are no papers.
WITHOUT_A_PAGE = frozenset(
    (
        *NEEDS_ROOMS,
        "/account/grants/{grant_id}/end",
        "/meetings/{meeting_id}/answer",
        "/api/site-lists",
        "/api/site-lists/{pattern_id}",
        "/metrics",
        *(route.path for route in ROUTES if "{paper_id}" in route.path),
        *(route.path for route in ROUTES if "{upload_id}" in route.path),
    )
)
EXTRA = (
    "/api/site-lists?host={host_id}",
    "/api/site-lists/{pattern_id}?host={host_id}",
    "/meetings?view=week",
    "/meetings?view=month",
    "/search?q=muong+xa",
    "/meetings?q=m%C6%B0%E1%BB%9Dng",
    "/meetings/{meeting_id}?all=1",
    "/meetings/{meeting_id}/links?all=1",
    "/sites?q=muong",
    "/units?q=muong",
    "/board?q=muong",
    "/accounts?q=a&role=admin",
    "/accounts?q=hoa&role=secretary",
    "/people?q=pao",
    "/api/units/search?q=nam+po",
    "/blockings?unit={unit_id}",
    *(
        f"{page}?q={'n+' * 3500}"  # as many words as a header holds
        for page in (
            *("/meetings", "/sites", "/units", "/board", "/accounts", "/people", "/search"),
            *("/sites/new", "/accounts/new", "/people/new", "/accounts/{account_id}/grants/new"),
        )
    ),
)


@pytest.mark.asyncio(loop_scope="module")
async def test_no_page_of_the_country_takes_the_loop_from_a_voice(
    services: Services, country: tuple[Path, Country]
) -> None:
    of, cookie = await names(services, country[1]), country[1].cookies["admin"]
    paths = [route.path for route in ROUTES if route.method == "GET"]
    slow: list[str] = []
    async with TestServer(build_app(services)) as server:
        port = server.port
        assert port is not None
        with longest_callback() as longest:
            for path in (*paths, *EXTRA):

                async def get(path: str = path) -> None:
                    who = {"Cookie": f"confhub={cookie}"}
                    if path.startswith(TOKEN_PATHS):
                        who = {"Authorization": f"Bearer {country[1].program}"}
                    asked = path.format(**of), who
                    status, _ = await asyncio.to_thread(ask, port, *asked)
                    assert status < 500 or path in NEEDS_ROOMS, (path, status)
                    assert status < 400 or path in WITHOUT_A_PAGE, (path, status)

                took_ms = await longest.of(get)
                if took_ms >= MOST_MS:
                    slow.append(f"{path}: {took_ms:.0f} ms")
    assert not slow, "\n".join(slow)


@pytest.mark.asyncio(loop_scope="module")
async def test_no_form_of_the_country_takes_the_loop_from_a_voice(
    services: Services, country: tuple[Path, Country]
) -> None:
    cookie = {"Cookie": f"confhub={country[1].cookies['admin']}"}
    slow: list[str] = []
    async with TestServer(build_app(services)) as server:
        port = server.port
        assert port is not None
        _, page = await asyncio.to_thread(ask, port, "/account", cookie)
        headers = {**cookie, "X-CSRF-Token": csrf_in(page)}
        large = await services.store.meetings.get(country[1].large_meeting)
        forms = Forms(services, country[1], csrf_in(page), large)
        program = {"Authorization": f"Bearer {country[1].program}", "If-Match": "*"}
        with longest_callback() as longest:
            for name, make in {**forms.all(), **forms.of_programs()}.items():

                async def post(make: Making = make, name: str = name) -> None:
                    posted = await make()
                    longest.begin()
                    who = program if posted.path.startswith(TOKEN_PATHS) else headers
                    asked = posted.path, {**who, "Content-Type": posted.type}, posted.body
                    status, said = await asyncio.to_thread(ask, port, *asked)
                    assert status == posted.status, (name, status, said)

                took_ms = await longest.of(post)
                if took_ms >= MOST_MS:
                    slow.append(f"{name}: {took_ms:.0f} ms")
    assert not slow, "\n".join(slow)
