"""What a file is, by its content and never by its name. Pure: the file is given.

Only kinds that are found for certain are known. What has macros is none of them: it is refused
whatever the settings say. Nor is what a password locks, into which nobody can look.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import BinaryIO

from confhub.papers.binary_office import LOCKED, MACRO, binary_kind
from confhub.papers.content_types import CONTENT_TYPES, has_macros

__all__ = ["KINDS", "LOCKED", "MACRO", "kind_of", "named"]

# By the name that is also the ending of a file's name.
KINDS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "rtf": "application/rtf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "zip": "application/zip",
}
_ALIASES = {"jpeg": "jpg"}
_BEGINNINGS = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
)
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_MACRO_PARTS = ("vbaproject.bin", "/vbadata.xml")
_MACRO_FOLDER = "xl/macrosheets/"
# A document of a thousand pictures has some thousand parts; the table of a crafted file may name
# millions, which would be read into memory.
_MOST_TABLE_BYTES = 4 * 1024 * 1024
_END_BYTES = 22  # of a zip's end record without its comment
_LOCATOR_BYTES = 20  # before it, where the table's size stands elsewhere (APPNOTE 4.3.15)
_MOST_COMMENT = 65_535
# What reading a damaged one raises.
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
)


def kind_of(file: BinaryIO) -> str:
    """A name of KINDS, MACRO, LOCKED, or empty for what is none of them."""
    head = file.read(16)
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head.startswith(_ZIP):
        return _zipped(file)
    if head.startswith(_OLE):
        return _compound(file)
    return ""


def named(name: str, kind: str) -> str:
    """The file's name with the ending that its content has."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return name if _ALIASES.get(ending, ending) == kind else f"{name}.{kind}"


def _zipped(file: BinaryIO) -> str:
    if not _has_small_table(file):
        return ""
    try:
        with zipfile.ZipFile(file) as opened:
            names = opened.namelist()
            mimetype = opened.getinfo("mimetype") if "mimetype" in names else None
            lowered = [name.lower() for name in names]
            if any(name.endswith(_MACRO_PARTS) or _MACRO_FOLDER in name for name in lowered):
                return MACRO
            if any(name.startswith(("Basic/", "Scripts/")) for name in names):
                return MACRO
            if mimetype is not None and _is_plain_word(mimetype):
                said = opened.read(mimetype).decode("ascii", "replace").strip()
                return next((kind for kind in ("odt", "ods", "odp") if KINDS[kind] == said), "zip")
            is_open_xml = CONTENT_TYPES in lowered
            if is_open_xml and has_macros(opened):
                return MACRO
    except _BROKEN:
        return ""
    if is_open_xml:
        for folder, kind in _PARTS:
            if any(name.startswith(folder) for name in lowered):
                return kind
    return "zip"


def _is_plain_word(part: zipfile.ZipInfo) -> bool:
    """As the standard has it (ODF 1.2 part 3 section 3.3): nothing is unfolded to read it."""
    is_stored = part.compress_type == zipfile.ZIP_STORED
    return is_stored and part.compress_size == part.file_size <= 100


def _has_small_table(file: BinaryIO) -> bool:
    """Whether the zip's table of parts is one that may be read (APPNOTE 4.3.16). None that zip64
    tells of: that is for files of more than 4 GB, and prevails over what stands here."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LOCATOR_BYTES - _END_BYTES - _MOST_COMMENT))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    end = tail[at : at + _END_BYTES] if at >= 0 else b""
    if len(end) < _END_BYTES or tail[:at][-_LOCATOR_BYTES:].startswith(b"PK\x06\x07"):
        return False
    return int.from_bytes(end[12:16], "little") <= _MOST_TABLE_BYTES


def _compound(file: BinaryIO) -> str:
    try:
        return binary_kind(file)
    except _BROKEN:
        return ""
