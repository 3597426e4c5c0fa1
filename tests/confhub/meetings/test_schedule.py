"""A meeting's form, clashes and selections."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from confhub.errors import FieldErrors
from confhub.meetings.meeting import AgendaItem
from confhub.meetings.schedule import (
    MeetingForm,
    Surroundings,
    check_form,
)
from confhub.meetings.times import advise
from confhub.meetings.working_days import WorkCalendar
from confhub.units.site import Site
from confhub.units.unit import Level

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)  # Monday, 8:00 in Vietnam
LEVELS = (
    Level("province", 2, "Tỉnh", "Province"),
    Level("district", 3, "Huyện", "District"),
    Level("commune", 4, "Xã", "Commune"),
)
SITES = {
    site.id: site
    for site in (
        Site("s-dbn", "dbn", "dbn", "UBND tỉnh"),
        Site("s-npo", "npo", "dbn-npo", "UBND huyện Nậm Pồ"),
        Site("s-chanua", "chanua", "dbn-npo-chanua", "UBND xã Chà Nưa"),
        Site("s-old", "chanua", "dbn-npo-old", "Phòng cũ", active=False),
    )
}
FORM = MeetingForm(
    title="  Giao ban   tuần 48 ",
    level_id="district",
    host_unit_id="npo",
    chair_site_id="s-npo",
    starts="2026-11-27T14:00",
    ends="2026-11-27T15:30",
    chair_name="Nguyễn Văn A",
    site_ids=("s-chanua", "s-npo", "s-chanua"),
)
CALENDAR = WorkCalendar()
AROUND = Surroundings(VIETNAM, NOW, LEVELS, SITES, {"npo", "chanua"}, CALENDAR)


def errors_of(form: MeetingForm, around: Surroundings = AROUND) -> dict[str, str]:
    with pytest.raises(FieldErrors) as caught:
        check_form(form, around)
    return {field: error.args[1] for field, error in caught.value.fields.items()}


def test_a_good_form_becomes_a_draft_in_utc_with_the_chair_site_first() -> None:
    draft = check_form(FORM, AROUND)
    assert draft.title == "Giao ban tuần 48"
    assert draft.starts_at == dt.datetime(2026, 11, 27, 7, tzinfo=dt.UTC)
    assert draft.sites == ("s-npo", "s-chanua")
    assert draft.advice == ()


def test_a_draft_makes_and_changes_meetings() -> None:
    draft = check_form(FORM, AROUND)
    meeting = draft.new_meeting("m1", "a1")
    assert (meeting.id, meeting.created_by, meeting.status) == ("m1", "a1", "scheduled")
    changed = replace(draft, title="Khác").applied_to(replace(meeting, version=7, status="live"))
    assert (changed.title, changed.version, changed.status) == ("Khác", 7, "live")


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"title": " "}, "title", "Xin nhập tên"),
        ({"title": "x" * 301}, "title", "Dài nhất 300 ký tự; đang có 301"),
        ({"note": "x" * 10_001}, "note", "Dài nhất"),
        ({"level_id": "county"}, "level_id", "cấp họp"),
        ({"host_unit_id": ""}, "host_unit_id", "Xin chọn đơn vị"),
        ({"host_unit_id": "dbn"}, "host_unit_id", "đơn vị mình và các đơn vị trực thuộc"),
        ({"site_ids": ()}, "site_ids", "ít nhất một điểm cầu"),
        ({"site_ids": ("s-npo",)}, "site_ids", "ít nhất một điểm cầu"),
        ({"site_ids": ("s-npo", "gone")}, "site_ids", "không còn trong danh mục"),
        ({"site_ids": ("s-npo", "s-old")}, "site_ids", "“Phòng cũ” đã ngừng hoạt động"),
        ({"site_ids": ("s-npo", "s-dbn")}, "site_ids", "“UBND tỉnh” nằm ngoài phạm vi"),
        ({"chair_site_id": ""}, "chair_site_id", "Xin chọn điểm cầu chủ trì"),
        ({"chair_site_id": "s-dbn"}, "chair_site_id", "phải nằm trong danh sách"),
        ({"starts": ""}, "starts", "đủ ngày và giờ"),
        ({"starts": "2026-11-27T14:00+00:00"}, "starts", "đủ ngày và giờ"),
        ({"starts": "0026-11-26T14:00"}, "starts", "đủ ngày và giờ"),
        ({"ends": "2026-11-27T14:00"}, "ends", "phải sau giờ bắt đầu"),
        ({"ends": "2026-11-27T13:30"}, "ends", "phải sau giờ bắt đầu"),
        ({"ends": "2026-11-26T15:00"}, "ends", "phải sau giờ bắt đầu"),
        ({"starts": "2100-12-31T23:00", "ends": "9999-12-31T01:00"}, "ends", "đủ ngày và giờ"),
        ({"ends": "2026-11-28T02:01"}, "ends", "dài nhất 12 giờ"),
        ({"agenda": (AgendaItem("Khai mạc", "", 0),)}, "agenda", "“Khai mạc”"),
        ({"agenda": (AgendaItem("Mục"),) * 51}, "agenda", "nhiều nhất 50 mục"),
    ],
)
def test_each_fault_names_its_field_and_what_to_mend(
    change: dict[str, object], field: str, words: str
) -> None:
    found = errors_of(replace(FORM, **change))  # type: ignore[arg-type]
    assert words in found[field]


def test_an_end_that_reads_earlier_is_meant_for_the_next_day() -> None:
    night = replace(FORM, starts="2026-11-27T23:45", ends="2026-11-27T02:45")
    draft = check_form(night, AROUND)
    assert draft.ends_at - draft.starts_at == dt.timedelta(hours=3)
    said = [one for one in draft.advice if one.code == "overnight"]
    assert [one.values for one in said] == [{"time": "02:45", "date": "28/11/2026"}]
    assert check_form(replace(night, ends="2026-11-28T02:45"), AROUND) == draft


def test_a_meeting_until_midnight_is_not_one_over_it() -> None:
    draft = check_form(replace(FORM, starts="2026-11-27T22:00", ends="2026-11-28T00:00"), AROUND)
    assert "overnight" not in [one.code for one in draft.advice]


def test_all_faults_are_reported_at_once() -> None:
    empty = MeetingForm("", "", "", "", "", "")
    assert set(errors_of(empty)) == {
        "title",
        "level_id",
        "host_unit_id",
        "chair_site_id",
        "site_ids",
        "starts",
        "ends",
    }


def test_sites_of_upper_units_may_be_invited_when_the_caller_says_so() -> None:
    around = replace(AROUND, invitable={"npo", "chanua", "dbn"})
    assert check_form(replace(FORM, site_ids=("s-npo", "s-dbn")), around).sites == (
        "s-npo",
        "s-dbn",
    )


@pytest.mark.parametrize(
    ("starts", "codes"),
    [
        ("2026-11-23T07:59", ["past"]),
        ("2026-11-24T08:00", ["short_notice", "holiday"]),
        ("2026-11-25T08:00", ["short_notice"]),
        ("2026-11-27T08:00", []),
        ("2026-12-05T08:00", ["not_working_day"]),
        ("2027-02-08T08:00", ["holiday"]),
        ("2026-11-23T20:00", ["short_notice"]),
        ("2027-05-25T07:00", []),
        ("2027-05-26T08:00", ["far"]),
    ],
)
def test_times_that_look_wrong_are_advised_not_forbidden(starts: str, codes: list[str]) -> None:
    at = dt.datetime.fromisoformat(starts).replace(tzinfo=VIETNAM)
    assert [advice.code for advice in advise(at, NOW, VIETNAM, CALENDAR)] == codes
    ends = (at + dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    draft = check_form(replace(FORM, starts=starts, ends=ends), AROUND)
    assert [advice.code for advice in draft.advice] == codes


def test_a_meeting_before_the_next_working_day_is_not_told_a_notice_of_zero_days() -> None:
    (advice,) = advise(dt.datetime(2026, 11, 23, 20, tzinfo=VIETNAM), NOW, VIETNAM, CALENDAR)
    assert "%(days)s" not in advice.message


def test_a_wrong_date_is_named() -> None:
    (advice,) = advise(dt.datetime(2026, 11, 20, 14, tzinfo=VIETNAM), NOW, VIETNAM, CALENDAR)
    assert advice.values == {"time": "14:00", "date": "20/11/2026"}


@pytest.mark.parametrize("title", ["\u200b", "\u3164\u2800", "\x1b"])
def test_a_title_of_nothing_that_shows_is_missing(title: str) -> None:
    assert set(errors_of(replace(FORM, title=title))) == {"title"}


def test_texts_are_kept_without_what_does_not_show() -> None:
    draft = check_form(
        replace(FORM, title="Giao\u202e ban\x1b  tuần", chair_name="A\u200b"), AROUND
    )
    assert (draft.title, draft.chair_name) == ("Giao ban tuần", "A")
