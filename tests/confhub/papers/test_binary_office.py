"""Kinds and macros of .doc, .xls and .ppt."""

from __future__ import annotations

import io
import itertools
import struct

import pytest

from confhub.papers.kinds import LOCKED, MACRO, kind_of
from tests.confhub.papers.compound_files import compound, presentation, record, workbook

LONG = bytes(5000)
PROJECT = compound({"VBA": LONG, "_VBA_PROJECT": LONG})
CHART = compound({"Contents": LONG})


def kind(**streams: bytes) -> str:
    said = {name.replace("_of_", " "): data for name, data in streams.items()}
    return kind_of(io.BytesIO(compound(said)))


def slides(data: bytes) -> str:
    return kind_of(io.BytesIO(compound({"PowerPoint Document": data, "Current User": b"x"})))


def test_a_kind_goes_by_the_streams_of_the_file() -> None:
    assert kind(WordDocument=LONG) == "doc"
    assert kind(WORDDOCUMENT=b"short") == "doc"
    assert kind(Workbook=workbook()) == "xls"
    assert kind(Workbook=workbook(padding=9)) == "xls"
    assert slides(presentation()) == "ppt"
    assert kind(Contents=LONG) == ""
    assert kind(Contents="WordDocument".encode("utf-16-le") * 300) == ""


@pytest.mark.parametrize("name", ["_VBA_PROJECT", "_vba_project", "_VBA_PROJECT_CUR"])
def test_visual_basic_is_macros(name: str) -> None:
    assert kind_of(io.BytesIO(compound({"WordDocument": LONG, name: b"x"}))) == MACRO


@pytest.mark.parametrize("padding", [9, 6000, 70_000 // 2])
@pytest.mark.parametrize("said", [{"sheet": 1}, {"sheet": 6}, {"substream": 0x40}])
def test_a_sheet_of_excel_4_macros_is_macros(said: dict[str, int], padding: int) -> None:
    assert kind(WORKBOOK=workbook(**said, padding=padding)) == MACRO  # type: ignore[arg-type]
    assert kind(WordDocument=LONG, Workbook=workbook(**said)) == MACRO  # type: ignore[arg-type]


def test_a_chart_of_its_own_is_none() -> None:
    assert kind(Workbook=workbook(sheet=2, substream=0x20)) == "xls"


def test_nobody_can_look_into_what_a_password_locks() -> None:
    assert kind(Workbook=workbook(before=record(0x2F, bytes(54)))) == LOCKED
    assert kind(WordDocument=LONG[:10] + b"\0\1" + LONG) == LOCKED
    assert kind(EncryptedPackage=LONG, EncryptionInfo=LONG) == LOCKED
    assert slides(presentation(before=struct.pack("<HHI", 0xF, 0x2F14, 200))) == LOCKED


def test_a_workbook_without_end_is_of_no_kind() -> None:
    assert kind(Workbook=workbook(before=record(0xFF, b"") * 300_000)) == ""
    assert kind(Workbook=LONG) == ""


def test_visual_basic_of_slides_is_unfolded_to_be_seen() -> None:
    assert slides(presentation(PROJECT)) == MACRO
    assert slides(presentation(bytes(3_000_000) + PROJECT)) == MACRO
    assert slides(presentation(before=bytes(1024 * 1024 - 5006), folded=PROJECT)) == MACRO
    assert slides(presentation(plain=PROJECT)) == MACRO


def test_large_slides_are_looked_through_to_the_end() -> None:
    large = bytes(17_000_000)  # whose table the header has no room for
    assert slides(presentation(CHART, before=large)) == "ppt"
    assert slides(presentation(PROJECT, before=large)) == MACRO


def test_other_objects_of_slides_are_taken() -> None:
    assert slides(presentation(CHART)) == "ppt"
    assert slides(presentation(plain=CHART)) == "ppt"


def test_what_unfolds_without_end_is_of_no_kind() -> None:
    assert slides(presentation(bytes(300_000_000))) == ""
    trap = struct.pack("<HHIIH", 0x10, 0x1011, 20, 20, 0x9C78)
    assert slides(presentation(before=trap * 80_000)) == ""


def test_tables_in_circles_have_an_end() -> None:
    made = compound({"WordDocument": LONG})
    table = len(made) - 512
    for sector in range(20):
        data = bytearray(made)
        data[table + 4 * sector : table + 4 * sector + 4] = struct.pack("<I", sector)
        assert kind_of(io.BytesIO(bytes(data))) in {"", "doc"}
    data = bytearray(made)
    data[68:72] = struct.pack("<I", 0)
    data[512 + 508 : 1024] = struct.pack("<I", 0)  # a table that names itself as its next piece
    assert kind_of(io.BytesIO(bytes(data))) == ""


def test_streams_that_share_their_bytes_are_read_a_bounded_number_of_times() -> None:
    names = [f"{one}book" for one in map("".join, itertools.product("wW", "oO", "rR", "kK"))]
    one = workbook(before=record(0xFF, bytes(8000)) * 100)
    made = bytearray(compound({names[0]: one, **dict.fromkeys(names[1:], b"x")}))
    entries = [
        at for at in range(512, len(made), 128) if made[at + 66] == 2 and made[at + 64] == 18
    ]
    first = next(
        at for at in entries if made[at : at + 128].startswith(b"w\0o\0r\0k\0b\0o\0o\0k\0")
    )
    for at in entries:
        made[at + 116 : at + 128] = made[first + 116 : first + 128]
    assert len(entries) == len(names)
    assert kind_of(io.BytesIO(bytes(made))) == ""


def test_a_file_that_was_cut_off_is_no_fault_of_ours() -> None:
    made = compound({"Workbook": workbook(), "PowerPoint Document": presentation(CHART)})
    for at in range(8, len(made), 97):
        assert kind_of(io.BytesIO(made[:at])) in {"", "xls"}
