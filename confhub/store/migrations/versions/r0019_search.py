"""The words of meetings, units, sites and people, kept true by triggers of the database.

Also what a hub of an older version writes is found. SQLite has its FTS5 over the table, PostgreSQL
an index over an expression; neither needs an extension that a server may lack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# A piece is some tens of milliseconds.
PIECE = 1_000

_MARKS = "".join(map(chr, range(0x300, 0x370)))  # combining: what is not composed
_LETTERS = {
    "a": "àáảãạăằắẳẵặâầấẩẫậ",
    "d": "đ",
    "e": "èéẻẽẹêềếểễệ",
    "i": "ìíỉĩị",
    "o": "òóỏõọôồốổỗộơờớởỡợ",
    "u": "ùúủũụưừứửữự",
    "y": "ỳýỷỹỵ",
}
_FROM = "".join(both for one in _LETTERS.values() for both in (one, one.upper()))
_TO = "".join(plain * 2 * len(one) for plain, one in _LETTERS.items())

# What is found by which words: a row of this for each subject.
SOURCES: Mapping[str, str] = {
    "meeting": """SELECT m.id, m.title || ' ' || m.chair_name || ' ' || coalesce((
            SELECT {join}(a.title || ' ' || a.presenter, ' ')
            FROM agenda_item a WHERE a.meeting_id = m.id), '') || ' ' || coalesce((
            SELECT {join}(n.name, ' ') FROM unit_name n WHERE n.unit_id = m.host_unit_id), '')
        FROM meeting m WHERE m.id {which}""",
    "unit": """SELECT u.id, coalesce((
            SELECT {join}(n.name, ' ') FROM unit_name n WHERE n.unit_id = u.id), '')
            || ' ' || coalesce((
            SELECT {join}(c.code, ' ') FROM unit_code c WHERE c.unit_id = u.id), '')
        FROM unit u WHERE u.id {which}""",
    "site": """SELECT s.id, s.name || ' ' || s.code || ' ' || s.contact_name || ' '
            || s.technician_name || ' ' || coalesce((
            SELECT {join}(n.name, ' ') FROM unit_name n WHERE n.unit_id = s.unit_id), '')
        FROM site s WHERE s.id {which}""",
    "person": """SELECT p.id, p.name || ' ' || p.title || ' ' || p.phone || ' ' || p.email
        FROM person p WHERE p.account_id IS NULL AND p.id {which}""",
    "account": """SELECT a.id, a.name || ' ' || a.login || ' ' || coalesce((
            SELECT p.title || ' ' || p.phone || ' ' || p.email
            FROM person p WHERE p.account_id = a.id), '')
        FROM account a WHERE a.id {which}""",
}
# By table: whose words a row changes. {row}: OLD or NEW.
TOUCHES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "meeting": (("meeting", "= {row}.id"),),
    "agenda_item": (("meeting", "= {row}.meeting_id"),),
    "unit": (("unit", "= {row}.id"),),
    "unit_name": (
        ("unit", "= {row}.unit_id"),
        ("site", "IN (SELECT id FROM site WHERE unit_id = {row}.unit_id)"),
        ("meeting", "IN (SELECT id FROM meeting WHERE host_unit_id = {row}.unit_id)"),
    ),
    "unit_code": (("unit", "= {row}.unit_id"),),
    "site": (("site", "= {row}.id"),),
    "person": (("person", "= {row}.id"), ("account", "= {row}.account_id")),
    "account": (("account", "= {row}.id"),),
}
# Changes of other columns touch no words.
COLUMNS: Mapping[str, str] = {
    "meeting": "title, chair_name, host_unit_id",
    "site": "name, code, contact_name, technician_name, unit_id",
    "unit": "id",
    "account": "name, login",
}


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_search_entry_kind_subject")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _sqlite() if is_sqlite else _postgresql():
        op.execute(sa.text(statement.replace(":", "\\:")))
    _fill(is_sqlite=is_sqlite)


def _folded(text: str, *, is_sqlite: bool) -> str:
    """Lower case without diacritics; SQLite's index does all of it but the đ by itself."""
    if is_sqlite:
        return f"replace(replace({text}, 'đ', 'd'), 'Đ', 'D')"
    return f"confhub_folded({text})"


