"""What the parts of a docx, xlsx or pptx are, as the file itself says (ECMA-376 part 2). Pure.

Names of parts are free; a program finds macros by these words.
"""

from __future__ import annotations

import zipfile
from xml.parsers import expat

CONTENT_TYPES = "[content_types].xml"  # names of parts are compared without case
_RELATIONS = ".rels"
_WORDS = ("macroenabled", "macrosheet", "vbaproject", "vbadata")
_FOLDINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the only ones of such files
# A thousand slides have some two thousand relations of a kilobyte, and 300 KB of types.
_MOST_PARTS = 5000
_MOST_BYTES = 16 * 1024 * 1024
_PIECE = 64 * 1024


def has_macros(opened: zipfile.ZipFile) -> bool:
    """ValueError where it cannot be known: what is said twice, no XML, or too long."""
    parts = [part for part in opened.infolist() if _tells(part.filename.lower())]
    if len(parts) > _MOST_PARTS or len({part.filename.lower() for part in parts}) < len(parts):
        raise ValueError("too many parts, or two of one name")
    left = _MOST_BYTES
    for part in parts:
        if part.compress_type not in _FOLDINGS:
            raise ValueError("folded as no such file is")
        types = _Types()
        with opened.open(part) as data:
            while piece := data.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise ValueError("too long")
                types.feed(piece)
        types.feed(b"", is_last=True)
        if types.have_macros:
            return True
    return False


def _tells(name: str) -> bool:
    return name == CONTENT_TYPES or name.endswith(_RELATIONS)


class _Types:
    """Read as XML: in whatever encoding, and however a letter is written."""

    def __init__(self) -> None:
        self.have_macros = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._element
        self._parser.StartDoctypeDeclHandler = _refuse

    def feed(self, data: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(data, is_last)
        except expat.ExpatError as error:
            raise ValueError("no XML") from error

    def _element(self, _name: str, said: dict[str, str]) -> None:
        value = (said.get("ContentType", "") + " " + said.get("Type", "")).lower()
        self.have_macros = self.have_macros or any(word in value for word in _WORDS)


def _refuse(*_said: object) -> None:
    raise ValueError("definitions, which such a file may not have")
