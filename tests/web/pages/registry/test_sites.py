"""Pages of sites: who sees which, and how one is changed."""

from __future__ import annotations

import pytest

from confhub.units.site import Line
from tests.web.browser import SignedIn, csrf, submit
from web.services import Services

CHA_NUA = "cha-nua-room"


def form(**changed: str) -> dict[str, str]:
    fields = {
        "name": "Phòng họp mới",
        "active": "1",
        "version": "1",
        "technician_name": "Lò  Văn Chung",
        "technician_phone": "0900 000 187",
        "contact_name": "",
        "contact_phone": "",
        "room_phone": "0215 3 000 187",
        "email": "chanua@dienbien.gov.vn",
        "room": "Phòng số  2",
        "streams": "12",
        "equipment_note": "Tivi\nLoa",
        "line0_kind": "fibre",
        "line0_provider": "VNPT",
        "line0_down": "50",
        "line0_up": "7,5",
        "line0_note": "",
        "line1_kind": "mobile",
        "line1_backup": "1",
    }
    return fields | changed


async def test_the_list_holds_the_viewers_subtree_only(signed_in: SignedIn) -> None:
    page = await (await (await signed_in("technician", "nam-po")).get("/sites")).text()
    for name in ("Phòng họp Huyện Nậm Pồ", "Phòng họp Xã Chà Nưa", "Phòng họp Xã Si Pa Phìn"):
        assert name in page
    assert "Phòng họp Tỉnh Điện Biên" not in page
    assert "Lai Châu" not in page


async def test_search_needs_no_diacritics_and_a_unit_narrows_the_list(signed_in: SignedIn) -> None:
    browser = await signed_in("technician", "central")
    page = await (await browser.get("/sites", params={"q": "cha nua"})).text()
    assert "Phòng họp Xã Chà Nưa" in page
    assert "Phòng họp Xã Si Pa Phìn" not in page
    page = await (await browser.get("/sites", params={"unit": "nam-po"})).text()
    assert "Phòng họp Xã Chà Nưa" in page
    assert "Phòng họp Tỉnh Lai Châu" not in page


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("site.nam-po", "/sites", 403),
        ("secretary.nam-po", "/sites", 200),
        ("secretary.nam-po", f"/sites/{CHA_NUA}", 200),
        ("secretary.nam-po", f"/sites/{CHA_NUA}/edit", 403),
        ("secretary.nam-po", "/sites/import", 403),
        ("technician.nam-po", f"/sites/{CHA_NUA}/edit", 200),
        ("technician.nam-po", "/sites/dien-bien-room", 404),
        ("technician.nam-po", "/sites/dien-bien-room/edit", 404),
        ("technician.cha-nua", "/sites/si-pha-room", 404),
        ("technician.nam-po", "/sites/nowhere", 404),
        ("technician.nam-po", "/units/dien-bien", 404),
        ("technician.nam-po", "/units/import", 403),
        ("admin.nam-po", "/units/import", 200),
    ],
)
async def test_rights(signed_in: SignedIn, login: str, path: str, status: int) -> None:
    assert (await (await signed_in(*login.split("."))).get(path)).status == status


async def test_nobody_is_shown_anything_before_signing_in(signed_in: SignedIn) -> None:
    browser = await signed_in("technician", "nam-po")
    browser.session.cookie_jar.clear()
    answer = await browser.get(f"/sites/{CHA_NUA}", allow_redirects=False)
    assert answer.status in (303, 401)
    assert "Chà Nưa" not in await answer.text()


