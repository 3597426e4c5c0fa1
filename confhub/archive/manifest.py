"""What stands in an archive, and what tells a whole one from a torn one. Pure.

An archive is a tar, compressed by gzip, and sealed by age (age-encryption.org/v1) where it has
recipients. Its first member says what it is of; its last names every other with size and digest, so
that an archive without it was cut off.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import msgspec

from confhub.errors import N_, BadInput, Conflict

HEAD, TAIL = "archive.json", "contents.json"
RECORD, KEY, SETTINGS = "record", "secret.key", "settings.toml"
# By the hash of their content, as the vault keeps them.
PAPER = re.compile(r"papers/kept/([0-9a-f]{2})/(\1[0-9a-f]{62})")
# A later version that changes what members mean counts on; older programs then refuse.
FORM = 1
# A country's papers, a hundred bytes each; beyond, it is no contents of ours.
MOST_TAIL_BYTES = 256 * 1024 * 1024

Kind = Literal["sqlite", "postgresql"]

TORN = N_("Bản sao lưu không nguyên vẹn: %(error)s. Xin dùng bản khác.")
_NOT_OURS = N_("%(path)s không phải bản sao lưu của confhub.")
_NEWER = N_("Bản sao lưu do phiên bản confhub mới hơn tạo ra. Xin cài phiên bản đó trước.")


class Head(msgspec.Struct, frozen=True):
    """`version` of the program, `revision` of the record's tables, `key`: the fingerprint of
    secret.key."""

    made_at: dt.datetime
    version: str
    kind: Kind
    revision: str
    key: str
    form: int = FORM


class Member(msgspec.Struct, frozen=True):
    name: str
    size: int
    sha256: str


def pack(value: Head | list[Member]) -> bytes:
    return msgspec.json.encode(value)


def read_head(data: bytes, path: object) -> Head:
    """BadInput where it is none, Conflict where it is of a later form."""
    try:
        form = msgspec.json.decode(data, type=dict[str, object]).get("form")
        if isinstance(form, int) and form > FORM:
            raise Conflict(_NEWER, code="archive_newer")
        return msgspec.json.decode(data, type=Head)
    except msgspec.MsgspecError as error:
        raise BadInput(_NOT_OURS, code="no_archive", values={"path": path}) from error


def not_ours(path: object) -> BadInput:
    return BadInput(_NOT_OURS, code="no_archive", values={"path": path})


def torn(error: object) -> BadInput:
    return BadInput(TORN, code="archive_torn", values={"error": error})


def is_known(name: str) -> bool:
    """Whether a member of that name is looked at; nothing else is ever written to a disk."""
    return name in (HEAD, TAIL, RECORD, KEY, SETTINGS) or PAPER.fullmatch(name) is not None


def check_contents(tail: bytes, found: list[Member]) -> None:
    """BadInput where what was read is not what was packed."""
    try:
        packed = msgspec.json.decode(tail, type=list[Member])
    except msgspec.MsgspecError as error:
        raise torn(error) from error
    if packed != found:
        wrong = {one.name for one in packed} ^ {one.name for one in found}
        wrong |= {old.name for old, new in zip(packed, found, strict=False) if old != new}
        raise torn(", ".join(sorted(wrong)[:3]))
    if not {RECORD, KEY} <= {one.name for one in found}:
        raise torn(f"{RECORD}, {KEY}")
