"""One act on a meeting as a sentence, and what it changed as lines below."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confhub.errors import N_
from confhub.trail.entry import ACCESS_TOKEN, AuditEntry
from confhub.units.unit import Level
from confhub.words.catalogue import Catalogue
from confhub.words.languages import Language
from web.meetings.answers import ANSWERS

# A note may be a page long; here it is told that it changed.
_MOST_LETTERS = 160
_NOTHING = "—"
# As the use case writes it: the reason, who is booked twice, by which meetings.
_CLASH = re.compile(r"(.*) \((.*); [^;]*\)", re.DOTALL)
_WAYS: Mapping[str, str] = {
    "link": N_("%(site)s xác nhận qua liên kết của mình"),
    "behalf": N_("%(who)s xác nhận thay cho %(site)s"),
    "mail": N_("%(site)s trả lời bằng thư"),
}
_FIELDS: Mapping[str, str] = {
    "title": N_("Tên cuộc họp"),
    "level_id": N_("Cấp họp"),
    "host_unit_id": N_("Đơn vị chủ trì"),
    "chair_site_id": N_("Điểm cầu chủ trì"),
    "chair_name": N_("Người chủ trì"),
    "note": N_("Ghi chú"),
    "is_public": N_("Họp công khai"),
    "answer_by": N_("Hạn trả lời"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids on record are called: units and sites by their names of the meeting's day."""

    people: Mapping[str, str]
    sites: Mapping[str, str]
    units: Mapping[str, str]
    levels: Mapping[str, Level]


@dataclass(frozen=True, slots=True)
class Told:
    """`account_id` is empty where nobody's account did it."""

    at: dt.datetime
    sentence: str
    changes: Sequence[str]
    icon: str
    tone: str


