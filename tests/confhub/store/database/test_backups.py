"""Copies of the SQLite file."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from confhub.store.database.backups import KEPT, back_up

NOW = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "confhub.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE note (id INTEGER)")
    return path


def notes(copy: Path) -> int:
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM note").fetchone()
        return int(count)


def test_a_copy_holds_what_is_committed_while_a_writer_goes_on(file: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("INSERT INTO note VALUES (1), (2)")  # in the log, not yet in the file
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO note VALUES (3)")
        copy = back_up(file, tmp_path / "backups", NOW, "0001")
        writer.execute("COMMIT")
    assert notes(copy) == 2
    assert [one.name for one in copy.parent.iterdir()] == [copy.name]


def test_the_latest_copies_stay_and_those_of_other_files(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "another-20200101T000000000000Z-0001.db").touch()
    copies = [
        back_up(file, folder, NOW + dt.timedelta(seconds=number), "0001")
        for number in range(KEPT + 2)
    ]
    kept = {one.name for one in folder.iterdir()}
    assert kept == {
        "another-20200101T000000000000Z-0001.db",
        *(copy.name for copy in copies[-KEPT:]),
    }


def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = tmp_path / "confhub.db"
    broken.write_bytes(b"no database at all " * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        back_up(broken, tmp_path / "backups", NOW, "0001")
    assert list((tmp_path / "backups").iterdir()) == []
