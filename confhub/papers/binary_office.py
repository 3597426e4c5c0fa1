"""What a .doc, .xls or .ppt is, and whether macros are in it. Pure: the file is given."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from confhub.papers.compound import Compound, Stream

LOCKED = "locked"
MACRO = "macro"
_KINDS = (("WORDDOCUMENT", "doc"), ("WORKBOOK", "xls"), ("POWERPOINT DOCUMENT", "ppt"))
_PROJECTS = {"_VBA_PROJECT", "_VBA_PROJECT_CUR"}
_PROJECT = "_VBA_PROJECT".encode("utf-16-le")
_PIECE = 1024 * 1024
_OVERLAP = 64  # longer than anything that is looked for

# Records of a workbook ([MS-XLS] 2.3), and what its sheets are (2.4.28, 2.4.21).
_BOUND_SHEET, _BEGINNING, _PASSWORD, _END = 0x85, 0x809, 0x2F, 0x0A
_MACRO_SHEETS = {1, 6}  # of Excel 4.0; of Visual Basic, as Excel 5 had it
_MACRO_SUBSTREAMS = {0x40, 0x06}
_HEAD = struct.Struct("<HHHH")  # type, length, version, what begins
_WINDOW = 64 * 1024
# Before its sheets a large workbook has some ten thousand: formats, names, shared texts.
_MOST_RECORDS = 300_000

# A folded ExOleObjStg ([MS-PPT] 2.10.40): its type, two lengths, and how zlib begins. Whatever
# stands before the type, and wherever it lies: PowerPoint finds it by its place.
_FOLDED = re.compile(rb"\x11\x10(?=.{8}[\x08\x18\x28\x38\x48\x58\x68\x78])", re.DOTALL)
_FOLDED_HEAD = 10
# CryptSession10Container ([MS-PPT] 2.3.7) of a length that such a one has.
_CRYPT = re.compile(rb"\x0f\x00\x14\x2f..\x00\x00", re.DOTALL)
# Of all that is folded in one file, unfolded piece by piece: a second of a core.
_MOST_UNFOLDED = 256 * 1024 * 1024
_FOLDED_PIECE, _UNFOLDED_PIECE = 512, 64 * 1024
_EACH_COSTS = 64 * 1024  # also what is none; a presentation has some hundred objects

_PASSWORD_BIT = 0x0100  # of the word at _FLAGS_AT ([MS-DOC] 2.5.2)
_FLAGS_AT = 10


def binary_kind(file: BinaryIO) -> str:
    """doc, xls or ppt; MACRO, LOCKED where nobody can look into it, or empty. ValueError where
    it is damaged, or made so that looking through it has no end."""
    opened = Compound(file)
    if any(entry.name in _PROJECTS for entry in opened.entries) or _says_project(file):
        return MACRO
    top = {entry.name for entry in opened.top() if entry.is_stream}
    if "ENCRYPTEDPACKAGE" in top:  # a docx, xlsx or pptx with a password
        return LOCKED
    # Those of embedded objects too.
    for entry in opened.entries:
        if entry.is_stream and entry.name == "WORKBOOK":
            found = _in_workbook(opened.stream(entry))
        elif entry.is_stream and entry.name == "POWERPOINT DOCUMENT":
            found = _in_presentation(opened.stream(entry))
        elif entry.is_stream and entry.name == "WORDDOCUMENT":
            flags = int.from_bytes(opened.stream(entry).read(_FLAGS_AT, 2), "little")
            found = LOCKED if flags & _PASSWORD_BIT else ""
        else:
            found = ""
        if found:
            return found
    return next((kind for name, kind in _KINDS if name in top), "")


def _says_project(file: BinaryIO) -> bool:
    """Also in what is embedded as it is."""
    file.seek(0)
    before = b""
    while piece := file.read(_PIECE):
        if _PROJECT in (before + piece).upper():
            return True
        before = piece[-_OVERLAP:]
    return False


def _in_workbook(stream: Stream) -> str:
    sheets = set[int]()
    for number, (kind, data) in enumerate(_records(stream)):
        if number == 0 and kind != _BEGINNING:
            raise ValueError("no workbook")
        if kind == _PASSWORD:
            return LOCKED
        if kind == _BOUND_SHEET and len(data) >= 6:
            if data[5] in _MACRO_SHEETS:
                return MACRO
            sheets.add(int.from_bytes(data[:4], "little"))
        if kind == _END:
            break
    for at in sheets:
        kind, _, _, substream = _HEAD.unpack(stream.read(at, _HEAD.size).ljust(_HEAD.size, b"\0"))
        if kind == _BEGINNING and substream in _MACRO_SUBSTREAMS:
            return MACRO
    return ""


def _records(stream: Stream) -> Iterator[tuple[int, bytes]]:
    """Each one's type and how its data begins."""
    at, start, window = 0, 0, b""
    for _ in range(_MOST_RECORDS):
        if at + 10 > start + len(window):
            start, window = at, stream.read(at, _WINDOW)
        head = window[at - start : at - start + 10]
        if len(head) < 4:
            return
        length = int.from_bytes(head[2:4], "little")
        yield int.from_bytes(head[:2], "little"), head[4 : 4 + length]
        at += 4 + length
    raise ValueError("too many records")


def _in_presentation(stream: Stream) -> str:
    left = _MOST_UNFOLDED
    before = b""
    for at in range(0, stream.size, _PIECE):
        piece = before + stream.read(at, _PIECE)
        if _CRYPT.search(piece):
            return LOCKED
        if _PROJECT in piece.upper():
            return MACRO
        for match in _FOLDED.finditer(piece):
            folded = at - len(before) + match.start() + _FOLDED_HEAD
            left -= _EACH_COSTS
            for part in _unfolded(stream, folded):
                left -= len(part)
                if left < 0:
                    raise ValueError("too much is folded in it")
                if _PROJECT in part.upper():
                    return MACRO
        before = piece[-_OVERLAP:]
    return ""


def _unfolded(stream: Stream, at: int) -> Iterator[bytes]:
    """In pieces that begin with how the one before ended; all before the first damage, as
    PowerPoint puts no end to what it folds: the next record follows."""
    unfolding = zlib.decompressobj()
    before = b""
    while not unfolding.eof and (data := stream.read(at, _FOLDED_PIECE)):
        at += len(data)
        while data and not unfolding.eof:
            kept = unfolding.copy()
            try:
                part = unfolding.decompress(data, _UNFOLDED_PIECE)
            except zlib.error:
                yield before + _before_damage(kept, data)
                return
            yield before + part
            before = (before + part)[-_OVERLAP:]
            data = unfolding.unconsumed_tail


def _before_damage(unfolding: zlib._Decompress, data: bytes) -> bytes:
    """What a call that fails does not give."""
    given = b""
    try:
        for at in range(len(data)):
            given += unfolding.decompress(data[at : at + 1], _UNFOLDED_PIECE)
    except zlib.error:
        return given
    return given
