"""axe-core finds nothing on any page, in both languages, on a desk's screen and on a phone's,
and no list is wider than its page."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from confhub.desks.planning import series as series_desk
from confhub.identity import part_id
from confhub.meetings.meeting import Attendance, Meeting
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from confhub.people.grant import Grant
from confhub.people.person import Person
from confhub.planning.agreement.states import Agreement, Said, answered
from confhub.planning.blocking import Blocking
from confhub.planning.pattern import Pattern
from confhub.planning.recurrence import weekly
from confhub.words.languages import Language
from tests.chromium import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.fences import fence_of
from tests.web.board_pages import add_meeting, report, with_board
from tests.web.browser import NOON, PASSWORD
from tests.web.letter_pages import LETTER_PAGES, issue_letters
from tests.web.paper_pages import PAPER_PAGES, add_papers
from tests.web.token_pages import add_tokens
from web.app import build_app
from web.routes import ROUTES
from web.services import Services

ROOT = Path(__file__).parents[3]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
DAY = dt.timedelta(days=1)
ROOMS = ("nam-po", "cha-nua", "si-pha")

# By route: who looks, and at which addresses. `{join.ID}` is Chà Nưa's link into meeting ID.
PAGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "/signin": ("", ("/signin",)),
    "/": ("secretary.nam-po", ("/",)),
    "/docs/api": ("", ("/docs/api",)),
    "/public/units/{unit}": ("", ("/public/units/nam-po", "/public/units/lai-chau")),
    "/search": ("admin.nam-po", ("/search?q=nam+po", "/search?q=khong-co", "/search")),
    "/account/password": ("secretary.nam-po", ("/account/password",)),
    "/accounts": ("admin.nam-po", ("/accounts", "/accounts?q=khong-co")),
    "/accounts/new": ("admin.nam-po", ("/accounts/new",)),
    "/accounts/{account_id}": ("admin.nam-po", ("/accounts/secre-nam-po",)),
    "/accounts/{account_id}/password": ("admin.nam-po", ("/accounts/secre-nam-po/password",)),
    "/people": ("secretary.nam-po", ("/people", "/people?q=khong-co")),
    "/people/new": ("secretary.nam-po", ("/people/new",)),
    "/people/{person_id}": ("secretary.nam-po", ("/people/chair-nam-po",)),
    "/people/{person_id}/end": ("secretary.nam-po", ("/people/chair-nam-po/end",)),
    "/jobs": ("admin.central", ("/jobs",)),
    "/units": ("admin.central", ("/units", "/units?q=nam+po", "/units?q=khong-co")),
    "/accounts/{account_id}/grants/new": (
        "admin.nam-po",
        ("/accounts/secre-nam-po/grants/new",),
    ),
    "/accounts/{account_id}/grants/{grant_id}/end": (
        "admin.nam-po",
        ("/accounts/techn-nam-po/grants/handed/end",),
    ),
    "/account": ("secretary.nam-po", ("/account",)),
    "/account/grants/{grant_id}/handover": (
        "secretary.nam-po",
        ("/account/grants/secre-nam-po/handover",),
    ),
    "/account/grants/{grant_id}/end": ("secretary.nam-po", ("/account/grants/handed/end",)),
    "/working-days": ("admin.central", ("/working-days",)),
    "/units/import": ("admin.central", ("/units/import",)),
    "/accounts/import": ("admin.central", ("/accounts/import",)),
    "/units/{unit_id}": ("admin.central", ("/units/nam-po",)),
    "/units/{unit_id}/rooms": ("admin.nam-po", ("/units/cha-nua/rooms",)),
    "/units/new": ("admin.nam-po", ("/units/new?unit=nam-po",)),
    "/units/{unit_id}/rename": ("admin.nam-po", ("/units/cha-nua/rename",)),
    "/units/{unit_id}/move": ("admin.central", ("/units/nam-po/move",)),
    "/units/{unit_id}/end": ("admin.nam-po", ("/units/cha-nua/end",)),
    "/sites": ("admin.central", ("/sites", "/sites?q=khong-co")),
    "/sites/import": ("admin.central", ("/sites/import",)),
    "/sites/new": ("admin.nam-po", ("/sites/new",)),
    "/sites/{site_id}": ("admin.nam-po", ("/sites/cha-nua-room",)),
    "/sites/{site_id}/edit": ("admin.nam-po", ("/sites/cha-nua-room/edit",)),
    "/meetings": (
        "secretary.nam-po",
        (
            "/meetings",
            "/meetings?when=past",
            "/meetings?q=khong-co",
            "/meetings?view=week",
            "/meetings?view=day",
            "/meetings?view=month",
            "/meetings?view=month&unit=nam-po&of=xa",
            "/meetings?view=week&site=cha-nua-room",
        ),
    ),
    "/account/feeds": ("secretary.nam-po", ("/account/feeds?unit=nam-po",)),
    "/meetings/week": ("secretary.nam-po", ("/meetings/week",)),
    "/meetings/new": (
        "secretary.nam-po",
        ("/meetings/new?like=early", "/meetings/new?pattern=pattern-nam-po"),
    ),
    "/meetings/leaving": ("secretary.nam-po", ("/meetings/leaving",)),
    "/meetings/asked": ("technician.dien-bien", ("/meetings/asked",)),
    "/meetings/{meeting_id}/answer": ("technician.dien-bien", ("/meetings/asked-for/answer",)),
    "/units/{unit_id}/agreement": ("admin.dien-bien", ("/units/nam-po/agreement",)),
    "/units/{unit_id}/line": ("admin.dien-bien", ("/units/nam-po/line",)),
    "/blockings": (
        "secretary.nam-po",
        ("/blockings", "/blockings?site=si-pha-room"),
    ),
    "/blockings/{blocking_id}": ("secretary.nam-po", ("/blockings/power-cut",)),
    "/patterns": ("secretary.nam-po", ("/patterns",)),
    "/patterns/new": ("secretary.nam-po", ("/patterns/new", "/patterns/new?kind=sites")),
    "/patterns/{pattern_id}": ("secretary.nam-po", ("/patterns/pattern-nam-po",)),
    "/meetings/{meeting_id}": (
        "secretary.nam-po",
        tuple(
            f"/meetings/{name}"
            for name in ("briefing", "early", "ended", "cancelled", "asked-for", "proposed")
        ),
    ),
    "/series/{series_id}": ("secretary.nam-po", ("/series/{series}",)),
    "/accounts/{account_id}/history": ("admin.nam-po", ("/accounts/secre-nam-po/history",)),
    "/sites/{site_id}/history": ("admin.nam-po", ("/sites/cha-nua-room/history",)),
    "/units/{unit_id}/history": ("admin.central", ("/units/nam-po/history",)),
    "/meetings/{meeting_id}/history": ("secretary.nam-po", ("/meetings/early/history",)),
    "/meetings/{meeting_id}/edit": ("secretary.nam-po", ("/meetings/early/edit",)),
    "/meetings/{meeting_id}/postpone": ("secretary.nam-po", ("/meetings/early/postpone",)),
    "/meetings/{meeting_id}/cancel": ("secretary.nam-po", ("/meetings/early/cancel",)),
    "/meetings/{meeting_id}/invitations": ("secretary.nam-po", ("/meetings/early/invitations",)),
    "/meetings/{meeting_id}/links": ("secretary.nam-po", ("/meetings/early/links",)),
    "/meetings/{meeting_id}/links/{link_id}/revoke": (
        "secretary.nam-po",
        ("/meetings/early/links/{link.early}/revoke",),
    ),
    "/meetings/{meeting_id}/links/{link_id}/renew": (
        "secretary.nam-po",
        ("/meetings/early/links/{link.early}/renew",),
    ),
    "/meetings/{meeting_id}/room": (
        "site.cha-nua",
        ("/meetings/briefing/room", "/meetings/early/room", "/meetings/ended/room"),
    ),
    **PAPER_PAGES,
    **LETTER_PAGES,
    "/units/{unit_id}/tokens": ("admin.dien-bien", ("/units/nam-po/tokens",)),
    "/join/{token}/answer": ("", ("/join/{join.early}/answer", "/join/{join.cancelled}/answer")),
    "/meetings/{meeting_id}/answers": ("secretary.nam-po", ("/meetings/early/answers",)),
    "/meetings/{meeting_id}/sites/{site_id}/answer": (
        "secretary.nam-po",
        ("/meetings/early/sites/cha-nua-room/answer",),
    ),
    "/join/{token}": (
        "",
        (
            "/join/{join.briefing}",
            "/join/{join.early}",
            "/join/{join.early}?check=1",
            "/join/{join.ended}",
            "/join/{join.cancelled}",
            "/join/{join.revoked}",
            "/join/not-ours",
        ),
    ),
    "/board": ("technician.nam-po", ("/board", "/board?q=khong-co")),
    "/board/sites/{site_id}": (
        "technician.nam-po",
        ("/board/sites/cha-nua-room", "/board/sites/si-pha-room"),
    ),
    "an error": ("secretary.nam-po", ("/nowhere", "/accounts")),
}
# axe leaves WCAG 2.2 to those who ask: 24 px for a finger.
RULES = {"target-size": {"enabled": True}}
# Lists whose rows are cards on a phone; there nobody finds what stands beyond the edge.
WIDER = """[...document.querySelectorAll(".table-cards")]
    .filter(list => list.scrollWidth > list.clientWidth + 1)
    .map(list => list.outerHTML.slice(0, 120))"""
NO_PAGES = re.compile(
    r"/(api|whip|whep|calendar)/|/(healthz|readyz|metrics)$|\.(csv|svg|ics|json|pdf|docx|\{form\})$"
    r"|/(socket|stream)$|/files/\{number\}$"
)


def test_every_page_of_the_url_table_is_looked_at() -> None:
    pages = {r.path for r in ROUTES if r.method == "GET" and not NO_PAGES.search(r.path)}
    assert pages == PAGES.keys() - {"an error"}


@pytest_asyncio.fixture
async def services(services: Services) -> AsyncIterator[Services]:
    async with with_board(services) as made:
        yield made


@pytest_asyncio.fixture
async def names(services: Services) -> dict[str, str]:
    """What stands in PAGES for links and tokens, after making their meetings."""
    times = {
        "briefing": NOON - dt.timedelta(minutes=30),
        "early": NOON + dt.timedelta(days=7),
        "ended": NOON - dt.timedelta(hours=3),
        "cancelled": NOON + dt.timedelta(days=2),
        "revoked": NOON + dt.timedelta(days=3),
    }
    found = {}
    for meeting_id, start in times.items():
        meeting = await _add(services, meeting_id, start)
        links = await services.store.links.ensure(meeting, NOON + dt.timedelta(days=30))
        link = next(link for link in links if link.site_id == "cha-nua-room")
        found[f"link.{meeting_id}"] = link.id
        found[f"join.{meeting_id}"] = services.tokens.sign(link)
        if meeting_id == "revoked":
            await services.store.links.revoke(link.id, NOON)
    early = await services.store.meetings.get("early")
    early = dataclasses.replace(early, is_public=True)
    rule = weekly(early.starts_at.date(), count=3)
    await series_desk.repeat(
        services.store, Actor(NOON), "early", early.version, Draft.of(early), rule, services.zone
    )
    found["series"] = part_id("early", f"series {early.version}")
    await _ask_for(services)
    await report(services, "cha-nua", loss_up=0.2)
    chair = Person(
        "chair-nam-po",
        "Cà A Páo",
        "Chủ tịch",
        "nam-po",
        "phong.tiep.dan.uy.ban@nampo.dienbien.gov.vn",
        "0215 3 111",
    )
    left = dataclasses.replace(chair, id="left", name="Hạng A Lù", ended_at=NOON)
    for kept in _patterns():
        await services.store.patterns.add(kept)
    span = (NOON + dt.timedelta(days=6), NOON + dt.timedelta(days=8))
    await services.store.blockings.add(
        Blocking(
            "power-cut",
            "below",
            "power_cut",
            "Thay trạm biến áp Nậm Pồ",
            *span,
            services.zone.key,
            "nam-po",
            weekly=True,
        )
    )
    for person in (chair, left):
        await services.store.address_book.add(person)
    await services.store.jobs.add("job-1", "overrun meetings", {}, NOON, None)
    claim = await services.store.jobs.claim(["overrun meetings"], NOON, NOON, "hub-1")
    if claim is not None:
        await services.store.jobs.fail(claim, "Unavailable: bus_unavailable", NOON, None)
    await issue_letters(services, "early")
    await add_papers(services, "early", "cha-nua-room")
    await add_tokens(services, "nam-po", "admin-nam-po")
    (post,) = await services.store.grants.of("secre-nam-po")
    handed = Grant("handed", "techn-nam-po", post.role, post.unit_id, source=post)
    until = NOON + dt.timedelta(days=3)
    handed = dataclasses.replace(handed, given_by=post.account_id, given_at=NOON, ends_at=until)
    await services.store.grants.add(handed)
    return found


async def _ask_for(services: Services) -> None:
    """One meeting waits for its centre, for another it proposed another time."""
    for number, meeting_id in enumerate(("asked-for", "proposed")):
        at = NOON + dt.timedelta(days=8 + number)
        await _add(services, meeting_id, at)
        span = (at, at + dt.timedelta(hours=2))
        asked = Agreement(meeting_id, "dien-bien", *span, NOON, at - DAY, at - DAY)
        if number:
            later = (span[0] + DAY, span[1] + DAY)
            asked = answered(asked, Said("propose", "Bảo trì máy chủ", *later), "", NOON)
        await services.store.agreements.add(asked)


def _patterns() -> list[Pattern]:
    rooms = tuple(f"{unit_id}-room" for unit_id in ROOMS)
    briefing = Pattern(
        "pattern-nam-po",
        "nam-po",
        "meeting",
        "Giao ban tuần",
        rooms,
        title="Giao ban tuần của Ủy ban nhân dân huyện với các xã",
        level_id="district",
        chair_site_id=rooms[0],
        starts="08:00",
        length_min=90,
    )
    upper = Pattern("sites-dien-bien", "dien-bien", "sites", "Các huyện, xã vùng cao", rooms[1:])
    old = Pattern("sites-nam-po", "nam-po", "sites", "Hai xã", rooms[1:], ended_at=NOON)
    return [briefing, upper, old]


async def _add(services: Services, meeting_id: str, start: dt.datetime) -> Meeting:
    status = meeting_id if meeting_id in ("ended", "cancelled") else "scheduled"
    meeting = await add_meeting(
        services,
        *ROOMS,
        id=meeting_id,
        starts_at=start,
        ends_at=start + dt.timedelta(hours=2),
        status=status,
        status_reason="Trùng lịch của tỉnh" if status == "cancelled" else "",
    )
    if status == "ended":
        fence = await fence_of(services.store, meeting_id)
        for minute, unit_id in enumerate(ROOMS[:2]):
            member, joined = f"s-{unit_id}-room", start + dt.timedelta(minutes=minute)
            await services.store.rooms.joined(fence, Attendance(meeting_id, member, joined))
            await services.store.rooms.left(fence, member, meeting.ends_at, "ended")
    return meeting


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_axe_finds_nothing_on_any_page(
    services: Services, names: dict[str, str], chromium: Browser, language: Language
) -> None:
    async with TestServer(build_app(services)) as server:
        address = f"http://127.0.0.1:{server.port}"

        async def faults_before(login: str) -> list[str]:
            found: list[str] = []
            context = await _browser_of(chromium, address, login, language)
            page = await context.new_page()
            page.set_default_timeout(WAIT_MS)
            for path in (path for who, paths in PAGES.values() if who == login for path in paths):
                await page.goto(address + _filled(path, names))
                for size, (width, height) in SIZES.items():
                    await page.set_viewport_size({"width": width, "height": height})
                    assert await page.locator("html").get_attribute("lang") == language
                    found += [f"{path} ({size}): {fault}" for fault in await _faults(page)]
            await context.close()
            return found

        # Beside each other: each only looks, and axe takes its time.
        logins = sorted({login for login, _ in PAGES.values()})
        found = [one for some in await asyncio.gather(*map(faults_before, logins)) for one in some]
    assert not found, "\n" + "\n".join(found)


def _filled(path: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\{([\w.]+)\}", lambda name: names[name[1]], path)


async def _browser_of(
    chromium: Browser, address: str, login: str, language: Language
) -> BrowserContext:
    """Signed in as `login`, or not at all when it is empty; speaking `language`."""
    context = await chromium.new_context(locale="vi-VN")
    if login:
        form: dict[str, str | float | bool] = {"login": login, "password": PASSWORD, "next": "/"}
        await context.request.post(f"{address}/signin", form=form, max_redirects=0)
    page = await context.new_page()
    await page.goto(f"{address}/{'' if login else 'signin'}")
    button = page.locator(f"form.languages button[value={language}]").first
    async with page.expect_navigation():
        await button.evaluate("button => button.click()")  # it may be in a closed menu
    await page.close()
    return context


async def _faults(page: Page) -> list[str]:
    """What axe holds against the page as it is, one line a fault."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    result: dict[str, Any] = await page.evaluate(
        "rules => axe.run(document, {resultTypes: ['violations'], rules})"
        ".then(({violations}) => ({violations}))",
        RULES,
    )
    wide = await page.evaluate(WIDER)
    return [f"wider than the screen: {html}" for html in wide] + [
        f"{fault['id']}: {node['target']} {node['html'][:120]}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]
