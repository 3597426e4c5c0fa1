"""What a database's failure means to the rest of the program."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import NoReturn

from sqlalchemy import exc

from confhub.errors import N_, BadInput, Conflict, Unavailable

_IN_USE = N_("Giá trị này đã được dùng. Xin chọn giá trị khác.")
_MISSING = N_("Mục được nhắc đến không tồn tại hoặc vẫn đang được dùng ở nơi khác.")
_TOO_LONG = N_("Có mục dài quá mức cho phép hoặc chứa ký tự không dùng được.")
_REFUSED = N_(
    "Máy chủ cơ sở dữ liệu không cho vào. Xin xem lại tên, mật khẩu và cơ sở dữ liệu ở “database”."
)
_FULL = N_(
    "Ổ đĩa của máy chủ đã đầy nên không lưu được. Xin báo cán bộ kỹ thuật dọn ổ đĩa rồi thử lại."
)
_DAMAGED = N_("Tệp cơ sở dữ liệu bị hỏng hoặc không phải của confhub. Xin khôi phục từ bản sao.")
# Of a form that carries the id of what it makes.
FORM_USED = N_(
    "Biểu mẫu này đã dùng để ghi một mục khác. Nếu cần ghi thêm mục này, xin xem lại rồi bấm nút"
    " lần nữa."
)

# SQLSTATE classes that pass by themselves: connection, transaction rollback (deadlock),
# resources, object state (locked), operator intervention (timeouts, shutdown).
_PASSING_CLASSES = ("08", "25", "40", "53", "55", "57")
# Who we are, and which database: wrong in the settings until somebody mends them.
_REFUSING_CLASSES = ("28", "3D")
# Locked, or the disk is away or read only.
_PASSING_SQLITE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
)


@contextlib.contextmanager
def translated(in_use: str | None = None) -> Iterator[None]:
    """Turn failures of the database into errors of ours; `in_use` words a broken uniqueness.

    A mistake in our own SQL passes through unchanged: it is a defect, not a condition.
    """
    try:
        yield
    except exc.IntegrityError as error:
        _raise_integrity(error, in_use)
    except exc.DBAPIError as error:
        _raise_database(error)
    except sqlite3.Error as error:
        _raise_sqlite(error, error)
    except (exc.TimeoutError, TimeoutError, OSError) as error:
        raise Unavailable(code="store_unavailable") from error
    except UnicodeEncodeError as error:  # half a surrogate pair; asyncpg has a DataError for it
        raise BadInput(_TOO_LONG, code="bad_value") from error


def _raise_integrity(error: exc.IntegrityError, in_use: str | None) -> NoReturn:
    state = getattr(error.orig, "sqlstate", None)
    name = getattr(error.orig, "sqlite_errorname", "")
    if state == "23505" or name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
        raise Conflict(in_use or _IN_USE, code="in_use") from error
    if state == "23503" or name == "SQLITE_CONSTRAINT_FOREIGNKEY":
        raise BadInput(_MISSING, code="missing_reference") from error
    raise error


def _raise_database(error: exc.DBAPIError) -> NoReturn:
    if isinstance(error.orig, sqlite3.Error):
        _raise_sqlite(error, error.orig)
    state = getattr(error.orig, "sqlstate", None) or ""
    if state[:2] == "22":
        raise BadInput(_TOO_LONG, code="bad_value") from error
    if state == "53100":  # disk_full
        raise Unavailable(_FULL, code="store_full") from error
    if state[:2] in _REFUSING_CLASSES:
        raise Unavailable(_REFUSED, code="store_refused") from error
    if state[:2] in _PASSING_CLASSES or error.connection_invalidated:
        raise Unavailable(code="store_unavailable") from error
    if not state and isinstance(error, exc.OperationalError | exc.InterfaceError):
        raise Unavailable(code="store_unavailable") from error
    raise error


def _raise_sqlite(error: Exception, cause: sqlite3.Error) -> NoReturn:
    # The low byte is the primary code; errors of the driver itself carry none.
    code = (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        raise Unavailable(_DAMAGED, code="store_damaged") from error
    if code == sqlite3.SQLITE_FULL:
        raise Unavailable(_FULL, code="store_full") from error
    if code in _PASSING_SQLITE or (not code and isinstance(cause, sqlite3.OperationalError)):
        raise Unavailable(code="store_unavailable") from error
    raise error
