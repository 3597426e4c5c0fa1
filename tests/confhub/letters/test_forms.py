"""How units' letters begin: what is wrong with a text, what is handed down, what is filled in."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.errors import FieldErrors
from confhub.letters.forms import PLACES, LetterForm, filled, in_force, read_form
from confhub.letters.prefilling import About, prefilled
from confhub.meetings.meeting import Meeting

STARTS = dt.datetime(2026, 12, 10, 1, tzinfo=dt.UTC)
ZONE = dt.timezone(dt.timedelta(hours=7))
MEETING = Meeting(
    "m1", "Giao ban", "district", "nam-po", "room", STARTS, STARTS + dt.timedelta(hours=1)
)
ABOUT = About(
    MEETING, "Huyện Nậm Pồ", "Phòng họp số 1", "Huyện Nậm Pồ", STARTS - dt.timedelta(hours=1), ZONE
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mời {don_vị} dự họp", "{don_vị}"),
        ("Mời {} dự họp", "{}"),
        ("Mở lúc {gio_mo", "Mở lúc {gio_mo"),
        ("Mở lúc gio_mo} nhé", "gio_mo}"),
        ("Mời {{don_vi}}", "{"),
        ("x" * 601, "600"),
        ("Họp \N{SNOWMAN}", "\N{SNOWMAN}"),
    ],
)
def test_what_is_wrong_with_a_text_is_named(text: str, said: str) -> None:
    with pytest.raises(FieldErrors) as raised:
        read_form({"purpose": text, "place": "Nậm Pồ"}, hands_down=False)
    (error,) = raised.value.fields.values()
    assert [*raised.value.fields] == ["purpose"]
    assert said in error.message % error.values


def test_a_form_of_nothing_is_none() -> None:
    assert read_form({"purpose": " \r\n "}, hands_down=True) is None


def test_texts_are_handed_down_and_a_letterhead_where_its_unit_says_so() -> None:
    country = LetterForm({"place": "Hà Nội", "closing": "Đúng giờ./."}, hands_down=True)
    province = LetterForm({"agency": "Ủy ban nhân dân tỉnh", "recipients": "Lưu: VT."})
    path, forms = ("vn", "dien-bien", "nam-po"), {"vn": country, "dien-bien": province}
    assert in_force(path, forms) == {
        "place": ("vn", "Hà Nội"),
        "closing": ("vn", "Đúng giờ./."),
        "recipients": ("dien-bien", "Lưu: VT."),
    }
    assert in_force(path[:2], forms)["agency"] == ("dien-bien", "Ủy ban nhân dân tỉnh")
    own = forms | {"nam-po": LetterForm({"closing": "Họp gấp./."})}
    assert in_force(path, own)["closing"] == ("nam-po", "Họp gấp./.")


def test_a_letter_begins_with_the_form_and_what_the_meeting_says() -> None:
    purpose = "{don_vi} họp {cuoc_hop} tại {diem_cau}, mở {gio_mo}.\n{nguoi_chu_tri}\n{thoi_gian}"
    found = prefilled(
        ABOUT, {"purpose": ("vn", purpose), "place": ("vn", "{ten_don_vi}")}, many=True
    )
    assert found["purpose"].split("\n") == [
        "Huyện Nậm Pồ họp Giao ban tại Phòng họp số 1, Huyện Nậm Pồ, mở 07 giờ 00.",
        "Từ 08 giờ 00 đến 09 giờ 00, ngày 10 tháng 12 năm 2026 (thứ Năm)",
    ]
    assert found["place"] == "Nậm Pồ"
    assert found["agency"] == "Ủy ban nhân dân\nhuyện Nậm Pồ"  # of what no form says, the usual


def test_what_a_meeting_is_called_is_never_a_place() -> None:
    values = dict.fromkeys(PLACES, "") | {"cuoc_hop": "{don_vi}"}
    assert filled("Họp {cuoc_hop}", values) == "Họp {don_vi}"
