"""Long lists in pages of a fixed size: `?start=` counts rows from 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from confhub.words.texts import small_number

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of `total` rows; `start` is the first one's number, within them."""

    start: int
    size: int
    total: int

    @property
    def shown(self) -> int:
        return min(self.size, self.total - self.start)

    @property
    def previous(self) -> int | None:
        return max(self.start - self.size, 0) if self.start else None

    @property
    def following(self) -> int | None:
        following = self.start + self.size
        return following if following < self.total else None

    @property
    def is_needed(self) -> bool:
        return self.total > self.size

    def cut(self, rows: Sequence[T]) -> Sequence[T]:
        """This page's of all rows."""
        return rows[self.start : self.start + self.size]


def asked_start(request: web.Request) -> int:
    """`?start=`, or 0 where that is nonsense; it may be behind the end."""
    return small_number(request.query.get("start", "")) or 0


def asked_page(request: web.Request, total: int, size: int) -> Paging:
    """The page of `?start=`; the first one where that is nonsense or behind the end."""
    start = asked_start(request)
    return Paging(start if start < total else 0, size, total)


def page_with(row: int, total: int, size: int) -> Paging:
    """The page that holds a row."""
    return Paging(row // size * size, size, total)
