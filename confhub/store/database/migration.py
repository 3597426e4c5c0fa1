"""Bringing a database up to date, by Alembic, from within the package."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import logging
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from confhub.config import Settings
from confhub.errors import N_, Conflict, Unavailable
from confhub.store.database.ahead import hindrances
from confhub.store.database.backups import back_up
from confhub.store.database.engines import SQLITE_BEGIN, postgresql_engine, sqlite_engine
from confhub.store.database.failures import translated
from confhub.store.database.location import database_url, sqlite_file
from confhub.words.failures import why

log = logging.getLogger(__name__)

# A migration may build a large table anew; hubs that start together wait for one another.
MIGRATION_TIMEOUT_S = 600
# Putting a file in write-ahead mode takes a moment, for each of the hubs that start together.
WAL_TIMEOUT_S = 10.0
WAL_RETRY_S = 0.02
# Longer than any statement of a page takes by far, shorter than anybody waits for a page.
TABLE_LOCK = "2s"
LOCK_RETRY_S = 1.0
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A
# Any number, as long as every hub asks for the same one: "conf" in ASCII.
_ADVISORY_LOCK = 0x636F6E66

_NEWER = N_(
    "Cơ sở dữ liệu thuộc một phiên bản mới hơn (%(revision)s). Xin cài phiên bản confhub mới hơn."
)
_FOREIGN = N_(
    "Cơ sở dữ liệu đã có bảng nhưng không do confhub tạo ra. Xin dùng cơ sở dữ liệu khác."
)
_NO_COPY = N_("Không sao lưu được cơ sở dữ liệu vào %(path)s nên chưa nâng cấp: %(error)s")
_NO_FILE = N_("Không ghi được tệp cơ sở dữ liệu %(path)s: %(error)s")


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration did: nothing if `before` equals `after`."""

    before: str | None  # revision found; None: an empty database
    after: str
    backup: Path | None  # the copy made before, of a SQLite file that held something


async def migrate(settings: Settings) -> Migration:
    """Bring the database at `settings.database` up to date, in one transaction.

    One that is up to date already, or ahead of this program and still fit for it, is only read, so
    that nobody's writing delays a start. A SQLite file is made readable by its owner only, and
    copied to data_dir/backups before a migration changes it. Hubs that start at once take turns.
    Conflict if the database is too new for this program or not ours; Unavailable if it cannot be
    reached.
    """
    url = database_url(settings)
    file = sqlite_file(url)
    if file is None:
        engine = postgresql_engine(
            url,
            statement_timeout_s=MIGRATION_TIMEOUT_S,
            lock_timeout_s=MIGRATION_TIMEOUT_S,
            silent_s=MIGRATION_TIMEOUT_S,  # it computes between its statements
        )
    else:
        _make_private(file)
        engine = sqlite_engine(url, foreign_keys=False, lock_timeout_s=MIGRATION_TIMEOUT_S)
    script = _steps(alembic_config())
    backups = Path(settings.data_dir) / "backups"
    try:
        with translated():
            if file is not None:
                await asyncio.to_thread(_write_ahead, file)
            async with _reading(engine).connect() as connection:
                found = await connection.run_sync(_revision, script)
            if found is not None and (
                found == script.get_current_head() or _is_ahead(script, found)
            ):
                return Migration(found, found, None)
            return await _upgrade_between_others(engine, script, file, backups)
    finally:
        await engine.dispose()


