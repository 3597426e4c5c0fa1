"""What the form of a letter holds before anybody types: from the meeting and its unit. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from confhub.letters.invitation import said_span
from confhub.meetings.meeting import Meeting

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


def prefilled(about: About, *, many: bool) -> dict[str, str]:
    """All fields; `many`: sites are invited that a list behind the letter names."""
    meeting = about.meeting
    starts_at, ends_at, opens_at = (
        at.astimezone(about.zone) for at in (meeting.starts_at, meeting.ends_at, about.opens_at)
    )
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
        "time": said_span(starts_at, ends_at),
        "venue": "\n".join(venue),
        "content": "\n".join(agenda),
        "closing": (
            f"Phòng họp trực tuyến mở từ {opens_at.hour:02} giờ {opens_at.minute:02} để các điểm"
            " cầu kiểm tra đường truyền, camera, micrô và loa. Đề nghị các đại biểu dự họp đúng"
            " thành phần và đúng giờ./."
        ),
        "recipients": "Như trên;\nLưu: VT.",
        "signer": "",
    }


def _at(site: str, unit: str) -> str:
    """A room's name often says whose it is."""
    return site if not unit or unit.lower() in site.lower() else f"{site}, {unit}"
