"""The results page: grouped by kind, each within the viewer's rights."""

from __future__ import annotations

import re

import pytest

from confhub.people.person import Person
from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import schedule
from web.services import Services


async def headings(browser: WebClient, query: str) -> list[str]:
    page = await (await browser.get("/search", params={"q": query})).text()
    return re.findall(r"<h2>.*?</svg>([^<]+)</h2>", page, re.DOTALL)


async def test_one_field_finds_every_kind_that_one_may_see(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    agenda = {"agenda_title": "Phòng, chống bão", "agenda_presenter": "", "agenda_minutes": ""}
    meeting = await schedule(browser, services, **agenda)
    assert 'action="/search"' in await (await browser.get("/")).text()
    page = await (await browser.get("/search?q=bao+GIAO")).text()
    assert f'href="/meetings/{meeting.id}"' in page
    assert "Huyện Nậm Pồ" in page
    chair = Person("person-1", "Cà A Páo", "Chủ tịch", "nam-po")
    await services.store.address_book.add(chair)
    assert await headings(browser, "po nam") == ["Cuộc họp", "Đơn vị", "Điểm cầu"]
    assert await headings(browser, "pao chu") == ["Danh bạ"]
    admin = await signed_in("admin", "nam-po")
    assert await headings(admin, "secretary.nam") == ["Tài khoản"]
    assert await headings(browser, "secretary.nam") == []


@pytest.mark.parametrize(("unit", "sees"), [("cha-nua", True), ("lai-chau", False)])
async def test_a_meeting_is_found_by_whom_it_concerns_and_nobody_else(
    signed_in: SignedIn, services: Services, unit: str, sees: bool
) -> None:
    await schedule(await signed_in("secretary", "nam-po"), services, title="Họp kín")
    guest = await signed_in("site", unit)
    assert await headings(guest, "kin hop") == (["Cuộc họp"] if sees else [])


@pytest.mark.parametrize("query", ["", "  ", '"*', "x" * 5000, "AND OR NOT", "\x00", "a'b"])
async def test_nonsense_finds_nothing_and_breaks_nothing(signed_in: SignedIn, query: str) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await browser.get("/search", params={"q": query})
    assert answer.status == 200
    assert await headings(browser, query) == []
