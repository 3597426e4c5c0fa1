"""One act on an account, a site or a unit as a sentence, and what it changed as lines below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from confhub.errors import N_
from confhub.people.account import ROLE_NAMES
from confhub.people.api_token import SCOPE_NAMES
from confhub.trail.entry import ACCESS_TOKEN, AuditEntry
from confhub.words.catalogue import Catalogue
from web.meetings.blockings import KIND_NAMES
from web.pages.history.words import Told

_NOTHING = "—"
# A note may be a page long; here it is told that it changed.
_MOST_LETTERS = 160
_LANGUAGES: Mapping[str, str] = {"vi": "Tiếng Việt", "en": "English"}
# Where nobody's name is told: no secret stands in any of them (confhub/trail/values.py).
_FIELDS: Mapping[str, str] = {
    "login": N_("Tên đăng nhập"),
    "name": N_("Tên"),
    "role": N_("Vai trò"),
    "unit_id": N_("Thuộc đơn vị"),
    "language": N_("Ngôn ngữ"),
    "active": N_("Được dùng"),
    "title": N_("Chức vụ"),
    "phone": N_("Điện thoại"),
    "email": N_("Thư điện tử"),
    "starts_at": N_("Từ lúc"),
    "ends_at": N_("Đến lúc"),
    "reason": N_("Lý do"),
    "given_by": N_("Người giao"),
    "code": N_("Mã"),
    "contact_name": N_("Người liên hệ"),
    "contact_phone": N_("Điện thoại người liên hệ"),
    "technician_name": N_("Cán bộ kỹ thuật"),
    "technician_phone": N_("Điện thoại cán bộ kỹ thuật"),
    "room_phone": N_("Điện thoại phòng họp"),
    "room": N_("Phòng"),
    "scopes": N_("Quyền của mã"),
    ACCESS_TOKEN: N_("Bằng mã truy cập"),
    "streams": N_("Số luồng tải được cùng lúc"),
    "equipment_note": N_("Thiết bị"),
    "lines": N_("Đường truyền"),
    "mode": N_("Xác nhận giờ họp"),
    "centre_id": N_("Đơn vị xác nhận"),
    "days": N_("Số ngày làm việc để trả lời"),
    "reach": N_("Nơi không họp được"),
    "kind": N_("Loại"),
    "weekly": N_("Hằng tuần"),
    "until": N_("Lặp đến ngày"),
    "first_number": N_("Số đầu"),
    "letter_superior": N_("Cơ quan chủ quản trực tiếp"),
    "letter_agency": N_("Cơ quan ban hành"),
    "letter_symbol": N_("Ký hiệu"),
    "letter_place": N_("Địa danh"),
    "letter_authority": N_("Quyền hạn ký"),
    "letter_post": N_("Chức vụ người ký"),
    "letter_signer": N_("Họ tên người ký"),
    "letter_guests": N_("Kính mời"),
    "letter_purpose": N_("Tới dự"),
    "letter_venue": N_("Địa điểm, điểm cầu"),
    "letter_closing": N_("Đề nghị"),
    "letter_recipients": N_("Nơi nhận"),
    "letter_handed_down": N_("Dùng cho cấp dưới"),
    "year": N_("Năm"),
    "file": N_("Tệp"),
    "first_day": N_("Từ ngày"),
    "last_day": N_("Đến hết ngày"),
}
_MODES: Mapping[str, str] = {
    "above": N_("như đơn vị cấp trên"),
    "off": N_("không cần xác nhận"),
    "on": N_("phải được xác nhận"),
}
_REACHES: Mapping[str, str] = {
    "site": N_("điểm cầu này"),
    "unit": N_("mọi điểm cầu của riêng đơn vị này"),
    "below": N_("đơn vị này và mọi đơn vị cấp dưới"),
}
# Values that are one of a few words.
_CHOICES: Mapping[str, Mapping[Any, str]] = {
    "role": ROLE_NAMES,
    "mode": _MODES,
    "reach": _REACHES,
    "kind": KIND_NAMES,
}
# By action: the sentence, its icon, its colour.
_ACTS: Mapping[str, tuple[str, str, str]] = {
    "account.added": (N_("%(who)s thêm tài khoản."), "plus", "good"),
    "account.changed": (N_("%(who)s sửa tài khoản."), "pencil", "info"),
    "account.password_reset": (N_("%(who)s đặt lại mật khẩu."), "rotate-ccw", "fair"),
    "account.password_changed": (N_("%(who)s đổi mật khẩu của mình."), "rotate-ccw", "info"),
    "account.language_chosen": (N_("%(who)s chọn ngôn ngữ."), "languages", "info"),
    "person.changed": (N_("%(who)s sửa thông tin liên hệ."), "pencil", "info"),
    "signin.ok": (N_("%(who)s đăng nhập."), "log-in", "absent"),
    "signin.ended": (N_("%(who)s đăng xuất."), "log-out", "absent"),
    "grant.given": (N_("%(who)s giao vai trò."), "user", "good"),
    "grant.handed_over": (N_("%(who)s ủy quyền."), "users", "fair"),
    "grant.ended": (N_("%(who)s đổi ngày kết thúc của vai trò."), "calendar-clock", "fair"),
    "site.added": (N_("%(who)s thêm điểm cầu."), "plus", "good"),
    "site.changed": (N_("%(who)s sửa điểm cầu."), "pencil", "info"),
    "unit.added": (N_("%(who)s thêm đơn vị."), "plus", "good"),
    "unit.renamed": (N_("%(who)s đổi tên đơn vị."), "pencil", "info"),
    "unit.moved": (N_("%(who)s chuyển đơn vị sang cấp trên khác."), "network", "fair"),
    "unit.ended": (N_("%(who)s cho đơn vị kết thúc."), "calendar-x", "lost"),
    "unit.record_taken": (N_("%(who)s tải nhật ký về thành tệp."), "download", "fair"),
    "unit.line": (N_("%(who)s ghi số luồng của đường truyền."), "pencil", "info"),
    "agreement.rule": (N_("%(who)s đổi quy định xác nhận giờ họp."), "circle-check", "info"),
    "letterhead.kept": (N_("%(who)s sửa mẫu giấy mời."), "file-text", "info"),
    "register.begun": (N_("%(who)s đặt số đầu của sổ giấy mời."), "file-text", "info"),
    "token.made": (N_("%(who)s tạo mã truy cập cho hệ thống khác."), "link", "fair"),
    "token.revoked": (N_("%(who)s thu hồi mã truy cập của hệ thống khác."), "x", "good"),
    "blocking.added": (N_("%(who)s thêm lịch chặn."), "calendar-x", "fair"),
    "blocking.ended": (N_("%(who)s kết thúc lịch chặn."), "check", "good"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids on record are called today."""

    people: Mapping[str, str]
    units: Mapping[str, str]


