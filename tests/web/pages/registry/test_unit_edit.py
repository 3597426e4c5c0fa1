"""Pages that add, rename, move and end a unit."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import hidden, schedule
from web.services import Services

TODAY = dt.date(2026, 11, 24)
NEXT_YEAR = dt.date(2027, 1, 1)


async def saved(browser: WebClient, path: str, **form: str) -> str:
    """Both steps; where the second leads."""
    answer = await browser.post(path, data={**await hidden(browser, path), **form})
    page = await answer.text()
    assert answer.status == 200, page
    seal = page.partition('name="seal" value="')[2].partition('"')[0]
    assert seal, page
    form |= {**await hidden(browser, path), **form, "seal": seal}
    answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


async def name_on(services: Services, unit_id: str, on: dt.date) -> str:
    return (await services.store.units.get(unit_id, on)).name


async def test_a_unit_is_added_below_ones_own(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("admin", "nam-po")
    form = {"unit_id": "nam-po", "name": "Xã Mới", "code": "03300", "level_id": "commune"}
    assert await saved(browser, "/units/new", day="", **form) == "/units/nam-po"
    (found,) = await services.store.units.search("xa moi", TODAY)
    assert (found.code, found.parent_id, found.level_id) == ("03300", "nam-po", "commune")
    lines = await services.store.audit.recent(9)
    assert ("unit.added", found.id) in [(line.action, line.subject) for line in lines]


async def test_what_a_file_would_be_refused_for_is_said_beside_its_field(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    form = {"unit_id": "nam-po", "name": "xã chà nưa", "code": "", "level_id": "district"}
    answer = await browser.post(
        "/units/new", data={**await hidden(browser, "/units/new"), **form, "day": "31/02/2027"}
    )
    page = await answer.text()
    assert answer.status == 400
    assert "Ô này còn trống" in page
    assert "Lịch không có ngày này" in page
    form |= {"code": "03300", "day": ""}
    answer = await browser.post("/units/new", data={**await hidden(browser, "/units/new"), **form})
    page = await answer.text()
    assert "đã có một đơn vị tên này" in page
    assert "Cấp phải thấp hơn cấp của đơn vị cấp trên" in page
    await saved(browser, "/units/new", **form | {"name": "Xã Mới", "level_id": "commune"})
    answer = await browser.post(
        "/units/new",
        data={
            **await hidden(browser, "/units/new"),
            **form,
            "name": "Xã Khác",
            "level_id": "commune",
        },
    )
    assert "Mã này thuộc về “Xã Mới”" in await answer.text()


async def test_a_new_name_holds_from_its_day_and_the_old_one_is_found(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    await schedule(await signed_in("secretary", "nam-po"), services)
    form = {**await hidden(browser, "/units/cha-nua/rename"), "name": "Xã Nưa", "day": "01/01/2027"}
    page = await (await browser.post("/units/cha-nua/rename", data=form)).text()
    assert "“Xã Chà Nưa” có 1 điểm cầu" in page
    assert "1 cuộc họp sắp tới" in page
    assert await name_on(services, "cha-nua", NEXT_YEAR) == "Xã Chà Nưa"
    where = await saved(browser, "/units/cha-nua/rename", name="Xã Nưa", day="01/01/2027")
    assert where == "/units/cha-nua?on=2027-01-01"
    assert await name_on(services, "cha-nua", TODAY) == "Xã Chà Nưa"
    assert await name_on(services, "cha-nua", NEXT_YEAR) == "Xã Nưa"


async def test_a_later_name_stays_where_an_earlier_day_is_given(
    signed_in: SignedIn, services: Services
) -> None:
    browser, path = await signed_in("admin", "nam-po"), "/units/cha-nua/rename"
    await saved(browser, path, name="Xã Nưa", day="01/01/2027")
    form = {**await hidden(browser, path), "name": "Xã Nậm", "day": "01/12/2026"}
    answer = await browser.post(path, data=form)
    assert answer.status == 400
    assert "Từ ngày 01/01/2027 đơn vị này đã có tên khác là “Xã Nưa”" in await answer.text()
    assert await name_on(services, "cha-nua", NEXT_YEAR) == "Xã Nưa"


async def test_a_former_name_leads_to_the_unit(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("admin", "nam-po")
    await saved(browser, "/units/cha-nua/rename", name="Xã Nậm Nưa", day="01/07/2026")
    page = await (await browser.get("/search?q=cha+nua")).text()
    assert "Xã Nậm Nưa" in page
    assert "tên cũ: Xã Chà Nưa" in page
    page = await (await browser.get("/units?q=cha+nua")).text()
    assert "Xã Nậm Nưa" in page
    assert "tên cũ: Xã Chà Nưa" in page


async def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_saved(
    signed_in: SignedIn, services: Services
) -> None:
    one, two = await signed_in("admin", "nam-po"), await signed_in("admin", "dien-bien")
    path = "/units/cha-nua/rename"
    form = {**await hidden(one, path), "name": "Xã Nưa", "day": ""}
    page = await (await one.post(path, data=form)).text()
    seal = page.partition('name="seal" value="')[2].partition('"')[0]
    await saved(two, path, name="Xã Nậm", day="")
    answer = await one.post(path, data={**form, "seal": seal})
    page = await answer.text()
    assert "đã được người khác thay đổi" in page
    assert "Xã Nậm" in page
    assert await name_on(services, "cha-nua", TODAY) == "Xã Nậm"


async def test_a_unit_moves_with_all_below_it(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("admin", "central")
    path = "/units/nam-po/move"
    form = {**await hidden(browser, path), "unit_id": "lai-chau", "day": "01/01/2027"}
    page = await (await browser.post(path, data=form)).text()
    assert "Chuyển theo “Huyện Nậm Pồ”: 2 đơn vị trực thuộc" in page
    assert "thay cho “Tỉnh Điện Biên”" in page
    await saved(browser, path, unit_id="lai-chau", day="01/01/2027")
    path_then = await services.store.units.path("cha-nua", NEXT_YEAR)
    assert [unit.id for unit in path_then][-3:] == ["lai-chau", "nam-po", "cha-nua"]
    below = await signed_in("admin", "nam-po")
    answer = await below.post(
        "/units/cha-nua/move",
        data={**await hidden(below, "/units/cha-nua/move"), "unit_id": "lai-chau", "day": ""},
    )
    assert "nằm ngoài phạm vi của bạn" in await answer.text()


async def test_a_merger_names_what_hangs_on_the_unit_and_who_follows(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    await schedule(await signed_in("secretary", "nam-po"), services)
    path = "/units/cha-nua/end"
    form = {**await hidden(browser, path), "day": "01/12/2026", "into_si-pha": "1"}
    page = await (await browser.post(path, data=form)).text()
    assert "còn 1 điểm cầu đang dùng" in page
    assert "Đơn vị kế tục" in page
    answer = await browser.post(path, data={**await hidden(browser, path), "day": ""})
    assert "Xin ghi ngày hết hiệu lực" in await answer.text()
    where = await saved(browser, path, day="01/12/2026", **{"into_si-pha": "1"})
    assert where == "/units/cha-nua"
    (record,) = await services.store.imports.unit_records(["cha-nua"])
    assert (record.valid_to, record.successors) == (dt.date(2026, 12, 1), ("si-pha",))
    assert await services.store.leaving.heirs("cha-nua") == ["si-pha"]
    acts = [(line.action, line.subject) for line in await services.store.audit.recent(9)]
    assert ("unit.ended", "cha-nua") in acts
    await saved(browser, path, day="05/12/2026")  # another day, the same who follows
    (record,) = await services.store.imports.unit_records(["cha-nua"])
    assert (record.valid_to, record.successors) == (dt.date(2026, 12, 5), ("si-pha",))


async def test_a_unit_with_others_below_it_does_not_end(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "dien-bien")
    path = "/units/nam-po/end"
    answer = await browser.post(path, data={**await hidden(browser, path), "day": "01/12/2026"})
    assert answer.status == 400
    assert "đơn vị trực thuộc sau ngày này" in await answer.text()


@pytest.mark.parametrize("act", ["rename", "move", "end"])
async def test_only_who_administers_the_unit_changes_it(signed_in: SignedIn, act: str) -> None:
    path = f"/units/cha-nua/{act}"
    assert (await (await signed_in("admin", "si-pha")).get(path)).status == 404
    assert (await (await signed_in("secretary", "nam-po")).get(path)).status == 403
    page = await (await (await signed_in("secretary", "nam-po")).get("/units/cha-nua")).text()
    assert path not in page
    page = await (await (await signed_in("admin", "nam-po")).get("/units/cha-nua")).text()
    assert path in page