async def test_a_technician_changes_a_site_and_its_lines(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("technician", "nam-po")
    answer = await submit(browser, f"/sites/{CHA_NUA}/edit", form(code="hacked", unit_id="central"))
    assert (answer.status, answer.headers["Location"]) == (303, f"/sites/{CHA_NUA}")
    site = await services.store.sites.get(CHA_NUA)
    assert (site.name, site.technician_name) == ("Phòng họp mới", "Lò Văn Chung")
    assert (site.code, site.unit_id) == ("CHA-NUA".lower(), "cha-nua")
    assert site.lines == (
        Line("fibre", "VNPT", 50_000_000, 7_500_000),
        Line("mobile", backup=True),
    )
    assert (site.room, site.streams) == ("Phòng số 2", 12)
    assert site.version == 2
    page = await (await browser.get(f"/sites/{CHA_NUA}")).text()
    assert "Đã lưu điểm cầu" in page
    assert "50 / 7,5 Mbps" in page
    assert "Phòng số 2" in page
    assert "Tải được 12 luồng cùng lúc" in page
    (entry, *_) = await services.store.audit.recent(1, CHA_NUA)
    assert (entry.action, entry.account_id) == ("site.changed", "techn-nam-po")


async def test_faults_stand_at_their_fields_and_nothing_is_lost(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("technician", "nam-po")
    sent = form(name="", streams="nhiều", line0_up="nhanh", line1_kind="", line1_note="xa")
    answer = await submit(browser, f"/sites/{CHA_NUA}/edit", sent)
    page = await answer.text()
    assert answer.status == 400
    assert "Xin nhập tên điểm cầu." in page
    assert "ví dụ 50 hoặc 7,5" in page
    assert "Số luồng là số từ 1 đến" in page
    assert 'value="nhiều"' in page
    assert "Xin chọn loại đường truyền, hoặc xóa" in page
    assert 'value="nhanh"' in page
    assert (await services.store.sites.get(CHA_NUA)).version == 1


async def test_a_change_on_an_old_version_is_told_and_not_saved(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("technician", "nam-po")
    assert (await submit(browser, f"/sites/{CHA_NUA}/edit", form())).status == 303
    answer = await submit(browser, f"/sites/{CHA_NUA}/edit", form(name="Khác"))
    assert answer.status == 400
    assert "đã được người khác thay đổi" in await answer.text()
    assert (await services.store.sites.get(CHA_NUA)).name == "Phòng họp mới"


async def test_more_lines_without_script(signed_in: SignedIn) -> None:
    browser = await signed_in("technician", "nam-po")
    answer = await submit(browser, f"/sites/{CHA_NUA}/edit", form(more="1"))
    page = await answer.text()
    assert answer.status == 200
    assert 'name="line2_kind"' in page
    assert 'value="Lò Văn Chung"' in page


async def test_a_site_is_added_within_reach_only(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("technician", "nam-po")
    added = form(unit_id="cha-nua", code="NPO-CHANUA-2", version="")
    answer = await submit(browser, "/sites/new", added)
    assert answer.status == 303
    site = await services.store.sites.by_code("npo-chanua-2")
    assert site is not None
    assert site.unit_id == "cha-nua"
    again = await submit(browser, "/sites/new", added)
    assert again.status == 400
    assert "Mã điểm cầu này đã được dùng" in await again.text()
    foreign = await submit(browser, "/sites/new", added | {"unit_id": "lai-chau", "code": "x-1"})
    assert foreign.status == 404
    assert await services.store.sites.by_code("x-1") is None


async def test_a_form_without_its_token_is_refused(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("technician", "nam-po")
    answer = await browser.post(f"/sites/{CHA_NUA}/edit", data=form(), allow_redirects=False)
    assert answer.status == 403
    assert (await services.store.sites.get(CHA_NUA)).version == 1
    assert await csrf(browser)


async def test_a_technician_is_chosen_by_the_account(
    signed_in: SignedIn, services: Services
) -> None:
    found = await services.store.accounts.by_login("technician.nam-po")
    assert found is not None
    technician = await signed_in("technician", "nam-po")
    page = await (await technician.get(f"/sites/{CHA_NUA}/edit")).text()
    assert f'<option value="{found[0].id}"' in page
    wrong = await submit(technician, f"/sites/{CHA_NUA}/edit", form(technician_id="nobody"))
    assert wrong.status == 400
    assert "cán bộ kỹ thuật được giao" in await wrong.text()
    chosen = form(technician_id=found[0].id, technician_name="Ai đó")
    assert (await submit(technician, f"/sites/{CHA_NUA}/edit", chosen)).status == 303
    kept = await services.store.sites.get(CHA_NUA)
    assert (kept.technician_id, kept.technician_name) == (found[0].id, found[0].name)
    # A page that was open since before accounts were named keeps the account, or names another.
    for name, account_id in ((kept.technician_name, found[0].id), ("Ai đó", "")):
        assert "technician_id" not in form()
        before = form(technician_name=name, version=str(kept.version))
        assert (await submit(technician, f"/sites/{CHA_NUA}/edit", before)).status == 303
        kept = await services.store.sites.get(CHA_NUA)
        assert (kept.technician_id, kept.technician_name) == (account_id, name)
