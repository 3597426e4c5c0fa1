"""What the demo province is made of: rooms, people, lines. Pure, and the same at every run.

People and telephone numbers are invented: 0900 000 xxx is not given out, 0215 3 000 xxx is
Điện Biên's area code with a block left empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confhub.identity import new_id
from confhub.units.country import Entry
from confhub.units.site import Line, Site
from confhub.words.texts import fold

PROVINCE_CODE = "11"  # Tỉnh Điện Biên
DISTRICT_CODE = "103"  # Huyện Nậm Pồ, the pilot: all 15 communes connected
COMMUNE_CODE = "03187"  # Xã Chà Nưa
CENTRAL_SITE = "tw-vpcp"
PROVINCE_SITE = "dbn"
DISTRICT_SITE = "dbn-npo"

# Short names as officials there write them; site codes are built on them.
_DISTRICTS: Mapping[str, str] = {
    "094": "dbp",
    "095": "mla",
    "096": "mnh",
    "097": "mch",
    "098": "tch",
    "099": "tgi",
    "100": "hdb",
    "101": "dbd",
    "102": "mag",
    "103": "npo",
}
_FAMILIES = ("Lò", "Quàng", "Vàng", "Lường", "Giàng", "Tòng", "Sùng", "Cà", "Thào", "Nguyễn", "Mùa")
_MIDDLES = ("Văn", "Thị", "A", "Đức", "Minh", "Thanh", "Xuân")
_GIVEN = (
    "Chung",
    "Huy",
    "Hương",
    "Dũng",
    "Pó",
    "Thương",
    "Sinh",
    "Hạnh",
    "Tuấn",
    "Nhung",
    "Dơ",
    "Phương",
    "Khánh",
)


def build_sites(entries: Sequence[Entry], unit_ids: Mapping[str, str], root_id: str) -> list[Site]:
    """One site for the central unit and one for each entry; `unit_ids` is by entry code."""
    sites = [_central(root_id)]
    taken: set[str] = set()
    for number, entry in enumerate(entries):
        code = site_code(entry)
        if code in taken:  # a town and a commune of one name
            code = f"{code}-{fold(entry.name).split()[0]}"
        taken.add(code)
        phone = f"{number:03d}"
        sites.append(
            Site(
                id=new_id(),
                unit_id=unit_ids[entry.code],
                code=code,
                name=f"Phòng họp {office_name(entry.name)}",
                contact_name=_person(number * 7 + 3),
                contact_phone=f"0215 3 000 {phone}",
                technician_name=_person(number * 5 + 1),
                technician_phone=f"0900 000 {phone}",
                room_phone=f"0215 3 001 {phone}",
                equipment_note=_EQUIPMENT[entry.level_id],
                lines=_lines(entry, number),
            )
        )
    return sites


def site_code(entry: Entry) -> str:
    """ "dbn", "dbn-npo", "dbn-npo-chanua"."""
    if entry.level_id == "province":
        return PROVINCE_SITE
    if entry.level_id == "district":
        return f"{PROVINCE_SITE}-{_DISTRICTS[entry.code]}"
    return f"{PROVINCE_SITE}-{_DISTRICTS[entry.parent_code or '']}-{_plain_name(entry.name)}"


def office_name(unit_name: str) -> str:
    """ "Xã Chà Nưa" → "UBND xã Chà Nưa"."""
    return f"UBND {unit_name[0].lower()}{unit_name[1:]}"


def _plain_name(name: str) -> str:
    kinds = {"xa": 1, "phuong": 1, "thi": 2}  # "thị trấn" has two words
    words = fold(name).split()
    return "".join(c for c in "".join(words[kinds[words[0]] :]) if c.isalnum())


def _central(root_id: str) -> Site:
    return Site(
        id=new_id(),
        unit_id=root_id,
        code=CENTRAL_SITE,
        name="Văn phòng Chính phủ, phòng họp trực tuyến",
        contact_name="Trần Minh Hạnh",
        contact_phone="0900 000 900",
        technician_name="Nguyễn Đức Tuấn",
        technician_phone="0900 000 901",
        room_phone="0900 000 902",
        equipment_note=_EQUIPMENT["central"],
        lines=(
            Line("leased", "TSLCD cấp I", 500_000_000, 500_000_000),
            Line("fibre", "VNPT", 300_000_000, 300_000_000, backup=True),
        ),
    )


def _person(number: int) -> str:
    parts = (
        _FAMILIES[number % len(_FAMILIES)],
        _MIDDLES[number % len(_MIDDLES)],
        _GIVEN[number % len(_GIVEN)],
    )
    return " ".join(parts)


_EQUIPMENT: Mapping[str, str] = {
    "central": "Thiết bị hội nghị chuyên dụng, 2 camera quay quét, micrô đại biểu, màn LED.",
    "province": "Thiết bị hội nghị chuyên dụng, camera quay quét, 24 micrô, 2 tivi 85 inch.",
    "district": "Máy tính để bàn, camera quay quét USB, loa mic hội nghị, tivi 75 inch, UPS 1 kVA.",
    "commune": "Máy tính xách tay, webcam góc rộng, loa mic để bàn, tivi 55 inch.",
}


def _lines(entry: Entry, number: int) -> tuple[Line, ...]:
    if entry.level_id == "province":
        return (
            Line("leased", "TSLCD cấp II", 200_000_000, 200_000_000),
            Line("fibre", "Viettel", 150_000_000, 150_000_000, backup=True),
        )
    if entry.level_id == "district":
        return (
            Line("leased", "TSLCD cấp II", 50_000_000, 50_000_000),
            Line("fibre", "VNPT", 80_000_000, 80_000_000, backup=True),
        )
    provider, other = ("VNPT", "Viettel") if number % 3 else ("Viettel", "Vinaphone")
    if number % 17 == 5:  # a few mountain communes that fibre has not reached
        return (
            Line("mobile", other, 15_000_000, 5_000_000, note="Cáp quang chưa tới"),
            Line("satellite", "Vinasat", 4_000_000, 1_000_000, backup=True),
        )
    bps = (30_000_000, 40_000_000, 60_000_000)[number % 3]
    return (
        Line("fibre", provider, bps, bps),
        Line("mobile", other, 20_000_000, 8_000_000, backup=True),
    )
