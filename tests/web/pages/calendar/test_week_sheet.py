"""The week on paper."""

from __future__ import annotations

import re

import pytest

from confhub.desks import meetings as desk
from confhub.people.actor import Actor
from tests.web.browser import NOON, SignedIn
from tests.web.meeting_pages import ROOMS, schedule
from web.pages.calendar.week_sheet import town_of
from web.services import Services


def rows_of(page: str) -> list[str]:
    """Each row's texts, one blank between them."""
    table = page[page.index("<tbody>") :]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row).split())
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]


async def test_the_sheet_has_the_days_with_mornings_and_afternoons(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    await schedule(
        browser, services, title="Tiếp công dân", start="14:00", end="15:00", sites=ROOMS["cha-nua"]
    )
    page = await (await browser.get("/meetings/week?on=2026-12-03")).text()
    for words in (
        '<p class="sheet-unit"><span>Tỉnh Điện Biên</span><strong>Huyện Nậm Pồ</strong></p>',
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Nậm Pồ, ngày 24 tháng 11 năm 2026",
        "Lịch công tác tuần 49",
        "(Từ ngày 30/11/2026 đến ngày 06/12/2026)",
    ):
        assert words in page
    rows = rows_of(page)
    assert rows[0] == "Thứ Hai 30/11 Không có lịch họp"
    assert rows[2] == (
        "Thứ Tư 02/12 Sáng 08:00–09:30 Giao ban tháng 12 Nguyễn Văn Hùng Huyện Nậm Pồ"
        " Huyện Nậm Pồ, Xã Chà Nưa, Xã Si Pa Phìn Phòng họp Huyện Nậm Pồ Trực tuyến 3 điểm cầu"
    )
    assert rows[3].startswith("Chiều 14:00–15:00 Tiếp công dân")
    assert len(rows) == 6  # no Saturday and no Sunday: nothing is on


async def test_what_is_called_off_is_not_on_the_sheet(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, sites=ROOMS["cha-nua"])
    await desk.cancel(services.store, Actor(NOON), meeting.id, None, "Mưa lũ")
    page = await (await browser.get("/meetings/week?on=2026-12-02")).text()
    assert meeting.title not in page


async def test_the_sheet_of_a_unit_bears_its_name_and_holds_its_meetings(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, sites=ROOMS["cha-nua"])
    for unit, there in (("cha-nua", True), ("si-pha", False)):
        page = await (await browser.get(f"/meetings/week?on=2026-12-02&unit={unit}")).text()
        assert ("Giao ban tháng 12" in page) is there
    assert "<strong>Xã Si Pa Phìn</strong>" in page
    assert (await browser.get("/meetings/week?unit=lai-chau")).status == 404


@pytest.mark.parametrize(
    ("name", "town"),
    [
        ("Huyện Nậm Pồ", "Nậm Pồ"),
        ("Thành phố Điện Biên Phủ", "Điện Biên Phủ"),
        ("Văn phòng Chính phủ", ""),
        ("Xã", ""),
    ],
)
def test_a_unit_signs_at_its_place(name: str, town: str) -> None:
    assert town_of(name) == town
