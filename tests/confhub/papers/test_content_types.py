"""Macros in Open XML go by what the file says of its parts."""

from __future__ import annotations

import io
import warnings
import zipfile

import pytest

from confhub.papers.kinds import MACRO, kind_of

VBA = "application/vnd.ms-office.vbaProject"
PLAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"


def types(kind: str) -> str:
    return f'<Types><Override PartName="/word/anything.bin" ContentType="{kind}"/></Types>'


def relations(kind: str) -> str:
    return f'<Relationships><Relationship Id="1" Type="{kind}" Target="a.bin"/></Relationships>'


def word(
    said: str | bytes = types(PLAIN),
    *more: tuple[str, str | bytes],
    packed: int = zipfile.ZIP_DEFLATED,
    called: str = "[Content_Types].xml",
) -> io.BytesIO:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", packed) as made:
        warnings.simplefilter("ignore")  # of two parts with one name
        for name, data in ((called, said), ("word/document.xml", "<x/>"), *more):
            made.writestr(name, data)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "said",
    [
        types(VBA),
        types(VBA.upper()),
        types(VBA.replace("vba", "&#x76;ba")),
        types("application/vnd.ms-word.document.macroEnabled.main+xml"),
        types("application/vnd.ms-excel.macrosheet+xml"),
        types("application/vnd.ms-excel.intlmacrosheet+xml"),
        types("application/vnd.ms-word.vbaData+xml"),
        f'<Types><Default Extension="bin" ContentType="{VBA}"/></Types>',
        ('<?xml version="1.0" encoding="utf-16"?>' + types(VBA)).encode("utf-16"),
        types(VBA).encode("utf-16"),
        types(VBA).encode("utf-8-sig"),
    ],
)
def test_macros_are_known_by_what_a_part_is_and_not_by_its_name(said: str | bytes) -> None:
    assert kind_of(word(said)) == MACRO


def test_letters_of_two_bytes_are_no_fault() -> None:
    said = ('<?xml version="1.0" encoding="utf-16"?>' + types(PLAIN)).encode("utf-16")
    assert kind_of(word(said)) == "docx"


def test_the_name_of_the_types_is_any_case() -> None:
    assert kind_of(word(types(VBA), called="[content_types].XML")) == MACRO


@pytest.mark.parametrize("kind", [RELATION, RELATION.replace("vbaProject", "xlMacrosheet")])
def test_macros_are_known_by_a_relation(kind: str) -> None:
    part = ("word/_rels/document.xml.rels", relations(kind))
    assert kind_of(word(types(PLAIN), part)) == MACRO
    harmless = relations("http://schemas.openxmlformats.org/x/image").replace("a.bin", "vbaProject")
    assert kind_of(word(types(PLAIN), (part[0], harmless))) == "docx"


def test_macros_are_known_by_the_folder_of_excels_own() -> None:
    assert kind_of(word(types(PLAIN), ("xl/macroSheets/sheet1.xml", "<x/>"))) == MACRO


@pytest.mark.parametrize(
    "made",
    [
        word("no XML"),
        word("<!DOCTYPE Types [<!ENTITY a 'b'>]>" + types(PLAIN)),
        word('<?xml version="1.0" encoding="utf-7"?>' + types(PLAIN)),
        word(types(VBA).encode("utf-32")),
        word(types(PLAIN), ("[Content_Types].xml", types(PLAIN))),
        word(types(PLAIN), ("[CONTENT_TYPES].xml", types(PLAIN))),
        word(types(PLAIN), packed=zipfile.ZIP_LZMA),
        word(types(PLAIN), *((f"a/{n}.rels", "<x/>") for n in range(5000))),
        word(types(PLAIN) + " " * 20_000_000),
    ],
)
def test_what_cannot_be_known_is_of_no_kind(made: io.BytesIO) -> None:
    assert kind_of(made) == ""