def alembic_config() -> Config:
    """Alembic's settings; `attributes["connection"]` is what its environment works on."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config


def head_revision() -> str:
    """To which this program brings tables up to date."""
    (head,) = _steps(alembic_config()).get_heads()
    return head


def is_known(revision: str) -> bool:
    """Whether this program can bring tables of that revision up to date."""
    return not _is_ahead(_steps(alembic_config()), revision)


def _steps(config: Config) -> ScriptDirectory:
    """The migrations, which no running program changes: to read their files takes 40 ms."""
    return _read_steps(tuple(config.get_section(config.config_ini_section, {}).items()))


@functools.cache
def _read_steps(options: tuple[tuple[str, str], ...]) -> ScriptDirectory:
    config = Config()
    for name, value in options:
        config.set_main_option(name, value)
    return ScriptDirectory.from_config(config)


def _reading(engine: AsyncEngine) -> AsyncEngine:
    return engine.execution_options(**{SQLITE_BEGIN: "BEGIN"})


async def _upgrade_between_others(
    engine: AsyncEngine, script: ScriptDirectory, file: Path | None, backups: Path
) -> Migration:
    """Hubs that serve queue behind a table that waits for its lock, so it waits for no long reader
    (a dump): it lets them all pass, and tries again."""
    deadline = time.monotonic() + MIGRATION_TIMEOUT_S
    while True:
        try:
            async with engine.begin() as connection:
                return await _upgrade(connection, script, file, backups)
        except DBAPIError as error:
            is_held = getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
            if not is_held or time.monotonic() > deadline:
                raise
            log.info("the migration waits: a table is in use for longer than %s", TABLE_LOCK)
        await asyncio.sleep(LOCK_RETRY_S)


async def _upgrade(
    connection: AsyncConnection, script: ScriptDirectory, file: Path | None, backups: Path
) -> Migration:
    if file is None:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        await connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_LOCK}'"))
    (after,) = script.get_heads()
    before = await connection.run_sync(_revision, script)
    if before is not None and (before == after or _is_ahead(script, before)):
        return Migration(before, before, None)
    backup = None
    if file is not None and before is not None:
        backup = await asyncio.to_thread(_back_up, file, backups, before)
    await connection.run_sync(_run)
    if file is not None:
        await _check_references(connection)
    return Migration(before, after, backup)


def _back_up(file: Path, folder: Path, revision: str) -> Path:
    try:
        return back_up(file, folder, dt.datetime.now(dt.UTC), revision)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(
            _NO_COPY, code="no_backup", values={"path": folder, "error": error}
        ) from error


def _revision(connection: Connection, script: ScriptDirectory) -> str | None:
    before = MigrationContext.configure(connection).get_current_revision()
    if before is None:
        if inspect(connection).get_table_names():
            raise Conflict(_FOREIGN, code="database_foreign")
        return None
    if _is_ahead(script, before):
        wrong = hindrances(connection)
        if wrong:
            log.error("the database is at %s: %s", before, "; ".join(wrong))
            raise Conflict(_NEWER, code="database_newer", values={"revision": before})
        log.warning("the database is at %s, ahead of this program, which works on", before)
    return before


def _is_ahead(script: ScriptDirectory, revision: str) -> bool:
    """Whether a program newer than this one migrated the database."""
    try:
        script.get_revision(revision)
    except CommandError:
        return True
    return False


def _run(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _check_references(connection: AsyncConnection) -> None:
    # They are not enforced while tables are built anew, so look before it is committed.
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if broken is not None:
        raise RuntimeError(f"the migration leaves a dangling reference in {broken[0]}")


def _write_ahead(file: Path) -> None:
    """Put the file in write-ahead mode, in which it stays.

    The switch needs the file alone, and SQLite fails at once where it is not. A connection of
    the engine's would also keep the file to itself if its task were cancelled just then.
    """
    deadline = time.monotonic() + WAL_TIMEOUT_S
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
                return
            except sqlite3.OperationalError as error:
                if not _is_taken(error) or time.monotonic() > deadline:
                    raise
            time.sleep(WAL_RETRY_S)


def _is_taken(error: sqlite3.Error) -> bool:
    # The low byte is the primary code.
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _make_private(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        file.chmod(0o600)  # its journals take the same mode
    except OSError as error:
        raise Unavailable(
            _NO_FILE, code="store_unavailable", values={"path": file, "error": why(error)}
        ) from error
