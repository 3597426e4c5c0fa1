"""Dates as people write them."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.errors import BadInput
from confhub.words.dates import read_date


@pytest.mark.parametrize("text", ["2025-07-01", "01/07/2025", "1/7/2025", " 2025-7-1 "])
def test_both_ways_to_write_a_day(text: str) -> None:
    assert read_date(text) == dt.date(2025, 7, 1)


def test_no_date_is_none() -> None:
    assert read_date("") is None


@pytest.mark.parametrize(
    "text",
    ["01/01/0001", "31/12/9999", "0001-01-01", "9999-12-31", "30/02/2025", "1/7/25", "20250701",
     "2025-W27-2", "٠١/٠٧/٢٠٢٥", "45839", "hôm nay"],
)  # fmt: skip
def test_other_texts_and_the_ends_of_the_calendar_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_date(text)
