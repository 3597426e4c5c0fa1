"""An administrator says how the letters of a unit begin."""

from __future__ import annotations

from tests.web.browser import SignedIn, csrf_in, submit
from tests.web.meeting_pages import schedule
from tests.web.pages.meetings.test_letter import form_of
from web.services import Services


async def test_letters_begin_as_the_unit_and_those_above_say(
    signed_in: SignedIn, services: Services
) -> None:
    above = await signed_in("admin", "dien-bien")
    texts = {"closing": "Phòng họp mở lúc {gio_mo}./.", "agency": "Ủy ban nhân dân\ntỉnh Điện Biên"}
    assert (await submit(above, "/units/dien-bien/letterhead", texts)).status == 303
    admin = await signed_in("admin", "nam-po")
    path = "/units/nam-po/letterhead"
    page = await (await admin.get(path)).text()
    assert "Để trống: như Tỉnh Điện Biên: Phòng họp mở lúc {gio_mo}./." in page
    own = {"signer": "Lò Văn Ánh", "post": "Phó Chủ tịch", "authority": "KT. Chủ tịch"}
    assert (await submit(admin, path, own)).status == 303
    secretary = await signed_in("secretary", "nam-po")
    meeting = await schedule(secretary, services)
    form = await form_of(secretary, f"/meetings/{meeting.id}/letter")
    assert form["closing"].startswith("Phòng họp mở lúc 0")
    assert (form["signer"], form["post"]) == ("Lò Văn Ánh", "Phó Chủ tịch")
    assert form["agency"].split() == ["Ủy", "ban", "nhân", "dân", "huyện", "Nậm", "Pồ"]
    story = await (await admin.get("/units/nam-po/history")).text()
    assert "sửa mẫu giấy mời." in story
    assert "Họ tên người ký: Lò Văn Ánh" in story
    assert (await secretary.get(path)).status in (403, 404)
    assert (await submit(admin, path, {})).status == 303  # nothing of its own any more
    assert await services.store.letter_forms.of_units(["nam-po"]) == {}


async def test_a_wrong_place_is_named_beside_its_field_and_nothing_is_kept(
    signed_in: SignedIn, services: Services
) -> None:
    admin = await signed_in("admin", "nam-po")
    path = "/units/nam-po/letterhead"
    html = await (await admin.get(path)).text()
    posted = {"csrf": csrf_in(html), "purpose": "Mời {ban_be} dự họp", "signer": "Lò Văn Ánh"}
    for way in ("keep", "preview"):
        answer = await admin.post(path, data={**posted, "as": way})
        page = await answer.text()
        assert answer.status == 400
        assert "Không có chỗ điền “{ban_be}”." in page
        assert 'value="Lò Văn Ánh"' in page  # the rest stays as typed
    assert await services.store.letter_forms.of_units(["nam-po"]) == {}


async def test_a_letter_of_a_meeting_that_is_made_up_shows_what_is_typed(
    signed_in: SignedIn, services: Services
) -> None:
    admin = await signed_in("admin", "nam-po")
    path = "/units/nam-po/letterhead"
    html = await (await admin.get(path)).text()
    posted = {"csrf": csrf_in(html), "purpose": "Mời dự {cuoc_hop}", "as": "preview"}
    answer = await admin.post(path, data=posted)
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert (await answer.read()).startswith(b"%PDF")
    assert await services.store.letter_forms.of_units(["nam-po"]) == {}
