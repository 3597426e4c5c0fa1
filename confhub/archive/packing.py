"""Members go into an archive, one after another, and come out of it again."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from confhub.archive.manifest import (
    HEAD,
    MOST_TAIL_BYTES,
    PAPER,
    TAIL,
    Head,
    Member,
    check_contents,
    is_known,
    not_ours,
    pack,
    read_head,
    torn,
)
from confhub.errors import N_, Unavailable

# Papers are compressed already, and a record shrinks to a fifth at the fastest level too.
LEVEL = 1
_PIECE_BYTES = 1024 * 1024
_NO_ROOM = N_("Không đủ chỗ trên đĩa ở %(path)s: cần %(need)s MB, còn %(free)s MB.")
_FULL_DISK = N_("Đĩa ở %(path)s đã đầy.")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_MB = 1024 * 1024


class Packer:
    """Takes members; `finish` adds what proves that none is missing."""

    def __init__(self, tar: tarfile.TarFile, head: Head) -> None:
        self._tar = tar
        data = pack(head)
        self._add_bytes(HEAD, data)
        self._members = [_member(HEAD, data)]

    def add(self, name: str, file: BinaryIO) -> None:
        """All of a file as long as it is now."""
        size = os.fstat(file.fileno()).st_size
        reader = _Digesting(file)
        self._tar.addfile(_entry(name, size), reader)
        self._members.append(Member(name, size, reader.digest()))

    def finish(self) -> None:
        self._add_bytes(TAIL, pack(self._members))

    def _add_bytes(self, name: str, data: bytes) -> None:
        self._tar.addfile(_entry(name, len(data)), io.BytesIO(data))


@contextmanager
def packing(out: BinaryIO, head: Head) -> Iterator[Packer]:
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=LEVEL, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        packer = Packer(tar, head)
        yield packer
        packer.finish()


def unpack(file: BinaryIO, path: object, into: Path | None) -> Head:
    """Read all of an archive, and prove it; its members lie in `into` then, or nowhere.

    BadInput where it is none or not whole, Conflict where a later version made it, Unavailable
    where the disk has no room.
    """
    head: Head | None = None
    tail = b""
    found: list[Member] = []
    try:
        with (
            gzip.GzipFile(fileobj=file, mode="rb") as plain,
            tarfile.open(fileobj=plain, mode="r|") as tar,
        ):
            for entry in tar:
                content = tar.extractfile(entry)
                if content is None or tail or not is_known(entry.name):
                    raise torn(entry.name)
                if head is None:
                    if entry.name != HEAD:
                        raise not_ours(path)
                    data = content.read(_PIECE_BYTES)
                    head = read_head(data, path)
                    found.append(_member(HEAD, data))
                elif entry.name == TAIL:
                    tail = content.read(MOST_TAIL_BYTES)
                else:
                    found.append(_take(entry, content, into))
            while plain.read(_PIECE_BYTES):  # to the end, where gzip has its sum
                pass
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise Unavailable(_FULL_DISK, code="disk_full", values={"path": into}) from error
        if head is None:
            raise not_ours(path) from error
        raise torn(error) from error
    if head is None:
        raise not_ours(path)
    check_contents(tail, found)
    return head


def _take(entry: tarfile.TarInfo, content: IO[bytes], into: Path | None) -> Member:
    reader = _Digesting(content)
    if into is None:
        while reader.read(_PIECE_BYTES):
            pass
    else:
        check_room(into, entry.size)
        target = into / entry.name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            shutil.copyfileobj(reader, out, _PIECE_BYTES)
            out.flush()
            os.fsync(out.fileno())
    named = PAPER.fullmatch(entry.name)
    if named and named[2] != reader.digest():
        raise torn(entry.name)
    return Member(entry.name, entry.size, reader.digest())


def check_room(folder: Path, need: int) -> None:
    """Unavailable where a disk has less than so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < need:
        values = {"path": folder, "need": -(-need // _MB), "free": free // _MB}
        raise Unavailable(_NO_ROOM, code="disk_full", values=values)


def _member(name: str, data: bytes) -> Member:
    return Member(name, len(data), hashlib.sha256(data).hexdigest())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


class _Digesting:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._found = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._found.update(piece)
        return piece

    def digest(self) -> str:
        return self._found.hexdigest()
