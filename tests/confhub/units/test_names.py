"""What units and sites are called on a day."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.units.names import Before, Called, site_on, unit_name_on

FIRST, SECOND, THIRD = (dt.date(2026, 12, day) for day in (5, 10, 15))
DAY = dt.timedelta(days=1)
NAMES = [(SECOND, "Phường"), (FIRST, "Xã"), (THIRD, "Đặc khu")]


@pytest.mark.parametrize(
    ("names", "on", "name"),
    [
        (NAMES, FIRST - 30 * DAY, "Xã"),  # before the first
        (NAMES, FIRST, "Xã"),
        (NAMES, SECOND - DAY, "Xã"),
        (NAMES, SECOND, "Phường"),
        (NAMES, THIRD, "Đặc khu"),
        (NAMES, THIRD + 9999 * DAY, "Đặc khu"),  # long after it ended
        ([(dt.date.min, "Xã")], dt.date.min, "Xã"),
        ([(dt.date.min, "Xã")], dt.date.max, "Xã"),
    ],
)
def test_a_unit_has_the_name_that_holds_on_the_day(
    names: list[tuple[dt.date, str]], on: dt.date, name: str
) -> None:
    assert unit_name_on(names, on) == name


NOW = Called("Hội trường", "phường")
CHANGES = [
    Before(FIRST, name="Phòng 1"),
    Before(SECOND, unit_id="xã"),
    Before(THIRD, name="Phòng 2"),  # twice in a day: by noon it was called otherwise
    Before(THIRD, name="Phòng 3"),
]


@pytest.mark.parametrize(
    ("changes", "on", "called"),
    [
        ([], FIRST, NOW),
        (CHANGES, FIRST - DAY, Called("Phòng 1", "xã")),
        (CHANGES, FIRST, Called("Phòng 2", "xã")),  # the last of a day is that day's
        (CHANGES, SECOND, Called("Phòng 2", "phường")),
        (CHANGES, THIRD - DAY, Called("Phòng 2", "phường")),
        (CHANGES, THIRD, NOW),
        (CHANGES, THIRD + DAY, NOW),
    ],
)
def test_a_site_is_called_as_it_was_at_the_end_of_the_day(
    changes: list[Before], on: dt.date, called: Called
) -> None:
    assert site_on(NOW, changes, on) == called
