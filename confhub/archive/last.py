"""When the last backup of this hub's data was made, for whoever watches that there is one."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
from pathlib import Path

import msgspec

FILE = "last-backup.json"


class LastBackup(msgspec.Struct, frozen=True):
    made_at: dt.datetime
    path: str
    size: int  # bytes
    sealed: bool


def note_last(data_dir: Path, last: LastBackup) -> Path:
    """Whole or not at all; raises OSError. Returns the note's file."""
    handle, name = tempfile.mkstemp(prefix=FILE, dir=data_dir)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(last))
        return Path(name).replace(data_dir / FILE)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def read_last(data_dir: Path) -> LastBackup | None:
    """None where none was made here, or the note cannot be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((data_dir / FILE).read_bytes(), type=LastBackup)
    return None
