"""What the tables are made of: their common metadata, ids, references and instants."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, MetaData, String, Text, TypeDecorator

from confhub.meetings import sitting
from confhub.meetings.sitting import Sitting

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC datetime on both databases; a naive value is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        stored: dt.datetime = value
        return stored.replace(tzinfo=dt.UTC) if stored.tzinfo is None else stored.astimezone(dt.UTC)


class Sittings(TypeDecorator[tuple[Sitting, ...]]):
    """The sittings of a meeting, in the meeting's own row: whoever reads it has them. Where a
    column may be null, that stays None."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return value if value is None or isinstance(value, str) else sitting.written(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Sitting, ...] | None:
        return sitting.read(value) if value is not None else None


def own_id() -> Column[str]:
    return Column("id", String(16), primary_key=True)


def reference(name: str, target: str, *, nullable: bool = False, **kw: Any) -> Column[str]:
    return Column(name, String(16), ForeignKey(target), nullable=nullable, **kw)