class Teller:
    """`span` words two moments: "08:00–09:30, Thứ Hai, 30/11/2026"; `moment` one."""

    def __init__(
        self,
        words: Catalogue,
        language: Language,
        names: Names,
        span: Callable[[dt.datetime, dt.datetime], str],
        moment: Callable[[dt.datetime], str],
    ) -> None:
        self._words = words
        self._language = language
        self._names = names
        self._span = span
        self._moment = moment

    def tell(self, entry: AuditEntry) -> Told:
        make, icon, tone = _ACTS.get(entry.action, (Teller._other, "info", "absent"))
        return Told(entry.at, make(self, entry), self._changes(entry), icon, tone)

    # Sentences ---------------------------------------------------------------------------

    def _scheduled(self, entry: AuditEntry) -> str:
        span = self._spans(entry)[1]
        if not span:
            return self._say(N_("%(who)s lên lịch cuộc họp."), entry)
        return self._say(N_("%(who)s lên lịch cuộc họp vào %(span)s."), entry, span=span)

    def _changed(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s sửa cuộc họp."), entry)

    def _site_replaced(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s thay điểm cầu không còn dự được."), entry)

    def _host_replaced(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s chuyển cuộc họp sang đơn vị kế tục."), entry)

    def _clash_accepted(self, entry: AuditEntry) -> str:
        found = _CLASH.fullmatch(entry.detail)
        reason, taken = found.groups() if found else (entry.detail, _NOTHING)
        said = N_("%(who)s vẫn xếp dù biết trùng (%(taken)s), vì “%(reason)s”.")
        return self._say(said, entry, reason=reason, taken=taken)

    def _postponed(self, entry: AuditEntry) -> str:
        reason = {"reason": entry.detail or _NOTHING}
        old, new = self._spans(entry)
        if old and new:
            said = N_("%(who)s dời cuộc họp từ %(old)s sang %(new)s, vì “%(reason)s”.")
            return self._say(said, entry, old=old, new=new, **reason)
        if entry.changes:
            said = N_("%(who)s hoãn cuộc họp, chưa có giờ mới, vì “%(reason)s”.")
            return self._say(said, entry, **reason)
        return self._say(N_("%(who)s dời hoặc hoãn cuộc họp, vì “%(reason)s”."), entry, **reason)

    def _cancelled(self, entry: AuditEntry) -> str:
        said = N_("%(who)s hủy cuộc họp, vì “%(reason)s”.")
        return self._say(said, entry, reason=entry.detail or _NOTHING)

    def _live(self, entry: AuditEntry) -> str:
        return self._say(N_("Cuộc họp bắt đầu: có người vào phòng họp."), entry)

    def _ended(self, entry: AuditEntry) -> str:
        if entry.account_id:
            return self._say(N_("%(who)s kết thúc cuộc họp."), entry)
        if entry.detail:
            return self._say(N_("Cuộc họp tự kết thúc vì quá giờ mà không ai bấm kết thúc."), entry)
        return self._say(N_("Cuộc họp kết thúc."), entry)

    def _sitting_ended(self, entry: AuditEntry) -> str:
        if entry.account_id:
            return self._say(N_("%(who)s kết thúc phiên họp; cuộc họp còn phiên sau."), entry)
        return self._say(N_("Phiên họp kết thúc; cuộc họp còn phiên sau."), entry)

    def _extended(self, entry: AuditEntry) -> str:
        old, new = self._spans(entry)
        if old and new:
            said = N_("%(who)s kéo dài cuộc họp: từ %(old)s thành %(new)s.")
            return self._say(said, entry, old=old, new=new)
        return self._say(N_("%(who)s kéo dài cuộc họp (%(detail)s)."), entry)

    def _reopened(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s mở lại cuộc họp vừa kết thúc."), entry)

    def _sent_out(self, entry: AuditEntry) -> str:
        site, _, reason = entry.detail.partition(": ")
        said = N_("%(who)s mời %(site)s ra khỏi phòng họp, vì “%(reason)s”.")
        return self._say(said, entry, site=site, reason=reason or _NOTHING)

    def _let_in(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s cho %(detail)s vào lại phòng họp."), entry)

    def _link_revoked(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("%(who)s thu hồi liên kết của %(site)s."), entry, site=site)

    def _link_renewed(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("%(who)s cấp liên kết mới cho %(site)s."), entry, site=site)

    def _mailed(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s gửi thư mời tới các điểm cầu."), entry)

    def _mailed_again(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s gửi lại thư mời."), entry)

    def _answered(self, entry: AuditEntry) -> str:
        way = entry.changes.get("way", (None, ""))[1]
        said = _WAYS.get(way, N_("%(who)s xác nhận cho %(site)s"))
        state = entry.changes.get("state", (None, ""))[1]
        sentence = self._say(said, entry, site=self._site(entry.detail))
        if state in ANSWERS:
            sentence += f": {self._words.gettext(ANSWERS[state])}"
        return f"{sentence}."

    def _replied(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("%(site)s trả lời giấy mời bằng thư."), entry, site=site)

    def _came_back(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("Máy chủ thư báo về thư đã gửi %(site)s."), entry, site=site)

    def _automatic(self, entry: AuditEntry) -> str:
        site, said = self._site(entry.detail), N_("%(site)s có thư trả lời tự động, không tính.")
        return self._say(said, entry, site=site)

    def _posted(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("%(who)s ghi câu trả lời của %(site)s."), entry, site=site)

    def _seen_to(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("%(who)s xử lý thư trả lời của %(site)s."), entry, site=site)

    def _sending(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("Một thiết bị của %(site)s gửi hình và tiếng."), entry, site=site)

    def _playing(self, entry: AuditEntry) -> str:
        site = self._site(entry.detail)
        return self._say(N_("Một thiết bị của %(site)s phát cuộc họp."), entry, site=site)

    def _left_open(self, entry: AuditEntry) -> str:
        said = N_("Máy chủ của phòng họp đã dừng; thời gian dự họp được tính đến lúc đó.")
        return self._say(said, entry)

    def _time_asked(self, entry: AuditEntry) -> str:
        centre = self._names.units.get(entry.detail, entry.detail)
        return self._say(N_("%(who)s hỏi %(centre)s xác nhận giờ họp."), entry, centre=centre)

    def _time_confirmed(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s xác nhận giờ họp."), entry)

    def _time_declined(self, entry: AuditEntry) -> str:
        said = N_("%(who)s không xác nhận giờ họp, vì “%(reason)s”.")
        return self._say(said, entry, reason=entry.detail or _NOTHING)

    def _time_proposed(self, entry: AuditEntry) -> str:
        old, new = self._spans(entry)
        said = N_("%(who)s đề nghị đổi giờ họp từ %(old)s sang %(new)s.")
        if entry.detail:
            said = N_("%(who)s đề nghị đổi giờ họp từ %(old)s sang %(new)s: “%(detail)s”")
        return self._say(said, entry, old=old, new=new)

    def _time_accepted(self, entry: AuditEntry) -> str:
        return self._say(N_("%(who)s nhận giờ mà trung tâm kỹ thuật đề nghị."), entry)

    def _time_taken_back(self, entry: AuditEntry) -> str:
        return self._say(N_("Giờ họp không cần xác nhận nữa."), entry)

    def _time_lapsed(self, entry: AuditEntry) -> str:
        said = N_("Trung tâm kỹ thuật không trả lời đúng hạn; các điểm cầu vẫn được cấp liên kết.")
        return self._say(said, entry)

    def _time_reminded(self, entry: AuditEntry) -> str:
        said = N_(
            "Trung tâm kỹ thuật được nhắc trên các trang của họ: cần trả lời ngay về giờ họp."
        )
        return self._say(said, entry)

    def _other(self, entry: AuditEntry) -> str:
        return f"{self._who(entry)}: {entry.action} {entry.detail}".strip()

    # What changed ------------------------------------------------------------------------

    def _changes(self, entry: AuditEntry) -> list[str]:
        lines: list[str] = []
        if entry.action == "meeting.changed":
            old, new = self._spans(entry)
            if old and new:
                said = self._words.gettext(N_("Giờ họp: từ %(old)s sang %(new)s"))
                lines.append(said % {"old": old, "new": new})
        if entry.action != "meeting.scheduled":
            lines += [
                f"{self._words.gettext(label)}: {self._value(name, entry.changes[name])}"
                for name, label in _FIELDS.items()
                if name in entry.changes
            ]
            if "agenda" in entry.changes:
                lines.append(self._agenda(*entry.changes["agenda"]))
        if ACCESS_TOKEN in entry.changes:
            by = self._words.gettext(N_("Bằng mã truy cập"))
            lines.append(f"{by}: {entry.changes[ACCESS_TOKEN][1]}")
        return [*lines, *self._sites(entry)]

    def _value(self, name: str, both: tuple[Any, Any]) -> str:
        old, new = (self._called(name, value) for value in both)
        return f"{old} → {new}"

    def _called(self, name: str, value: Any) -> str:
        if not value:
            return _NOTHING
        if value is True:
            return self._words.gettext("có")
        if name == "answer_by":
            return self._moment(dt.datetime.fromisoformat(value))
        if name == "level_id" and value in self._names.levels:
            level = self._names.levels[value]
            return level.name_en if self._language == "en" else level.name
        if name == "host_unit_id":
            return self._names.units.get(value, value)
        if name == "chair_site_id":
            return self._site(value)
        text = str(value)
        return f"“{text[:_MOST_LETTERS]}{'…' if len(text) > _MOST_LETTERS else ''}”"

    def _agenda(self, old: list[list[Any]] | None, new: list[list[Any]] | None) -> str:
        before, after = ([item[0] for item in items or ()] for items in (old, new))
        parts = [
            self._words.gettext(said) % {"items": ", ".join(f"“{title}”" for title in titles)}
            for said, titles in (
                (N_("thêm %(items)s"), [title for title in after if title not in before]),
                (N_("bỏ %(items)s"), [title for title in before if title not in after]),
            )
            if titles
        ]
        changed = parts or [self._words.gettext(N_("đổi thứ tự, người trình bày hoặc thời lượng"))]
        return f"{self._words.gettext(N_('Chương trình họp'))}: {'; '.join(changed)}"

    def _sites(self, entry: AuditEntry) -> list[str]:
        counts, ids = entry.changes.get("site_count"), entry.changes.get("sites")
        if counts is None or ids is None:
            return []
        lines: list[str] = []
        for said, count, some in (
            (N_("Thêm %(count)s điểm cầu: %(names)s"), counts[1], ids[1]),
            (N_("Bớt %(count)s điểm cầu: %(names)s"), counts[0], ids[0]),
        ):
            if count:
                names = ", ".join(self._site(one) for one in some)
                more = "…" if count > len(some) else ""
                lines.append(self._words.gettext(said) % {"count": count, "names": names + more})
        return lines

    # Parts -------------------------------------------------------------------------------

    def _say(self, message: str, entry: AuditEntry, **values: str) -> str:
        known = {"who": self._who(entry), "detail": entry.detail, **values}
        return self._words.gettext(message) % known

    def _who(self, entry: AuditEntry) -> str:
        if entry.account_id:
            return self._names.people.get(entry.account_id, entry.account_id)
        from_room = entry.action in ("meeting.sent_out", "meeting.let_in")
        said = N_("Điểm cầu chủ trì") if from_room else N_("Máy chủ")
        return self._words.gettext(said)

    def _site(self, site_id: str) -> str:
        return self._names.sites.get(site_id, site_id or _NOTHING)

    def _spans(self, entry: AuditEntry) -> tuple[str, str]:
        """The time before and after; empty where there was none, or nothing changed."""
        starts, ends = entry.changes.get("starts_at"), entry.changes.get("ends_at")
        if starts is None or ends is None:
            return "", ""
        both = [
            self._span(*map(dt.datetime.fromisoformat, pair)) if all(pair) else ""
            for pair in zip(starts, ends, strict=True)
        ]
        return both[0], both[1]


def _by(sentence: str) -> Callable[[Teller, AuditEntry], str]:
    """Where who did it and its detail say all."""
    return lambda teller, entry: teller._say(sentence, entry)


_ACTS: Mapping[str, tuple[Callable[[Teller, AuditEntry], str], str, str]] = {
    "meeting.scheduled": (Teller._scheduled, "calendar-plus", "info"),
    "meeting.changed": (Teller._changed, "pencil", "info"),
    "meeting.site_replaced": (Teller._site_replaced, "refresh-cw", "fair"),
    "meeting.host_replaced": (Teller._host_replaced, "refresh-cw", "fair"),
    "meeting.clash_accepted": (Teller._clash_accepted, "triangle-alert", "fair"),
    "meeting.postponed": (Teller._postponed, "calendar-clock", "fair"),
    "meeting.cancelled": (Teller._cancelled, "calendar-x", "lost"),
    "agreement.asked": (Teller._time_asked, "circle-help", "info"),
    "agreement.confirmed": (Teller._time_confirmed, "circle-check", "good"),
    "agreement.declined": (Teller._time_declined, "calendar-x", "lost"),
    "agreement.proposed": (Teller._time_proposed, "calendar-clock", "fair"),
    "agreement.accepted": (Teller._time_accepted, "circle-check", "good"),
    "agreement.taken_back": (Teller._time_taken_back, "x", "absent"),
    "agreement.lapsed": (Teller._time_lapsed, "triangle-alert", "fair"),
    "agreement.reminded": (Teller._time_reminded, "bell", "info"),
    "meeting.live": (Teller._live, "radio-tower", "good"),
    "meeting.ended": (Teller._ended, "check", "absent"),
    "meeting.sitting_ended": (Teller._sitting_ended, "check", "absent"),
    "meeting.extended": (Teller._extended, "clock", "fair"),
    "meeting.reopened": (Teller._reopened, "rotate-ccw", "good"),
    "meeting.sent_out": (Teller._sent_out, "x", "lost"),
    "meeting.let_in": (Teller._let_in, "check", "good"),
    "link.revoked": (Teller._link_revoked, "link", "lost"),
    "link.renewed": (Teller._link_renewed, "link", "info"),
    "answer.given": (Teller._answered, "mail-check", "info"),
    "letter.issued": (_by(N_("%(who)s phát hành Giấy mời số %(detail)s.")), "file-text", "good"),
    "paper.added": (_by(N_("%(who)s thêm tài liệu “%(detail)s”.")), "file-text", "good"),
    "paper.replaced": (
        _by(N_("%(who)s thay bản mới của tài liệu: “%(detail)s”.")),
        "file-text",
        "good",
    ),
    "paper.refused": (_by(N_("Tệp “%(detail)s” do %(who)s gửi không được nhận.")), "x", "lost"),
    "paper.shown": (
        _by(N_("%(who)s đổi nơi được xem tài liệu “%(detail)s”.")),
        "file-text",
        "info",
    ),
    "paper.removed": (_by(N_("%(who)s gỡ tài liệu “%(detail)s”.")), "x", "fair"),
    "mail.sent_out": (Teller._mailed, "send", "info"),
    "mail.again": (Teller._mailed_again, "send", "info"),
    "mail.answered": (Teller._replied, "mail-check", "info"),
    "mail.came_back": (Teller._came_back, "mail-x", "fair"),
    "mail.automatic": (Teller._automatic, "mail", "absent"),
    "mail.posted": (Teller._posted, "mail-check", "info"),
    "mail.seen_to": (Teller._seen_to, "mail-check", "info"),
    "whip.opened": (Teller._sending, "video", "info"),
    "whep.opened": (Teller._playing, "video", "info"),
    "attendance.left_open": (Teller._left_open, "triangle-alert", "fair"),
}
