"""What a change did to a thing: old and new values by name, for the record. Pure.

A thing's table says which of its values are told, so that what is secret (a password's hash, a
token) is not on record by oversight: whatever a table does not name stays out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from confhub.trail.entry import Changes

T = TypeVar("T")
Table = Mapping[str, Callable[[T], Any]]


def changed(before: T | None, after: T | None, table: Table[T]) -> Changes:
    """By name, where they differ; None stands for what was not there, or is no more. Values as
    JSON has them, moments in UTC as ISO 8601. Of a new thing what is empty is left out."""
    found: dict[str, tuple[Any, Any]] = {}
    for name, value in table.items():
        old, new = (None if one is None else _plain(value(one)) for one in (before, after))
        if old != new and (before is not None or new not in ("", [], False)):
            found[name] = (old, new)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value
