"""Long lists in pages."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from web.rendering.paging import Paging, asked_page, page_with


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        ("", 0),
        ("?start=50", 50),
        ("?start=119", 119),
        ("?start=120", 0),
        ("?start=-1", 0),
        ("?start=x", 0),
        ("?start=٥", 0),
        ("?start=" + "9" * 5_000, 0),
    ],
)
def test_a_page_begins_where_it_is_asked_for_or_at_the_front(asked: str, start: int) -> None:
    assert asked_page(make_mocked_request("GET", f"/sites{asked}"), 120, 50).start == start


def test_a_page_knows_its_neighbours_and_its_rows() -> None:
    rows = list(range(120))
    first, last = Paging(0, 50, 120), Paging(100, 50, 120)
    assert (first.previous, first.following, first.cut(rows)) == (None, 50, rows[:50])
    assert (last.previous, last.following, last.shown) == (50, None, 20)
    assert first.is_needed
    assert not Paging(0, 50, 50).is_needed
    assert page_with(99, 120, 50).start == 50
