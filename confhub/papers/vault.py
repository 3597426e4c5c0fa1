"""Where the bytes of papers lie: by the hash of their content, and those that still come by upload.

A folder that all hubs of an installation share. Everything here takes the time of a disk: it is
called in a thread. What is killed at any moment leaves either the upload as it was or the file
kept; what nobody refers to is swept (confhub/jobs/sweeps.py).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from confhub.errors import N_, Conflict, NotFound, Unavailable

PIECE_BYTES = 1024 * 1024
# Of a small disk too so much is left, that the record can still be written.
_NO_SPACE = N_("Máy chủ sắp hết chỗ lưu tài liệu. Xin báo cán bộ kỹ thuật.")
# What disks say that know no second name for a file, as shares of Windows and exFAT do.
_NO_LINKS = frozenset(
    (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK)
)
# A sweep takes an old file away between two steps; hardly twice in a row.
_TRIES = 3


class Locked(Conflict):
    """Another hub is writing to the same upload."""

    code = "upload_locked"
    http_status = 423
    message = N_("Tệp này đang được gửi ở nơi khác. Xin thử lại sau ít giây.")


class Writing(Protocol):
    """An upload that is being written to, by one at a time."""

    @property
    def size(self) -> int: ...
    def write(self, data: bytes) -> None: ...
    def settle(self) -> None:
        """What was written survives a power cut."""

    def close(self) -> None: ...


class Vault(Protocol):
    """What keeps the bytes; `FolderVault` on a disk. Ids and digests are checked before."""

    def check_space(self, size: int) -> None:
        """Unavailable where so much more would leave too little."""

    def begin(self, upload_id: str) -> None: ...
    def size(self, upload_id: str) -> int:
        """NotFound."""

    def write(self, upload_id: str) -> Writing:
        """At its end. NotFound, Locked."""

    def open_upload(self, upload_id: str) -> BinaryIO: ...
    def keep(self, upload_id: str, digest: str) -> None:
        """The upload's bytes are there under their digest; the upload stays. Twice is once.
        NotFound, Unavailable."""

    def drop(self, upload_id: str) -> None: ...
    def open(self, digest: str) -> BinaryIO:
        """NotFound."""

    def old_uploads(self, before: float) -> Iterator[str]:
        """Not written to since then, in seconds since 1970."""

    def old_kept(self, before: float) -> Iterator[str]:
        """Digests that were last kept before then."""

    def forget(self, digest: str, before: float) -> None:
        """Unless it was kept again since."""


def digest_of(file: BinaryIO) -> str:
    found = hashlib.sha256()
    while piece := file.read(PIECE_BYTES):
        found.update(piece)
    return found.hexdigest()


class FolderVault:
    """`least_free`: so many bytes of the disk are left to others."""

    def __init__(self, folder: Path, least_free: int) -> None:
        self._uploads, self._kept = folder / "uploads", folder / "kept"
        self._least_free = least_free

    def check_space(self, size: int) -> None:
        self._uploads.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._uploads).free - size < self._least_free:
            raise Unavailable(_NO_SPACE, code="no_space")

    def begin(self, upload_id: str) -> None:
        self._uploads.mkdir(parents=True, exist_ok=True)
        (self._uploads / upload_id).touch(mode=0o600)

    def size(self, upload_id: str) -> int:
        try:
            return (self._uploads / upload_id).stat().st_size
        except FileNotFoundError:
            raise NotFound from None

    def write(self, upload_id: str) -> Writing:
        return _Writer(self._uploads / upload_id, self._least_free)

    def open_upload(self, upload_id: str) -> BinaryIO:
        return _opened(self._uploads / upload_id)

    def keep(self, upload_id: str, digest: str) -> None:
        target = self._path(digest)
        with _disk():
            target.parent.mkdir(parents=True, exist_ok=True)
            for left in reversed(range(_TRIES)):
                _place(self._uploads / upload_id, target)
                try:
                    os.utime(target)  # it is wanted now: no sweep takes it
                    break
                except FileNotFoundError:
                    if not left:
                        raise
            for folder in (target.parent, self._kept):
                settle_folder(folder)

    def drop(self, upload_id: str) -> None:
        (self._uploads / upload_id).unlink(missing_ok=True)

    def open(self, digest: str) -> BinaryIO:
        return _opened(self._path(digest))

    def old_uploads(self, before: float) -> Iterator[str]:
        yield from _older(self._uploads, before)

    def old_kept(self, before: float) -> Iterator[str]:
        with contextlib.suppress(FileNotFoundError):
            for folder in sorted(self._kept.iterdir()):
                yield from _older(folder, before)

    def forget(self, digest: str, before: float) -> None:
        path = self._path(digest)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()

    def _path(self, digest: str) -> Path:
        return self._kept / digest[:2] / digest


class _Writer:
    """Closed only between writes: whoever waits for one may be cancelled, its thread goes on."""

    def __init__(self, path: Path, least_free: int) -> None:
        self._one_at_a_time, self._least_free = threading.Lock(), least_free
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:
            raise NotFound from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise Locked from None

    @property
    def size(self) -> int:
        return os.fstat(self._file).st_size

    def write(self, data: bytes) -> None:
        """Unavailable where too little would be left: all that was announced comes at once."""
        view = memoryview(data)
        with self._one_at_a_time, _disk():
            disk = os.fstatvfs(self._file)
            if disk.f_bavail * disk.f_frsize - len(data) < self._least_free:
                raise Unavailable(_NO_SPACE, code="no_space")
            while view:
                view = view[os.write(self._file, view) :]

    def settle(self) -> None:
        with self._one_at_a_time, _disk():
            os.fsync(self._file)

    def close(self) -> None:
        with self._one_at_a_time:
            os.close(self._file)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """The disk is full, or gone: Unavailable, and what was written stays."""
    try:
        yield
    except FileNotFoundError:
        raise NotFound from None
    except OSError as error:
        raise Unavailable(_NO_SPACE, code="no_space") from error


def _place(upload: Path, target: Path) -> None:
    """The upload's bytes under their second name, or a copy of them where a disk knows none."""
    if target.exists():
        return
    try:
        os.link(upload, target)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Killed meanwhile, it is a file of no paper, and swept as such.
        copy = target.with_name(f"{target.name}.{upload.name}")
        with upload.open("rb") as source, copy.open("wb") as made:
            shutil.copyfileobj(source, made, PIECE_BYTES)
            made.flush()
            os.fsync(made.fileno())
        copy.replace(target)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound from None


def _older(folder: Path, before: float) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                if entry.stat().st_mtime < before:
                    yield entry.name


def settle_folder(folder: Path) -> None:
    """Names in it survive a power cut."""
    """Names in it survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
