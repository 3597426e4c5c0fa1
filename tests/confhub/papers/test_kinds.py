"""What a file is, by its content."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest

from confhub.papers.kinds import KINDS, LOCKED, MACRO, kind_of, named
from tests.confhub.papers.compound_files import compound, presentation, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(*names: str, mimetype: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"\xff\xd8\xff\xe0JFIF", "jpg"),
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"{\\rtf1 ...", "rtf"),
        (zipped("[Content_Types].xml", "word/document.xml"), "docx"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (zipped("content.xml", mimetype=KINDS["odt"]), "odt"),
        (zipped("content.xml", mimetype=KINDS["ods"]), "ods"),
        (zipped("anything.exe"), "zip"),
        (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), MACRO),
        (zipped("Basic/Standard/Module1.xml", mimetype=KINDS["odt"]), MACRO),
        (b"", ""),
        (b"MZ\x90", ""),
        (b"<!doctype html><script>", ""),
        (b"<svg xmlns=", ""),
        (b"PK\x03\x04 no end of a zip", ""),
        (OLE, ""),
    ],
)
def test_a_file_is_what_its_content_says(data: bytes, kind: str) -> None:
    assert kind_of(io.BytesIO(data)) == kind


def test_a_table_that_claims_to_be_huge_is_not_read() -> None:
    data = bytearray(zipped("[Content_Types].xml", "word/document.xml"))
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = (2**31).to_bytes(4, "little")
    assert kind_of(io.BytesIO(bytes(data))) == ""


def test_a_table_whose_size_stands_elsewhere_is_not_read() -> None:
    """What reads a zip believes its zip64 record, whatever the end says (APPNOTE 4.3.14)."""
    made = zipped("[Content_Types].xml", "word/document.xml", *(f"word/{n}" for n in range(99)))
    end = bytearray(made[-22:])
    size, start = (int.from_bytes(end[at : at + 4], "little") for at in (12, 16))
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 101, 101, size, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(made) - 22, 1)
    end[12:16] = (60).to_bytes(4, "little")
    data = made[:-22] + record + locator + bytes(end)
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 101
    assert kind_of(io.BytesIO(data)) == ""


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_nothing_is_unfolded_to_know_a_kind(packed: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as made:
        made.writestr("mimetype", KINDS["odt"])
    data = bytearray(file.getvalue())
    assert kind_of(io.BytesIO(bytes(data))) == "zip"
    data[38:60] = bytes(22)  # of its content
    assert kind_of(io.BytesIO(bytes(data))) == "zip"


def test_a_word_that_claims_the_whole_file_is_not_read() -> None:
    data = bytearray(zipped("content.xml", mimetype=KINDS["odt"]))
    at = data.find(b"PK\x01\x02")
    data[at + 20 : at + 24] = (2**31).to_bytes(4, "little")
    assert kind_of(io.BytesIO(bytes(data))) == "zip"


def test_a_damaged_file_is_of_some_kind_or_none() -> None:
    """Whatever it says, it is no fault of ours."""
    files = [
        zipped("[Content_Types].xml", "word/document.xml"),
        zipped("content.xml", mimetype=KINDS["odt"]),
        compound({"Workbook": workbook(padding=100)}),
        compound({"PowerPoint Document": presentation(b"folded" * 50)}),
    ]
    drawn = random.Random(1)
    for _ in range(4000):
        data = bytearray(drawn.choice(files))
        for _ in range(drawn.randint(1, 4)):
            data[drawn.randrange(4, len(data))] = drawn.choice((0, 1, 255, drawn.randrange(256)))
        assert kind_of(io.BytesIO(bytes(data))) in {*KINDS, LOCKED, MACRO, ""}


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("Báo cáo.pdf", "pdf", "Báo cáo.pdf"),
        ("ẢNH.JPEG", "jpg", "ẢNH.JPEG"),
        ("giay-moi.exe", "pdf", "giay-moi.exe.pdf"),
        ("giay moi", "docx", "giay moi.docx"),
    ],
)
def test_its_name_ends_as_its_content_is(name: str, kind: str, kept: str) -> None:
    assert named(name, kind) == kept