def _write(kind: str, which: str, *, is_sqlite: bool) -> str:
    source = SOURCES[kind].format(which=which, join="group_concat" if is_sqlite else "string_agg")
    # The kind is a word too, so that the index itself leaves out all others.
    words = f"'qk{kind} ' || " + _folded("words", is_sqlite=is_sqlite)
    return (
        f"INSERT INTO search_entry (kind, subject, words) SELECT '{kind}', id, {words}"  # noqa: S608
        f" FROM (SELECT NULL AS id, NULL AS words WHERE 1 = 0 UNION ALL {source}) AS found"
        " WHERE true ON CONFLICT (kind, subject) DO UPDATE SET words = excluded.words"
    )


def _forget(kind: str, which: str) -> str:
    return f"DELETE FROM search_entry WHERE kind = '{kind}' AND subject {which}"  # noqa: S608


def _steps(table: str, row: str, *, gone: bool, is_sqlite: bool) -> Iterator[str]:
    """What a row of a table that came, changed or went does to the words."""
    for kind, which in TOUCHES[table]:
        if gone and kind == table:
            yield _forget(kind, which.format(row=row))
        else:
            yield _write(kind, which.format(row=row), is_sqlite=is_sqlite)


def _sqlite() -> Iterator[str]:
    yield (
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_entry',"
        " content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3',"
        " detail='none')"
    )
    add = "INSERT INTO search_index (rowid, words) VALUES (new.id, new.words)"
    forget = (
        "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', old.id, old.words)"
    )
    for event, body in (
        ("INSERT", f"{add};"),
        ("DELETE", f"{forget};"),
        ("UPDATE OF words", f"{forget}; {add};"),
    ):
        name = event.split()[0].lower()
        yield (f"CREATE TRIGGER search_entry_{name} AFTER {event} ON search_entry BEGIN {body} END")
    for table in TOUCHES:
        update = f"UPDATE OF {COLUMNS[table]}" if table in COLUMNS else "UPDATE"
        for event, row in (("INSERT", "new"), (update, "new"), ("DELETE", "old")):
            gone = event == "DELETE"
            body = "; ".join(_steps(table, row, gone=gone, is_sqlite=True))
            name = event.split()[0].lower()
            yield (
                f"CREATE TRIGGER search_{table}_{name} AFTER {event} ON {table} BEGIN {body}; END"
            )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION confhub_folded(given text) RETURNS text LANGUAGE sql IMMUTABLE AS"
        f" $$ SELECT regexp_replace(lower(translate(given, '{_FROM}{_MARKS}', '{_TO}')),"
        " '[^a-z0-9]+', ' ', 'g') $$"
    )
    yield (
        "CREATE INDEX ix_search_entry_words ON search_entry"
        " USING gin (to_tsvector('simple'::regconfig, words))"
    )
    for table in TOUCHES:
        gone, there = (
            "; ".join(_steps(table, row, gone=row == "old", is_sqlite=False))
            for row in ("old", "new")
        )
        yield (
            f"CREATE FUNCTION confhub_search_{table}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN IF TG_OP = 'DELETE' THEN {gone}; ELSE {there}; END IF; RETURN NULL; END $$"
        )
        update = f"UPDATE OF {COLUMNS[table]}" if table in COLUMNS else "UPDATE"
        yield (
            f"CREATE TRIGGER search_{table} AFTER INSERT OR {update} OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION confhub_search_{table}()"
        )


def _fill(*, is_sqlite: bool) -> None:
    connection = op.get_bind()
    for kind in SOURCES:
        table = sa.table(kind, sa.column("id"))
        ids = list(connection.scalars(sa.select(table.c.id).order_by(table.c.id)))
        for start in range(0, len(ids), PIECE):
            piece = ids[start : start + PIECE]
            which = f"BETWEEN '{piece[0]}' AND '{piece[-1]}'"
            statement = _write(kind, which, is_sqlite=is_sqlite)
            connection.execute(sa.text(statement.replace(":", "\\:")))
