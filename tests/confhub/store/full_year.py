"""A year's plan in a SQLite file, written past the triggers that index its words."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Sequence

from confhub.config import Settings
from tests.confhub.store.country import NOW


def fill_year(
    settings: Settings,
    count: int,
    hosts: Sequence[str],
    sites: Sequence[str],
    *,
    words: bool = False,
) -> None:
    """`count` meetings of an hour, evenly over the year from NOW on, hosts in turn, each inviting
    all the sites; `words`: to be found by those of their titles too."""
    step = dt.timedelta(days=365) / count
    meetings, invitations = [], []
    for number in range(count):
        starts = NOW + step * (number + 1)
        ends = starts + dt.timedelta(hours=1)
        times = [f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (starts, ends)]
        row_id, host = f"year{number:012}", hosts[number % len(hosts)]
        title = f"Họp giao ban số {number} về phát triển kinh tế xã hội"
        meetings.append((row_id, title, "district", host, sites[0], "", *times, "scheduled"))
        invitations += [(row_id, site, place) for place, site in enumerate(sites)]
    columns = "id, title, level_id, host_unit_id, chair_site_id, chair_name, starts_at, ends_at"
    columns += ", status, status_reason, note, created_by, version"
    place = f"{settings.data_dir}/confhub.db"
    with contextlib.closing(sqlite3.connect(place)) as database, database:
        if not words:
            database.execute("DROP TRIGGER search_meeting_insert")
        marks = ", ".join("?" * 9)
        database.executemany(
            f"INSERT INTO meeting ({columns}) VALUES ({marks}, '', '', '', 1)",
            meetings,
        )
        database.executemany(
            "INSERT INTO invitation (meeting_id, site_id, position) VALUES (?, ?, ?)", invitations
        )
