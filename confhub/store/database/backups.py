"""Copies of the SQLite file, taken while others use it."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
from pathlib import Path

# A mistaken upgrade is found within days; five copies reach over as many upgrades.
KEPT = 5


def back_up(file: Path, folder: Path, now: dt.datetime, label: str) -> Path:
    """Copy a SQLite file into `folder` as one consistent moment; returns the copy.

    Readable by the owner only. Of the copies of this file the latest `KEPT` stay.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = folder / f"{file.stem}-{now:%Y%m%dT%H%M%S%fZ}-{label}.db"
    unfinished = copy.with_suffix(".part")
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        copy_file(file, unfinished)
        unfinished.rename(copy)
    finally:
        unfinished.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"{file.stem}-*.db"))[:-KEPT]:
        old.unlink()
    return copy


def copy_file(source: Path, target: Path) -> None:
    """Of a SQLite file as of one moment, into another."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        contextlib.closing(sqlite3.connect(address, uri=True)) as origin,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy)
        # The copy is one file, whole in itself: no write-ahead log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
