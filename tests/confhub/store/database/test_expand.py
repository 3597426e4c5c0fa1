"""Migrations expand: hubs of the version before go on while, and after, a newer one migrates.

The rule stands over the migration files, is proved with what a program of each revision reads and
writes, and with a hub that serves PostgreSQL while the database moves under it.
"""

from __future__ import annotations

import ast
import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from sqlalchemy import JSON, Connection, MetaData, Table, insert, select, text, types, update

from confhub.config import Settings
from confhub.errors import Conflict
from confhub.store import Store, open_store
from confhub.store.database.migration import alembic_config, migrate
from confhub.words.texts import fold
from tests.confhub.store.country import found_country
from tests.confhub.store.database.test_migration import (
    REVISIONS,
    SCRIPT,
    connected,
    is_of_search,
    upgrade_to,
)
from tests.servers import PostgresServer
from tests.waiting import until

VERSIONS = Path(SCRIPT.versions)
FILES = sorted(VERSIONS.glob("r[0-9]*.py"))
# What an older program would trip over, wherever it stands in a migration. A migration that
# contracts says so with `contracts = "…"`: the revision since which no program needs what goes.
CONTRACTING = {
    "drop_table",
    "drop_column",
    "drop_table_comment",
    "rename_table",
    "create_check_constraint",
    "create_unique_constraint",
    "create_foreign_key",
    "create_exclude_constraint",
    "create_primary_key",
}
WIDER = {("Integer", "BigInteger"), ("String", "Text"), ("String", "String")}
MOMENT = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def is_false(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def type_name(value: ast.expr | None) -> str:
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return ""
    return value.func.attr


def narrowing(source: str) -> list[str]:
    """What a migration does that a program of the version before may trip over."""
    tree = ast.parse(source)
    made = {
        call.args[0].value
        for name, call in calls(tree)
        if name == "create_table" and isinstance(call.args[0], ast.Constant)
    }
    in_new_tables = {
        id(column)
        for name, call in calls(tree)
        if name == "create_table"
        for _, column in calls(call)
    }
    wrong: list[str] = []
    for name, call in calls(tree):
        said = ast.unparse(call)
        if name in CONTRACTING:
            wrong.append(said)
        elif name == "Column" and id(call) not in in_new_tables:
            if is_false(keyword(call, "nullable")) and keyword(call, "server_default") is None:
                wrong.append(said)
        elif name == "create_index" and not is_false(keyword(call, "unique")):
            table = call.args[1] if len(call.args) > 1 else None
            is_new = isinstance(table, ast.Constant) and table.value in made
            if keyword(call, "unique") is not None and not is_new:
                wrong.append(said)
        elif name == "alter_column":
            change = type_name(keyword(call, "existing_type")), type_name(keyword(call, "type_"))
            if (
                keyword(call, "new_column_name") is not None
                or is_false(keyword(call, "nullable"))
                or (change[1] and change not in WIDER)
            ):
                wrong.append(said)
        elif name == "execute":
            words = set(fold(said).upper().replace("(", " ").split())
            if words & {"ALTER", "DROP", "RENAME", "TRUNCATE"}:
                wrong.append(said)
    return wrong


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_migration_expands_or_says_that_it_contracts(file: Path) -> None:
    source = file.read_text("utf-8")
    revision = next(one for one in SCRIPT.walk_revisions() if Path(one.path) == file)
    contracts: str | None = getattr(revision.module, "contracts", None)
    if contracts is None:
        assert narrowing(source) == []
        return
    # One revision lies between: the version in which nothing used it any more.
    assert REVISIONS.index(contracts) + 2 <= REVISIONS.index(revision.revision)


@pytest.mark.parametrize(
    "narrow",
    [
        'op.drop_column("account", "role")',
        'op.drop_table("audit")',
        'op.rename_table("audit", "acts")',
        'op.add_column("account", sa.Column("title", sa.Text(), nullable=False))',
        'op.alter_column("account", "name", new_column_name="title")',
        'op.alter_column("account", "name", nullable=False)',
        'op.alter_column("a", "b", existing_type=sa.BigInteger(), type_=sa.Integer())',
        'op.create_index("ix", "account", ["name"], unique=True)',
        'op.create_unique_constraint("uq", "account", ["name"])',
        'op.execute("ALTER TABLE account DROP COLUMN role")',
    ],
)
def test_what_an_older_program_trips_over_is_found(narrow: str) -> None:
    assert narrowing(narrow) != []


@pytest.mark.parametrize(
    "wide",
    [
        'op.add_column("account", sa.Column("title", sa.Text(), nullable=True))',
        'op.create_index("ix", "account", ["name"], unique=False)',
        'op.execute("UPDATE account SET title = name")',
        'op.create_table("a", sa.Column("b", sa.Text(), nullable=False))\n'
        'op.create_index("ix", "a", ["b"], unique=True)',
        'op.alter_column("a", "b", existing_type=sa.Integer(), type_=sa.BigInteger())',
    ],
)
def test_what_only_adds_is_no_fault(wide: str) -> None:
    assert narrowing(wide) == []


def value_of(column_type: types.TypeEngine[Any]) -> object:
    """Some value of a type, as long as a short text fits."""
    plain: list[tuple[type[types.TypeEngine[Any]], object]] = [
        (types.Boolean, True),
        (types.Integer, 7),
        (types.Numeric, 7),
        (types.DateTime, MOMENT),
        (types.Date, MOMENT.date()),
        (types.LargeBinary, b"x"),
        (JSON, {}),
        (types.String, "x"),
    ]
    return next(value for kind, value in plain if isinstance(column_type, kind))


def write_as_of(connection: Connection, known: MetaData) -> None:
    """What a program does that knows these tables: a row in each, read back and changed."""
    for table in known.sorted_tables:
        row = {
            column.name: "x" if column.foreign_keys else value_of(column.type)
            for column in table.columns
            if not (column.nullable and column.foreign_keys)
        }
        connection.execute(insert(table), row)
        connection.execute(select(*table.columns)).one()
        connection.execute(update(table).values({name: row[name] for name in row}))


@pytest.mark.parametrize("revision", REVISIONS[:-1])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_program_of_an_older_revision_reads_and_writes_on_the_newest(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, revision: str
) -> None:
    settings = Settings(data_dir=str(tmp_path))
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgresql_server")
        settings = Settings(data_dir=str(tmp_path), database=server.new_database())
    else:
        (tmp_path / "confhub.db").touch()
    await upgrade_to(settings, revision)
    known = MetaData()
    async with connected(settings) as engine, engine.connect() as connection:
        await connection.run_sync(known.reflect, only=lambda name, _: not is_of_search(name))
    known.remove(Table("alembic_version", known))
    await upgrade_to(settings, "head")
    async with connected(settings) as engine, engine.begin() as connection:
        await connection.run_sync(write_as_of, known)


NEWER = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {change}
"""
EXPANDS = 'op.add_column("account", sa.Column("title", sa.Text(), nullable=True))'
CONTRACTS = 'op.drop_column("account", "language")'


async def migrate_as_newer(
    settings: Settings, folder: Path, change: str, patch: pytest.MonkeyPatch
) -> None:
    """What the hub of a version does that has one more migration than this one."""
    (folder / "newer.py").write_text(NEWER.format(head=REVISIONS[-1], change=change))

    def newer() -> Config:
        config = alembic_config()
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{VERSIONS}\n{folder}")
        return config

    with patch.context() as patched:
        patched.setattr("confhub.store.database.migration.alembic_config", newer)
        assert (await migrate(settings)).after == "next"


async def test_a_hub_serves_while_a_newer_one_migrates_behind_a_dump(
    postgresql_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(postgresql_settings)
    country = await found_country(store)
    (tmp_path / "newer").mkdir()
    served: list[int] = []
    migrated = asyncio.Event()

    async def serve() -> None:
        while not migrated.is_set():
            await use(store, country.province)
            served.append(len(served))

    serving = asyncio.create_task(serve())
    async with connected(postgresql_settings) as engine:
        async with engine.begin() as dump:
            await dump.execute(text("SELECT count(*) FROM account"))  # its lock stays
            migrating = asyncio.create_task(
                migrate_as_newer(postgresql_settings, tmp_path / "newer", EXPANDS, monkeypatch)
            )
            before = len(served)

            async def is_held_back() -> bool:
                locks = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL"
                async with engine.connect() as watching:
                    return bool((await watching.execute(text(locks))).scalar())

            await until(is_held_back)

            async def goes_on() -> bool:
                return len(served) > before + 20

            await until(goes_on)
            assert not migrating.done()
        await migrating
    migrated.set()
    await serving  # no call of the hub failed meanwhile
    await use(store, country.province)
    await store.close()
    # It may start again, and the newer one is not undone.
    again = await open_store(postgresql_settings)
    await use(again, country.province)
    await again.close()


async def use(store: Store, unit_id: str) -> None:
    await store.audit.write("test.served", at=MOMENT)
    await store.accounts.list()
    await store.sites.list([unit_id])


async def test_what_a_newer_version_took_away_stops_an_older_hub_at_its_start(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "newer").mkdir()
    await migrate_as_newer(settings, tmp_path / "newer", CONTRACTS, monkeypatch)
    with pytest.raises(Conflict) as refused:
        await open_store(settings)
    assert refused.value.code == "database_newer"


def test_alembic_finds_the_migrations_by_their_names() -> None:
    assert len(FILES) == len(REVISIONS)
