"""Where the record is."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from confhub.config import Settings
from confhub.errors import N_, BadInput

_UNKNOWN = N_("Địa chỉ cơ sở dữ liệu phải bắt đầu bằng sqlite:/// hoặc postgresql://.")


def database_url(settings: Settings) -> URL:
    """The database's address; empty in the settings means a SQLite file in `data_dir`."""
    if not settings.database:
        return URL.create("sqlite", database=str(Path(settings.data_dir) / "confhub.db"))
    try:
        url = make_url(settings.database)
        kind = url.get_backend_name()
    except ArgumentError:
        raise BadInput(_UNKNOWN, code="bad_database") from None
    if kind not in ("sqlite", "postgresql") or (kind == "sqlite" and not sqlite_file(url)):
        raise BadInput(_UNKNOWN, code="bad_database")
    return url


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite address; None for an address in memory or of another database."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))
