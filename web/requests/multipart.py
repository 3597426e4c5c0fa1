"""Forms with files: multipart/form-data, whole in memory (RFC 7578)."""

from __future__ import annotations

import io
import re
from email.message import Message
from urllib.parse import unquote

from aiohttp.web import FileField
from multidict import CIMultiDict, CIMultiDictProxy

from confhub.errors import TooLarge

TYPE = "multipart/form-data"
MAX_BOUNDARY = 70  # RFC 2046 section 5.1.1
# A part has a Content-Disposition with a file's name, and a Content-Type.
MAX_HEAD_BYTES = 2048
# As browsers write it (RFC 7578 section 4.2, HTML's "multipart form data"), and programs beside
# it (RFC 8187). aiohttp's own reader warns of others with the whole header, for the log to keep.
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_DISPOSITION = re.compile(
    rf"form-data\s*;\s*name={_QUOTED}(?:\s*;\s*filename={_QUOTED})?"
    r"(?:\s*;\s*filename\*=utf-8'[a-z-]*'([^\s;'\"]*))?\s*;?",
    re.IGNORECASE,
)


def read_fields(body: bytes, content_type: str, most: int) -> list[tuple[str, str | FileField]]:
    """The parts in their order. ValueError for a broken body, TooLarge for over `most` parts."""
    delimiter = b"\r\n--" + _boundary(content_type)
    # One more for what stands before the first, one for what stands behind the last.
    _, *parts = (b"\r\n" + body).split(delimiter, most + 2)
    fields: list[tuple[str, str | FileField]] = []
    for part in parts:
        if part.startswith(b"--"):
            return fields
        if len(fields) == most:
            raise TooLarge
        fields.append(_read_part(part))
    raise ValueError("no end")


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary("")
    if not 0 < len(boundary) <= MAX_BOUNDARY:
        raise ValueError("no boundary")
    return boundary.encode("ascii")


def _read_part(part: bytes) -> tuple[str, str | FileField]:
    start, _, rest = part.partition(b"\r\n")
    head, gap, content = rest.partition(b"\r\n\r\n")
    if start.strip(b" \t") or not gap or len(head) > MAX_HEAD_BYTES:
        raise ValueError("not a part")
    headers: CIMultiDict[str] = CIMultiDict()
    for line in head.decode().split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("not a header")
        headers.add(name.strip(), value.strip())
    if "Content-Transfer-Encoding" in headers:
        raise ValueError("deprecated, and sent by no browser")  # RFC 7578 section 4.7
    name, filename = _names(headers.get("Content-Disposition", ""))
    if filename is None:
        return name, content.decode()
    file = io.BufferedReader(io.BytesIO(content))
    kind = headers.get("Content-Type", "application/octet-stream")
    return name, FileField(name, filename, file, kind, CIMultiDictProxy(headers))


def _names(disposition: str) -> tuple[str, str | None]:
    """The field's name, and the file's where it is one."""
    found = _DISPOSITION.fullmatch(disposition)
    if found is None or not found[1]:
        raise ValueError("no name")
    filename = found[2] if found[3] is None else unquote(found[3])
    return _plain(found[1]), None if filename is None else _plain(filename)


def _plain(quoted: str) -> str:
    # Browsers write a quotation mark as %22, older programs with a backslash.
    return quoted.replace("%22", '"').replace('\\"', '"')
