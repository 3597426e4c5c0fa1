"""Sites from a CSV file: every line is checked, and nothing is done unless all are good. Pure.

A line whose site code is known changes that site: columns the file has are taken over, empty
cells too; columns it does not have stay as they are. See docs/import.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from confhub.errors import N_, BadInput
from confhub.identity import new_id
from confhub.imports.csv_table import Column, CsvTable, Problem, Row
from confhub.units.records import UnitIndex, UnitRecord
from confhub.units.site import SITE_CODE, Line, LineKind, Site, read_streams
from confhub.units.unit import GSO_SCHEME, GSO_WIDTHS
from confhub.words.addresses import MAX_EMAIL_LENGTH, wrong_recipient
from confhub.words.mbps import read_mbps
from confhub.words.texts import Vocabulary

LINES = 2  # main and backup; more lines are entered on the site's page
TEXTS = {  # column key → width of the store's column
    "name": 200,
    "contact_name": 120,
    "contact_phone": 40,
    "technician_name": 120,
    "technician_phone": 40,
    "room_phone": 40,
    "email": MAX_EMAIL_LENGTH,
    "room": 120,
    "equipment_note": 5_000,
}
PROVIDER_LENGTH = 80
_TECHNICIAN = ("technician_name", "technician_phone")

COLUMNS = (
    Column("unit_code", ("Mã đơn vị", "Unit code"), required=True),
    Column("code", ("Mã điểm cầu", "Site code"), required=True),
    Column("name", ("Tên điểm cầu", "Site name"), required=True),
    Column("contact_name", ("Người liên hệ", "Contact")),
    Column("contact_phone", ("Điện thoại liên hệ", "Contact phone")),
    Column("technician_name", ("Cán bộ kỹ thuật", "Technician")),
    Column("technician_phone", ("Điện thoại kỹ thuật", "Technician phone")),
    Column("room_phone", ("Điện thoại phòng họp", "Room phone")),
    Column("email", ("Thư điện tử", "E-mail")),
    Column("room", ("Phòng", "Room")),
    Column("streams", ("Số luồng", "Streams")),
    Column("line1_kind", ("Đường truyền chính", "Main line")),
    Column("line1_provider", ("Nhà mạng chính", "Main provider")),
    Column("line1_down", ("Tải xuống chính (Mbps)", "Main down (Mbps)")),
    Column("line1_up", ("Tải lên chính (Mbps)", "Main up (Mbps)")),
    Column("line2_kind", ("Đường truyền dự phòng", "Backup line")),
    Column("line2_provider", ("Nhà mạng dự phòng", "Backup provider")),
    Column("line2_down", ("Tải xuống dự phòng (Mbps)", "Backup down (Mbps)")),
    Column("line2_up", ("Tải lên dự phòng (Mbps)", "Backup up (Mbps)")),
    Column("equipment_note", ("Thiết bị", "Equipment")),
    Column("active", ("Đang dùng", "Active")),
    Column("scheme", ("Hệ mã", "Scheme")),
)
TEMPLATE = (
    {
        "unit_code": "03187",
        "code": "dbn-npo-chanua",
        "name": "Phòng họp UBND xã Chà Nưa",
        "contact_name": "Lò Văn Chung",
        "contact_phone": "0215 3 000 187",
        "technician_name": "Poòng Văn Huy",
        "technician_phone": "0900 000 187",
        "room_phone": "0215 3 001 187",
        "email": "chanua@nampo.dienbien.gov.vn",
        "room": "Phòng họp tầng 2",
        "line1_kind": "Cáp quang",
        "line1_provider": "VNPT",
        "line1_down": "50",
        "line1_up": "50",
        "line2_kind": "Di động",
        "line2_provider": "Viettel",
        "line2_down": "20",
        "line2_up": "8",
        "equipment_note": "Tivi 65 inch, camera USB, micrô để bàn",
        "active": "có",
    },
)
KIND_NAMES: Mapping[LineKind, str] = {
    "fibre": N_("Cáp quang"),
    "leased": N_("Kênh thuê riêng"),
    "adsl": N_("ADSL"),
    "mobile": N_("Di động"),
    "satellite": N_("Vệ tinh"),
}
_KINDS: Vocabulary[LineKind] = Vocabulary(
    [
        *((word, kind) for kind in get_args(LineKind) for word in (kind, KIND_NAMES[kind])),
        ("ftth", "fibre"),
        ("quang", "fibre"),
        ("tslcd", "leased"),
        ("4g", "mobile"),
        ("5g", "mobile"),
    ]
)
# Without diacritics "dung" may be "dùng", "đúng" or "dừng": then we ask.
_ACTIVE: Vocabulary[bool] = Vocabulary(
    [
        *((word, True) for word in ("có", "x", "1", "yes", "true")),
        *((word, True) for word in ("dùng", "đang dùng", "đúng")),
        *((word, False) for word in ("không", "0", "no", "false", "không dùng", "sai")),
        *((word, False) for word in ("dừng", "đã dừng", "ngừng", "ngưng", "đã ngừng")),
    ]
)


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What an import of sites will do."""

    new: tuple[Site, ...]
    changed: tuple[Site, ...]
    unchanged: int