class ThingTeller:
    """`moment` words a moment: "08:00, 30/11/2026", and `day` a day."""

    def __init__(
        self,
        words: Catalogue,
        names: Names,
        moment: Callable[[dt.datetime], str],
        day: Callable[[dt.date], str],
    ) -> None:
        self._words = words
        self._names = names
        self._moment = moment
        self._day = day

    def tell(self, entry: AuditEntry) -> Told:
        said, icon, tone = _ACTS.get(entry.action, ("", "info", "absent"))
        who = self._names.people.get(entry.account_id, entry.account_id)
        who = who or self._words.gettext(N_("Máy chủ"))
        other = f"{who}: {entry.action} {entry.detail}".strip()
        sentence = self._words.gettext(said) % {"who": who} if said else other
        lines = [self._line(name, *both) for name, both in entry.changes.items()]
        return Told(entry.at, sentence, lines, icon, tone)

    def _line(self, name: str, old: Any, new: Any) -> str:
        # The acts on units name what they change by its words.
        label = self._words.gettext(_FIELDS.get(name, name))
        now = self._called(name, new)
        if old == new or old is None:
            return f"{label}: {now}"
        return f"{label}: {self._called(name, old)} → {now}"

    def _called(self, name: str, value: Any) -> str:
        if value is None or value in ("", []):
            return _NOTHING
        if isinstance(value, bool):
            return self._words.gettext(N_("có") if value else N_("không"))
        if name in ("starts_at", "ends_at"):
            return self._moment(dt.datetime.fromisoformat(value))
        if name == "scopes":
            told = (SCOPE_NAMES.get(one, one) for one in value)
            return "; ".join(self._words.gettext(one) for one in told)
        if name == "lines":
            return "; ".join(" ".join(str(part) for part in line if part) for line in value)
        if name in ("until", "first_day", "last_day"):
            return self._day(dt.date.fromisoformat(value))
        if value in _CHOICES.get(name, ()):
            return self._words.gettext(_CHOICES[name][value])
        known = {
            "unit_id": self._names.units,
            "centre_id": self._names.units,
            "given_by": self._names.people,
            "language": _LANGUAGES,
        }.get(name)
        text = str(value)
        if known is not None:
            return known.get(text, text)
        return f"{text[:_MOST_LETTERS]}{'…' if len(text) > _MOST_LETTERS else ''}"
