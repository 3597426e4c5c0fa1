"""A province's ordinary week, so that a picture of the schedule is not empty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from confhub.config import Settings
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.store import open_store

# Day of the week, hours from and to, title, code of the hosting site, status.
WEEK: tuple[tuple[int, float, float, str, str, MeetingStatus], ...] = (
    (0, 8, 9.5, "Giao ban đầu tuần của UBND tỉnh", "dbn", "scheduled"),
    (0, 14, 16, "Triển khai tiêm phòng đợt 4 cho gia súc", "dbn-npo", "scheduled"),
    (1, 8, 11, "Rà soát chuẩn nghèo đa chiều", "dbn", "scheduled"),
    (1, 15, 16, "Kiểm tra đường truyền trước hội nghị", "dbn-npo", "scheduled"),
    (2, 9, 10.5, "Tiến độ giải ngân vốn đầu tư công", "dbn", "scheduled"),
    (3, 13.5, 15.5, "Tập huấn ký số cho cán bộ xã", "dbn-npo", "scheduled"),
    (3, 14.5, 16, "Chuẩn bị kỳ họp HĐND tỉnh", "dbn", "cancelled"),
    (4, 8, 9.5, "Giao ban cuối tuần với các huyện", "dbn", "scheduled"),
    (4, 14, 15.5, "Phòng chống cháy rừng mùa khô", "dbn", "postponed"),
)


# Of weeks before and after, which of these there are.
OTHER_WEEKS: Mapping[int, tuple[int, ...]] = {
    -4: (0, 2, 7),
    -3: (0, 1, 5, 7),
    -2: (0, 4, 7),
    -1: (0, 1, 3, 7),
    1: (0, 2, 5, 7),
    2: (0, 4, 7),
    3: (0, 1, 7),
    4: (0, 7),
}


async def add_week(data_dir: Path) -> None:
    """Add the meetings of this week, and some of the weeks about it, to the demo in `data_dir`."""
    settings = Settings(data_dir=str(data_dir))
    zone = ZoneInfo(settings.timezone)
    today = dt.datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - dt.timedelta(days=today.weekday())
    store = await open_store(settings)
    try:
        sites = {site.code: site for site in await store.sites.list()}
        levels = {"dbn": "province", "dbn-npo": "district"}
        every = [(0, number) for number in range(len(WEEK))]
        every += [(week, number) for week, some in OTHER_WEEKS.items() for number in some]
        for week, number in every:
            day, start, end, title, code, status = WEEK[number]
            invited = [site.id for name, site in sites.items() if name.startswith(code)]
            host = sites[code]
            midnight = (monday + dt.timedelta(days=7 * week + day)).astimezone(dt.UTC)
            await store.meetings.add(
                Meeting(
                    id=f"week{week}n{number}",
                    title=title,
                    level_id=levels[code],
                    host_unit_id=host.unit_id,
                    chair_site_id=host.id,
                    starts_at=midnight + dt.timedelta(hours=start),
                    ends_at=midnight + dt.timedelta(hours=end),
                    status=status,
                    sites=(host.id, *(one for one in invited[:16] if one != host.id)),
                )
            )
    finally:
        await store.close()
