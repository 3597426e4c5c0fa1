"""The database as one file of an archive: taken while hubs write, looked at, and put back."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL

from confhub.archive.manifest import Kind, torn
from confhub.config import Settings
from confhub.errors import N_, BadInput, Conflict, Unavailable
from confhub.store.database.backups import copy_file
from confhub.store.database.location import database_url, sqlite_file

# A dump of a country's years takes minutes; a server that answers nothing for so long is away.
PROGRAM_TIMEOUT_S = 6 * 3600.0

_NO_PROGRAM = N_("Máy này chưa có %(program)s. Xin cài gói postgresql-client.")
_FAILED = N_("%(program)s không làm được: %(error)s")
_UNREADABLE = N_("Không đọc được cơ sở dữ liệu %(path)s: %(error)s")
_NO_TABLES = N_("Cơ sở dữ liệu %(path)s chưa có gì để sao lưu. Xin xem lại cấu hình (--config).")
_IN_USE = N_(
    "Còn %(count)s kết nối khác đang dùng cơ sở dữ liệu. Xin dừng mọi máy chủ confhub trước."
)
_MEMORY = N_("Cơ sở dữ liệu nằm trong bộ nhớ thì không sao lưu được.")

# All that is ours in the schema, so that what is put back meets nothing of what was there.
_CLEAR = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN SELECT c.oid::regclass AS name FROM pg_class c
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') LOOP
    EXECUTE 'DROP TABLE ' || found.name || ' CASCADE';
  END LOOP;
  FOR found IN SELECT c.oid::regclass AS name FROM pg_class c
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S' LOOP
    EXECUTE 'DROP SEQUENCE ' || found.name || ' CASCADE';
  END LOOP;
  FOR found IN SELECT p.oid::regprocedure AS name FROM pg_proc p
      WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'confhub%' LOOP
    EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE';
  END LOOP;
END $$;
"""
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND usename = current_user"
)
_REVISION = "SELECT version_num FROM alembic_version"


class Record(Protocol):
    """A database. Everything raises Unavailable, in words, where it does not answer."""

    kind: Kind

    def revision(self) -> str:
        """Of its tables; BadInput where there are none."""

    def dump(self, target: Path) -> None:
        """As of one moment, into a new file."""

    def prove(self, dumped: Path) -> None:
        """BadInput where a dump is not whole."""

    def check_unused(self) -> None:
        """Conflict while somebody is connected, as far as that can be known."""

    def put_back(self, dumped: Path, aside: Path) -> None:
        """In place of what is there, which goes to the folder `aside`. Whole or not at all."""


def open_record(settings: Settings) -> Record:
    url = database_url(settings)
    if url.get_backend_name() == "postgresql":
        return PostgresRecord(url)
    file = sqlite_file(url)
    if file is None:
        raise BadInput(_MEMORY)
    return SqliteRecord(file)


