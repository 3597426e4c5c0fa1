"""A meeting as its sites are told of it, for the tests of mail."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from confhub.mail.letter import Letter, Mail, MailKind
from confhub.mail.message import Sender
from confhub.mail.text import Recipient
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.people.calls import Call
from confhub.words.catalogue import catalogue
from confhub.words.formats import Formats
from confhub.words.languages import Language

NOW = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
STARTS = dt.datetime(2026, 12, 3, 1, 0, tzinfo=dt.UTC)  # 08:00 in Vietnam
HOUR = dt.timedelta(hours=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HUB = "hop@dienbien.gov.vn"
SITE = "chanua@dienbien.gov.vn"
CHA_NUA = Recipient(
    "Phòng họp UBND xã Chà Nưa", "Xã Chà Nưa", "https://hop.example.gov.vn/join/a.b"
)
MEETING = Meeting(
    id="meeting-00000001",
    title="Giao ban tuần: phòng, chống rét đậm",
    level_id="district",
    host_unit_id="nam-po",
    chair_site_id="site-nam-po",
    starts_at=STARTS,
    ends_at=STARTS + 2 * HOUR,
    chair_name="Lò Văn Chung",
    note="Chuẩn bị số liệu.\n.Dòng này bắt đầu bằng dấu chấm",
    agenda=(AgendaItem("Vụ đông", "UBND xã Chà Nưa", 20), AgendaItem("Kết luận")),
)


def letter(**changed: Any) -> Letter:
    """Of MEETING, changed so; another version is another letter."""
    meeting = replace(MEETING, **changed)
    return Letter(
        id=f"letter-{meeting.version}",
        meeting=meeting,
        made_at=NOW,
        host="UBND huyện Nậm Pồ",
        place="Phòng họp UBND huyện Nậm Pồ",
        opens_at=meeting.starts_at - HOUR,
        calls=(Call("secretary", "Lò Thị Mai", "0215 3 825 111"),),
        origin="https://hop.example.gov.vn",
    )


def moved(**changed: Any) -> Letter:
    """Two hours later, for a reason."""
    values = {
        "starts_at": STARTS + 2 * HOUR,
        "ends_at": STARTS + 4 * HOUR,
        "postponed_from": STARTS,
        "status_reason": "Mưa lũ",
        "version": 2,
    }
    return letter(**values | changed)


def mail(kind: MailKind = "invite", **changed: Any) -> Mail:
    given = Mail(
        id="mail-00000000001",
        meeting_id=MEETING.id,
        site_id="site-cha-nua",
        number=1,
        kind=kind,
        letter_id="letter-1",
        link_id="link-1",
        made_at=NOW,
        next_at=NOW,
    )
    return replace(given, **changed)


def sender(language: Language = "vi") -> Sender:
    return Sender(HUB, catalogue(language).gettext, Formats(language, ZONE), language)
