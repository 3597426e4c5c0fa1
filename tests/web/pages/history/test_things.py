"""What was done to an account, a site or a unit, in words, for who may change it."""

from __future__ import annotations

from tests.web.browser import SignedIn, submit
from tests.web.pages.planning.test_blockings import FORM, PLACE


async def test_a_change_is_told_with_old_and_new_values_and_names(signed_in: SignedIn) -> None:
    admin = await signed_in("admin", "nam-po")
    page = await (await admin.get("/accounts/secre-cha-nua")).text()
    assert "/accounts/secre-cha-nua/history" in page
    form = {
        "version": "1", "name": "Lò Thị Thư", "login": "secretary.cha-nua", "language": "vi",
        "unit_id": "si-pha", "role": "technician", "active": "1", "phone": "0215 3 825 111",
    }  # fmt: skip
    answer = await submit(admin, "/accounts/secre-cha-nua", form)
    assert answer.status == 303, await answer.text()
    story = await (await admin.get("/accounts/secre-cha-nua/history")).text()
    assert "Admin Huyện Nậm Pồ sửa tài khoản." in story
    assert "Vai trò: Thư ký → Cán bộ kỹ thuật" in story
    assert "Thuộc đơn vị: Xã Chà Nưa → Xã Si Pa Phìn" in story
    assert "Điện thoại: — → 0215 3 825 111" in story


async def test_a_rule_and_a_site_are_told_in_words(signed_in: SignedIn) -> None:
    above = await signed_in("admin", "dien-bien")
    rule = {"centre": "dien-bien", "days": "2"}
    assert (await submit(above, "/units/nam-po/agreement", rule)).status == 303
    story = await (await above.get("/units/nam-po/history")).text()
    assert "đổi quy định xác nhận giờ họp." in story
    assert "Xác nhận giờ họp: như đơn vị cấp trên → phải được xác nhận" in story
    assert "Đơn vị xác nhận: Tỉnh Điện Biên" in story
    site = {"version": "1", "name": "Phòng họp mới", "code": "CHA-NUA", "active": "1"}
    answer = await submit(above, "/sites/cha-nua-room/edit", site)
    assert answer.status == 303, await answer.text()
    told = await (await above.get("/sites/cha-nua-room/history")).text()
    assert "Tên: Phòng họp Xã Chà Nưa → Phòng họp mới" in told


async def test_what_was_blocked_and_when_is_told_of_its_site_and_of_its_unit(
    signed_in: SignedIn,
) -> None:
    admin = await signed_in("admin", "dien-bien")
    weekly = FORM | {"key": "fedcba9876543210", "target": "below", "kind": "busy"}
    weekly |= {"repeat": "weekly", "until": "30/12/2026"}
    assert (await submit(admin, PLACE, FORM)).status == 303
    assert (await submit(admin, "/blockings?unit=cha-nua", weekly)).status == 303
    assert (await submit(admin, f"/blockings/{FORM['key']}/end", {})).status == 303
    site = await (await admin.get("/sites/cha-nua-room/history")).text()
    assert "thêm lịch chặn." in site
    assert "kết thúc lịch chặn." in site
    for line in (
        "Nơi không họp được: điểm cầu này",
        "Loại: Cắt điện",
        "Lý do: Thay trạm &lt;biến áp&gt;",
        "Từ lúc: Thứ Tư, 02/12/2026, 07:00",
        "Đến lúc: Thứ Tư, 02/12/2026, 11:00",
    ):
        assert site.count(line) == 2, line
    unit = await (await admin.get("/units/cha-nua/history")).text()
    for line in (
        "Nơi không họp được: đơn vị này và mọi đơn vị cấp dưới",
        "Loại: Bận việc",
        "Hằng tuần: có",
        "Lặp đến ngày: 30/12/2026",
    ):
        assert unit.count(line) == 1, line


async def test_who_may_not_change_a_thing_does_not_read_its_history(signed_in: SignedIn) -> None:
    clerk = await signed_in("secretary", "nam-po")
    for path in ("/accounts/secre-cha-nua", "/sites/cha-nua-room", "/units/cha-nua"):
        assert (await clerk.get(f"{path}/history")).status in (403, 404)