class SqliteRecord:
    kind: Kind = "sqlite"

    def __init__(self, file: Path) -> None:
        self._file = file

    def revision(self) -> str:
        if not self._file.exists():
            raise BadInput(_NO_TABLES, values={"path": self._file})
        with self._read(self._file) as connection:
            try:
                row = connection.execute(_REVISION).fetchone()
            except sqlite3.OperationalError:
                row = None
        if row is None:
            raise BadInput(_NO_TABLES, values={"path": self._file})
        return str(row[0])

    def dump(self, target: Path) -> None:
        with self._failing(self._file):
            copy_file(self._file, target)

    def prove(self, dumped: Path) -> None:
        try:
            with self._read(dumped) as connection:
                found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
                found += [row[0] for row in connection.execute("PRAGMA foreign_key_check")][:3]
        except Unavailable as error:
            raise torn(error.values["error"]) from error
        if found != ["ok"]:
            raise torn("; ".join(map(str, found)))

    def check_unused(self) -> None:
        """Out of write-ahead mode, for which it must be alone; a hub puts it back at its start."""
        if not self._file.exists():
            return
        try:
            with contextlib.closing(sqlite3.connect(self._file, timeout=0.0)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Conflict(_IN_USE, code="record_in_use", values={"count": 1}) from error
        except sqlite3.Error:
            pass  # it is broken: why a backup is wanted

    def put_back(self, dumped: Path, aside: Path) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Journals of a broken file: beside another they would be played into it.
        for suffix in ("-wal", "-shm"):
            part = self._file.with_name(self._file.name + suffix)
            if part.exists():
                part.rename(aside / part.name)
        if self._file.exists():
            _keep(self._file, aside / self._file.name)
        dumped.chmod(0o600)
        dumped.rename(self._file)

    @contextlib.contextmanager
    def _read(self, file: Path) -> Iterator[sqlite3.Connection]:
        with self._failing(file):
            address = f"{file.absolute().as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
                yield connection

    @contextlib.contextmanager
    def _failing(self, file: Path) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(_UNREADABLE, values={"path": file, "error": error}) from error


def _keep(file: Path, target: Path) -> None:
    """Under a second name, so that at no moment there is none under the first."""
    try:
        target.hardlink_to(file)
    except OSError:  # a disk that knows none, or another one
        shutil.copyfile(file, target)
    target.chmod(0o600)


class PostgresRecord:
    kind: Kind = "postgresql"

    def __init__(self, url: URL) -> None:
        self._environment = {**os.environ, **environment_of(url)}
        self._name = url.render_as_string(hide_password=True)

    def revision(self) -> str:
        tables = self._ask("SELECT to_regclass('alembic_version')")
        found = self._ask(_REVISION) if tables else ""
        if not found:
            raise BadInput(_NO_TABLES, values={"path": self._name})
        return found

    def dump(self, target: Path) -> None:
        self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")

    def prove(self, dumped: Path) -> None:
        """To write it out as SQL reads each of its bytes, and their checks."""
        try:
            self._run("pg_restore", "--file=/dev/null", str(dumped))
        except Unavailable as error:
            raise torn(error.values["error"]) from error

    def check_unused(self) -> None:
        count = self._ask(_OTHERS)
        if count != "0":
            raise Conflict(_IN_USE, code="record_in_use", values={"count": count})

    def put_back(self, dumped: Path, aside: Path) -> None:
        if self._ask("SELECT to_regclass('alembic_version')"):
            self.dump(aside / "record")
        clear, script = aside / "clear.sql", aside / "record.sql"
        try:
            clear.write_text(_CLEAR, "utf-8")
            options = ("--no-owner", "--no-privileges", f"--file={script}")
            self._run("pg_restore", *options, str(dumped))
            files = (f"--file={clear}", f"--file={script}")
            self._run("psql", *_STRICT, "--quiet", "--single-transaction", *files)
        finally:
            clear.unlink(missing_ok=True)
            script.unlink(missing_ok=True)

    def _ask(self, query: str) -> str:
        return self._run("psql", *_STRICT, "--tuples-only", "--no-align", f"--command={query}")

    def _run(self, program: str, *arguments: str) -> str:
        """What it prints; the password stands in its environment, not in what `ps` shows."""
        try:
            done = subprocess.run(  # noqa: S603
                [program, *arguments],
                env=self._environment,
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=PROGRAM_TIMEOUT_S,
                check=True,
            )
        except FileNotFoundError as error:
            raise Unavailable(_NO_PROGRAM, values={"program": program}) from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip()[-500:]
            raise Unavailable(_FAILED, values={"program": program, "error": said}) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(_FAILED, values={"program": program, "error": error}) from error
        return done.stdout.strip()


# No ~/.psqlrc, and the first error is the last.
_STRICT = ("--no-psqlrc", "--set=ON_ERROR_STOP=1")


def environment_of(url: URL) -> Mapping[str, str]:
    """How PostgreSQL's own programs are told where a database is (libpq, environment variables)."""
    query = {
        name: value if isinstance(value, str) else value[0] for name, value in url.query.items()
    }
    given = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": query.get("ssl") or query.get("sslmode"),
        "PGCONNECT_TIMEOUT": "10",
    }
    return {name: str(value) for name, value in given.items() if value}