def plan_sites(
    table: CsvTable,
    index: UnitIndex,
    sites: Mapping[str, Site],
    today: dt.date,
    within: Collection[str] | None = None,
) -> tuple[SitePlan, list[Problem]]:
    """What to do, and every fault found, by line. A plan with faults must not be carried out.

    `sites` holds all sites by code. `within`: ids of the units whose sites may be touched;
    None: all.
    """
    check = _Check(table, index, sites, today, within)
    found = [check.read(row) for row in table.rows]
    read = [site for site in found if site is not None]
    new = tuple(site for site in read if site.code not in sites)
    changed = tuple(site for site in read if site.code in sites and site != sites[site.code])
    plan = SitePlan(new, changed, len(read) - len(new) - len(changed))
    problems = [*table.problems, *check.problems]
    return plan, sorted(problems, key=lambda problem: problem.line)


class _Check:
    def __init__(
        self,
        table: CsvTable,
        index: UnitIndex,
        sites: Mapping[str, Site],
        today: dt.date,
        within: Collection[str] | None,
    ) -> None:
        self.table = table
        self.index = index
        self.sites = sites
        self.today = today
        self.within = within
        self.problems: list[Problem] = []
        self._seen: dict[str, int] = {}

    def complain(
        self, row: Row, key: str, message: str, values: Mapping[str, object] | None = None
    ) -> None:
        self.problems.append(self.table.problem(row, key, message, values))

    def read(self, row: Row) -> Site | None:
        faults = len(self.problems)
        code = self._code(row)
        unit_id = self._unit(row, self.sites.get(code))
        texts = self._texts(row)
        active = self._active(row)
        streams = self._streams(row)
        lines = self._lines(row)
        if unit_id is None or len(self.problems) > faults:
            return None
        known = self.sites.get(code)
        if known is not None and self.within is not None and known.unit_id not in self.within:
            self.complain(row, "code", N_("Mã này thuộc về một điểm cầu ngoài phạm vi của bạn."))
            return None
        changes: dict[str, Any] = {"unit_id": unit_id, **texts}
        if active is not None:
            changes["active"] = active
        if "streams" in row.values:
            changes["streams"] = streams
        if lines is not None:
            changes["lines"] = lines + (known.lines[LINES:] if known else ())
        if known is not None and any(
            texts.get(one, getattr(known, one)) != getattr(known, one) for one in _TECHNICIAN
        ):
            changes["technician_id"] = ""  # it names somebody else
        return replace(known or Site(new_id(), unit_id, code, texts["name"]), **changes)

    def _unit(self, row: Row, known: Site | None) -> str | None:
        scheme = row.get("scheme") or GSO_SCHEME
        text = row.get("unit_code")
        if not text:
            self.complain(row, "unit_code", N_("Ô này còn trống."))
            return None
        # Spreadsheets drop leading zeros; a code found as written comes first.
        is_gso = scheme == GSO_SCHEME and text.isascii() and text.isdecimal()
        widths = [one for one in GSO_WIDTHS.values() if is_gso and len(text) < one]
        for code in (text, *(text.zfill(width) for width in widths)):
            record = self.index.find(scheme, code, self.today)
            if record is None and known is not None:
                record = self._last_of(known, scheme, code)
            if record is None:
                continue
            if self.within is not None and record.id not in self.within:
                self.complain(row, "unit_code", N_("Đơn vị này nằm ngoài phạm vi của bạn."))
            return record.id
        message = N_("Không có đơn vị mang mã “%(code)s” vào ngày %(on)s.")
        self.complain(row, "unit_code", message, {"code": text, "on": f"{self.today:%d/%m/%Y}"})
        return None

    def _last_of(self, site: Site, scheme: str, code: str) -> UnitRecord | None:
        """The site's own unit if it ended with this code: its sites are still there."""
        record = self.index.by_id.get(site.unit_id)
        ended = record is not None and (record.valid_to or dt.date.max) <= self.today
        if record is None or not ended:
            return None
        bore = any((span.scheme, span.value) == (scheme, code) for span in record.codes)
        return record if bore else None

    def _code(self, row: Row) -> str:
        code = row.get("code").lower()
        if not SITE_CODE.fullmatch(code):
            self.complain(
                row, "code", N_("Mã gồm chữ thường không dấu, số và dấu gạch nối, tối đa 64 ký tự.")
            )
        elif code in self._seen:
            values = {"line": self._seen[code]}
            self.complain(row, "code", N_("Mã này đã có ở dòng %(line)s."), values)
        self._seen.setdefault(code, row.line)
        return code

    def _texts(self, row: Row) -> dict[str, str]:
        texts = {key: row.values[key] for key in TEXTS if key in row.values}
        for key, text in texts.items():
            if len(text) > TEXTS[key]:
                self.complain(row, key, N_("Dài nhất %(limit)s ký tự."), {"limit": TEXTS[key]})
        if wrong := wrong_recipient(texts.get("email", "")):
            self.complain(row, "email", wrong.message)
        if not texts.get("name"):
            self.complain(row, "name", N_("Ô này còn trống."))
        return texts

    def _streams(self, row: Row) -> int | None:
        try:
            return read_streams(row.get("streams"))
        except BadInput as error:
            self.complain(row, "streams", error.message, error.values)
            return None

    def _active(self, row: Row) -> bool | None:
        word = row.get("active")
        if not word:
            return None
        meanings = _ACTIVE.meanings(word)
        if len(meanings) == 1:
            return meanings[0]
        message = N_("Xin ghi “có” hoặc “không”.")
        if meanings:
            message = N_("“%(word)s” là đang dùng hay đã dừng? Xin ghi “có” hoặc “không”.")
        self.complain(row, "active", message, {"word": word} if meanings else None)
        return None

    def _lines(self, row: Row) -> tuple[Line, ...] | None:
        """None: the file says nothing about lines."""
        if not any(f"line{n}_kind" in row.values for n in range(1, LINES + 1)):
            return None
        read = (self._line(row, f"line{n}", backup=n > 1) for n in range(1, LINES + 1))
        return tuple(line for line in read if line is not None)

    def _line(self, row: Row, prefix: str, *, backup: bool) -> Line | None:
        kind_text = row.get(f"{prefix}_kind")
        if not kind_text:
            for part in ("provider", "down", "up"):
                if row.get(f"{prefix}_{part}"):
                    self.complain(row, f"{prefix}_kind", N_("Còn thiếu loại đường truyền."))
                    break
            return None
        kinds = _KINDS.meanings(kind_text)
        if not kinds:
            names = ", ".join(KIND_NAMES.values())
            message = N_("Không có loại này. Các loại: %(names)s.")
            self.complain(row, f"{prefix}_kind", message, {"names": names})
            return None
        provider = row.get(f"{prefix}_provider")
        if len(provider) > PROVIDER_LENGTH:
            values = {"limit": PROVIDER_LENGTH}
            self.complain(row, f"{prefix}_provider", N_("Dài nhất %(limit)s ký tự."), values)
        down_bps, up_bps = (self._bps(row, f"{prefix}_{part}") for part in ("down", "up"))
        return Line(kinds[0], provider, down_bps, up_bps, backup)

    def _bps(self, row: Row, key: str) -> int | None:
        try:
            return read_mbps(row.get(key))
        except BadInput as error:
            self.complain(row, key, error.message, error.values)
            return None
