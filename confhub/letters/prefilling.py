"""What the form of a letter holds before anybody types: from the meeting, its unit and the forms of
letters. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from confhub.letters.forms import filled
from confhub.letters.invitation import said_sittings, said_span
from confhub.meetings.meeting import AgendaItem, Meeting

# Units of these kinds are governed by a people's committee, which writes their letters.
_KINDS = (
    "Thành phố",
    "Tỉnh",
    "Huyện",
    "Quận",
    "Thị xã",
    "Thị trấn",
    "Xã",
    "Phường",
    "Đặc khu",
)


@dataclass(frozen=True, slots=True)
class About:
    """A meeting as a letter tells of it. `chair_site` and `chair_unit` are names."""

    meeting: Meeting
    host: str
    chair_site: str
    chair_unit: str
    opens_at: dt.datetime
    zone: dt.tzinfo


def letterhead(unit: str) -> Mapping[str, str]:
    """Agency, symbol, place and signature as the unit's name lets expect them."""
    for kind in _KINDS:
        if unit.startswith(f"{kind} "):
            name = unit.removeprefix(f"{kind} ")
            lower = kind[0].lower() + kind[1:]
            return {
                "agency": f"Ủy ban nhân dân\n{lower} {name}",
                "symbol": "UBND",
                "place": name,
                "authority": "TM. Ủy ban nhân dân",
                "post": "Chủ tịch",
            }
    return {"agency": unit, "symbol": "", "place": "", "authority": "", "post": ""}


def prefilled(about: About, form: Mapping[str, tuple[str, str]], *, many: bool) -> dict[str, str]:
    """All fields; `form` as `in_force` finds it. `many`: sites are invited that a list behind the
    letter names."""
    values = _values(about)
    own = {name: filled(text, values) for name, (_unit, text) in form.items()}
    return {**_usual(about, many=many), **own}


def _values(about: About) -> Mapping[str, str]:
    """What stands for the places of a form."""
    meeting = about.meeting
    opens_at = about.opens_at.astimezone(about.zone)
    return {
        "don_vi": about.host,
        "ten_don_vi": letterhead(about.host)["place"] or about.host,
        "cuoc_hop": meeting.title,
        "nguoi_chu_tri": meeting.chair_name,
        "thoi_gian": _said_time(about).rstrip("."),
        "diem_cau": _at(about.chair_site, about.chair_unit),
        "gio_mo": f"{opens_at.hour:02} giờ {opens_at.minute:02}",
    }


def _usual(about: About, *, many: bool) -> dict[str, str]:
    meeting = about.meeting
    opens_at = about.opens_at.astimezone(about.zone)
    venue = [
        f"Điểm cầu chủ trì: {_at(about.chair_site, about.chair_unit)}" + (";" if many else ".")
    ]
    if many:
        venue.append("Các điểm cầu khác: họp trực tuyến tại điểm cầu của đơn vị.")
    agenda = [
        f"{item.title}{f' ({item.presenter})' if item.presenter else ''}" for item in meeting.agenda
    ]
    guests = "Đại diện lãnh đạo các đơn vị có tên trong danh sách điểm cầu kèm theo."
    return {
        "superior": "",
        **letterhead(about.host),
        "number": "",
        "subject": meeting.title,
        "guests": guests if many else "",
        "purpose": f"Tới dự cuộc họp trực tuyến “{meeting.title}”, cụ thể như sau:",
        "chair": f"{meeting.chair_name}." if meeting.chair_name else "",
        "time": _said_time(about),
        "venue": "\n".join(venue),
        "content": "\n".join(agenda),
        "closing": (
            f"Phòng họp trực tuyến mở từ {opens_at.hour:02} giờ {opens_at.minute:02}"
            f"{_first(meeting)} để các điểm cầu kiểm tra đường truyền, camera, micrô và loa. Đề"
            " nghị các đại biểu dự họp đúng thành phần và đúng giờ./."
        ),
        "recipients": "Như trên;\nLưu: VT.",
        "signer": "",
    }


def _said_time(about: About) -> str:
    hours = [
        (begins.astimezone(about.zone), ends.astimezone(about.zone))
        for begins, ends in about.meeting.hours
    ]
    return said_span(*hours[0]) if len(hours) == 1 else said_sittings(hours)


def _first(meeting: Meeting) -> str:
    return " của phiên đầu tiên" if len(meeting.all_sittings) > 1 else ""


def _at(site: str, unit: str) -> str:
    """A room's name often says whose it is."""
    return site if not unit or unit.lower() in site.lower() else f"{site}, {unit}"


def made_up(host: str, today: dt.date, zone: dt.tzinfo) -> About:
    """A meeting of that unit in a week, for who looks how its letters begin."""
    starts_at = dt.datetime.combine(today + dt.timedelta(days=7), dt.time(8), zone)
    hour = dt.timedelta(hours=1)
    meeting = Meeting(
        id="",
        title="Cuộc họp mẫu",
        level_id="",
        host_unit_id="",
        chair_site_id="",
        starts_at=starts_at,
        ends_at=starts_at + 2 * hour,
        chair_name="Nguyễn Văn A",
        agenda=(AgendaItem("Nội dung thứ nhất"),),
    )
    return About(meeting, host, "Phòng họp số 1", host, starts_at - hour, zone)
