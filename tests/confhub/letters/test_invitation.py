"""How a letter is read from a form and worded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from confhub.errors import FieldErrors
from confhub.letters.invitation import LIMITS, read, said_day, said_sittings, said_span, written
from confhub.letters.prefilling import About, letterhead, prefilled
from confhub.meetings.meeting import AgendaItem, Meeting
from tests.confhub.letters.samples import ANNEX, DAY, TYPED

ZONE = dt.timezone(dt.timedelta(hours=7))


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


def test_what_was_typed_is_read_as_it_was() -> None:
    assert read(msgspec.structs.asdict(TYPED)) == TYPED


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("subject", " \u200b ", "Xin ghi"),
        ("signer", "x" * 81, "80"),
        ("subject", "Họp 😀", "😀"),
        ("guests", "Ông 李", "李"),
        ("symbol", "UBND; số", "Ký hiệu"),
    ],
)
def test_what_cannot_stand_in_a_letter_is_named(name: str, text: str, said: str) -> None:
    with pytest.raises(FieldErrors) as found:
        read({**msgspec.structs.asdict(TYPED), name: text})
    (error,) = [found.value.fields[name]]
    assert list(found.value.fields) == [name]
    assert said in str(error)


def test_of_nothing_typed_all_that_is_needed_is_asked_for_at_once() -> None:
    with pytest.raises(FieldErrors) as found:
        read({})
    assert {"agency", "symbol", "subject", "guests", "post"} <= set(found.value.fields)


def test_a_letter_is_numbered_and_dated_or_left_to_the_clerk() -> None:
    it = written(TYPED, DAY, ANNEX, dated=True)
    assert (it.number, it.dated) == ("Số: 07/GM-UBND", "Nậm Pồ, ngày 05 tháng 12 năm 2026")
    assert it.greeting == "Ủy ban nhân dân huyện Nậm Pồ trân trọng kính mời:"
    assert "số 07/GM-UBND ngày 05 tháng 12 năm 2026 của Ủy ban" in it.annex_note
    blank = written(msgspec.structs.replace(TYPED, number=""), DAY, (), dated=False)
    assert blank.number == "Số:         /GM-UBND"
    assert blank.dated == "Nậm Pồ, ngày        tháng 12 năm 2026"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2026, 1, 9), "ngày 09 tháng 01 năm 2026"),
        (dt.date(2026, 3, 15), "ngày 15 tháng 3 năm 2026"),
    ],
)
def test_days_have_the_noughts_that_the_decree_asks_for(day: dt.date, said: str) -> None:
    assert said_day(day) == said


def test_a_time_across_midnight_names_both_days() -> None:
    assert said_span(at(10, 8), at(10, 9, 30)) == (
        "Từ 08 giờ 00 đến 09 giờ 30, ngày 10 tháng 12 năm 2026 (thứ Năm)."
    )
    assert "(thứ Năm) đến 01 giờ 00, ngày 11" in said_span(at(10, 22), at(11, 1))


@pytest.mark.parametrize(
    ("unit", "agency", "place"),
    [
        ("Huyện Nậm Pồ", "Ủy ban nhân dân\nhuyện Nậm Pồ", "Nậm Pồ"),
        ("Thị trấn Tủa Chùa", "Ủy ban nhân dân\nthị trấn Tủa Chùa", "Tủa Chùa"),
        ("Văn phòng Chính phủ", "Văn phòng Chính phủ", ""),
    ],
)
def test_a_units_name_tells_who_writes(unit: str, agency: str, place: str) -> None:
    head = letterhead(unit)
    assert (head["agency"], head["place"]) == (agency, place)


@pytest.mark.parametrize("many", [False, True])
def test_the_form_begins_with_what_the_meeting_says(many: bool) -> None:
    meeting = Meeting(
        "m1",
        "Giao ban tháng 12",
        "district",
        "nam-po",
        "room",
        at(10, 8),
        at(10, 9),
        chair_name="Lò Văn Ánh",
        agenda=(AgendaItem("Báo cáo", "Văn phòng"), AgendaItem("Thảo luận")),
    )
    about = About(meeting, "Huyện Nậm Pồ", "Phòng họp số 1", "Huyện Nậm Pồ", at(10, 7), ZONE)
    typed: dict[str, Any] = prefilled(about, {}, many=many)
    assert typed.keys() == LIMITS.keys()
    assert typed["content"] == "Báo cáo (Văn phòng)\nThảo luận"
    assert "mở từ 07 giờ 00" in typed["closing"]
    assert typed["venue"].startswith("Điểm cầu chủ trì: Phòng họp số 1, Huyện Nậm Pồ")
    letter = read({**typed, "guests": typed["guests"] or "Các xã"})  # all of it fits
    assert written(letter, DAY, (), dated=False).subject == "Giao ban tháng 12"


def test_of_several_sittings_each_day_has_a_line() -> None:
    hours = [(at(7, 8), at(7, 11, 30)), (at(7, 14), at(7, 17)), (at(9, 8), at(9, 11))]
    assert said_sittings(hours) == (
        "Từ ngày 07 tháng 12 năm 2026 (thứ Hai) đến ngày 09 tháng 12 năm 2026 (thứ Tư), cụ thể:\n"
        "- Thứ Hai, ngày 07 tháng 12 năm 2026: từ 08 giờ 00 đến 11 giờ 30; từ 14 giờ 00 đến 17 giờ"
        " 00;\n"
        "- Thứ Tư, ngày 09 tháng 12 năm 2026: từ 08 giờ 00 đến 11 giờ 00."
    )


def test_two_sittings_of_one_day_are_one_line() -> None:
    hours = [(at(7, 8), at(7, 11, 30)), (at(7, 14), at(7, 17))]
    assert said_sittings(hours) == (
        "Ngày 07 tháng 12 năm 2026 (thứ Hai), từ 08 giờ 00 đến 11 giờ 30; từ 14 giờ 00 đến 17 giờ"
        " 00."
    )
