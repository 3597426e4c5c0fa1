"""A backup is made: into a file of its own that is there whole or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519

from confhub.archive.house import House
from confhub.archive.packing import packing, unpack
from confhub.archive.sealing import sealed
from confhub.errors import N_, BadInput, Unavailable
from confhub.papers.vault import settle_folder

_NAME = "confhub-%Y%m%dT%H%M%SZ"
_MADE = re.compile(r"confhub-\d{8}T\d{6}Z\.tar\.gz(\.age)?")
_UNWRITABLE = N_("Không ghi được vào %(path)s: %(error)s")
_EXISTS = N_("Tệp %(path)s đã có. Xin đặt tên khác.")


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    size: int  # bytes
    papers: int
    proven: bool  # read again; what is sealed can be opened elsewhere only
    dropped: int  # older archives, as was asked for


def make(
    house: House,
    target: Path,
    recipients: Sequence[x25519.Recipient],
    now: dt.datetime,
    version: str,
    keep: int = 0,
) -> Made:
    """Into `target`, a folder or a new file's name; `keep`: of those in a folder so many stay, 0
    all.

    BadInput where there is nothing to keep, or the file is there; Unavailable where database or
    disk fail.
    """
    suffix = ".tar.gz.age" if recipients else ".tar.gz"
    path = target / f"{now:{_NAME}}{suffix}" if target.is_dir() else target
    head = house.head(now, version)
    if path.exists():
        raise BadInput(_EXISTS, values={"path": path})
    unfinished = path.with_name(path.name + ".part")
    with _explained(path), _dropped(unfinished), _working_folder(house.data_dir) as folder:
        dumped = folder / "record"
        house.record.dump(dumped)
        house.record.prove(dumped)
        # Not one that lies there already: whoever made it could read along, or lead us elsewhere.
        unfinished.unlink(missing_ok=True)
        out = os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        with out:
            with sealed(out, recipients) as plain, packing(plain, head) as packer:
                papers = house.put_into(packer, dumped)
            out.flush()
            os.fsync(out.fileno())
            if not recipients:
                out.seek(0)
                unpack(out, path, None)
        unfinished.rename(path)
        settle_folder(path.parent)
    dropped = _drop_older(path.parent, keep) if keep and target.is_dir() else 0
    return Made(path, path.stat().st_size, papers, not recipients, dropped)


def _drop_older(folder: Path, keep: int) -> int:
    made = sorted(path for path in folder.iterdir() if _MADE.fullmatch(path.name))
    for path in made[:-keep]:
        path.unlink()
    return len(made[:-keep])


@contextlib.contextmanager
def _working_folder(data_dir: Path) -> Iterator[Path]:
    """Beside the database, where nobody else reads, and where there is room for a second one."""
    with tempfile.TemporaryDirectory(prefix="backup-", dir=data_dir) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _dropped(unfinished: Path) -> Iterator[None]:
    try:
        yield
    finally:
        unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        values = {"path": path, "error": error.strerror or error}
        raise Unavailable(_UNWRITABLE, code="backup_failed", values=values) from error
