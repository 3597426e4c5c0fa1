"""What a row of the link board says, in the viewer's language: for the template and the stream."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from confhub.errors import N_
from confhub.quality import LinkState
from confhub.units.unit import Level
from confhub.words.catalogue import Catalogue
from confhub.words.formats import Formats
from monitoring.directory import Awaited
from monitoring.links import SiteLink
from monitoring.overview import TROUBLE, Scope, Standing, count, standing, worst_first
from monitoring.reading import Reading
from monitoring.reasons import RANK, Reason, ReasonCode

WORDS: Mapping[Standing, str] = {
    "lost": N_("Mất kết nối"),
    "poor": N_("Kém"),
    "fair": N_("Trung bình"),
    "missing": N_("Chưa vào"),
    "awaited": N_("Sắp họp"),
    "good": N_("Tốt"),
    "absent": N_("Không họp"),
}
# Told apart by shape, where colours are not (names of lucide).
ICONS: Mapping[Standing, str] = {
    "lost": "wifi-off",
    "poor": "triangle-alert",
    "fair": "circle-alert",
    "missing": "user-x",
    "awaited": "clock",
    "good": "circle-check",
    "absent": "circle-dashed",
}
BACK = N_("Vừa nối lại")
CALMER = N_("Đang ổn định lại")
AWAY = N_("Chưa vào phòng họp")
NOTHING = "–"
# By which way sound and picture come; what is not direct is worth a word in the row.
DIRECT = N_("trực tiếp (UDP)")
BY_TCP = N_("qua TCP")
BY_RELAY = N_("qua TURN (%(transport)s)")
# A state a link has been in for long: nobody counts in seconds over two minutes.
_LONG_S = 120
_LONG: Mapping[ReasonCode, str] = {
    "socket_lost": N_("Mất kết nối từ %(minutes)d phút trước"),
    "silent": N_("Không có số liệu từ %(minutes)d phút trước"),
    "media_blocked": N_("Chưa nối được hình và tiếng sau %(minutes)d phút (tường lửa chặn UDP?)"),
}

Column = Literal["loss_up", "loss_down", "delay", "jitter", "up", "down", "mos"]
COLUMNS: tuple[Column, ...] = ("loss_up", "loss_down", "delay", "jitter", "up", "down", "mos")
# The number that a reason names, so that the eye finds it: never another one of the same line.
_COLUMN_OF: Mapping[ReasonCode, Column] = {
    "loss_up": "loss_up",
    "loss_down": "loss_down",
    "delay": "delay",
    "jitter": "jitter",
    "voice": "mos",
}


class Row(msgspec.Struct, frozen=True):
    """One site's line. `cells` and `marks` go by Column; a mark is the state its number causes."""

    id: str
    code: str
    name: str
    unit: str
    group: str
    position: int
    folded: str
    standing: Standing
    word: str
    trouble: bool
    meeting: str
    since: str  # HH:MM, or empty
    notes: str
    cells: dict[Column, str]
    marks: dict[Column, LinkState]


@dataclass(frozen=True, slots=True)
class Watched:
    """A scope at one moment: what there is to say of each of its sites."""

    scope: Scope
    links: Mapping[str, SiteLink]
    awaited: Mapping[str, Awaited]
    titles: Mapping[str, str]  # of meetings, by id
    standings: Mapping[str, Standing]

    @classmethod
    def of(
        cls,
        scope: Scope,
        links: Mapping[str, SiteLink],
        awaited: Mapping[str, Awaited],
        titles: Mapping[str, str],
    ) -> Watched:
        standings = {
            site_id: _standing(links.get(site_id), awaited.get(site_id)) for site_id in scope.places
        }
        return cls(scope, links, awaited, titles, standings)

    def again(self, links: Mapping[str, SiteLink]) -> Watched:
        """The same places, as their links are now."""
        return Watched.of(self.scope, links, self.awaited, self.titles)

    def counts(self) -> dict[Standing, int]:
        return dict(count(self.standings.values()))

    def group_counts(self) -> dict[str, dict[Standing, int]]:
        return {
            group.unit.id: dict(count(self.standings[site_id] for site_id in group.site_ids))
            for group in self.scope.groups
        }

    def trouble(self) -> list[str]:
        """Ids of the sites in trouble, worst first."""
        return worst_first(self.standings, self.scope)


class Wording:
    """Makes rows in one language and time zone."""

    def __init__(self, words: Catalogue, formats: Formats) -> None:
        self._words = words
        self._formats = formats

    def row(self, watched: Watched, site_id: str) -> Row:
        place, link = watched.scope.places[site_id], watched.links.get(site_id)
        state = watched.standings[site_id]
        here = link is not None and link.state != "absent"
        waited = watched.awaited.get(site_id)
        if link is not None and here:
            meeting, since = watched.titles.get(link.meeting_id, ""), self.time(link.since)
        elif waited is not None:
            meeting, since = waited.meeting.title, self._formats.time(waited.starts_at)
        else:
            meeting = since = ""
        return Row(
            id=site_id,
            code=place.site.code,
            name=place.site.name,
            unit=place.unit.name,
            group=place.group_id,
            position=place.position,
            folded=place.folded,
            standing=state,
            word=self.word(state),
            trouble=state in TROUBLE,
            meeting=meeting,
            since=since,
            notes=self.notes(link, state),
            cells=self.cells(link.reading if link and here else Reading()),
            marks=_marks(link.reasons if link and here else ()),
        )

    def word(self, state: Standing) -> str:
        return self._words.gettext(WORDS[state])

    def level(self, level: Level) -> str:
        return level.name_en if self._words.language == "en" else level.name

    def time(self, at: float) -> str:
        """Unix seconds as 14:05 where the users are."""
        return self._formats.time(dt.datetime.fromtimestamp(at, dt.UTC))

    def reason(self, reason: Reason) -> str:
        seconds = reason.values.get("seconds")
        if reason.code in _LONG and isinstance(seconds, int) and seconds >= _LONG_S:
            return self._words.gettext(_LONG[reason.code]) % {"minutes": seconds // 60}
        return self._words.gettext(reason.message) % {
            name: self._formats.decimal(value, 1) if isinstance(value, float) else value
            for name, value in reason.values.items()
        }

    def way(self, link: SiteLink) -> str:
        """By which way sound and picture come, as the page tells; "" when it does not."""
        if link.transport is None:
            return ""
        if link.candidate_type == "relay":
            return self._words.gettext(BY_RELAY) % {"transport": link.transport.upper()}
        message = DIRECT if link.transport == "udp" else BY_TCP
        return self._words.gettext(message)

    def notes(self, link: SiteLink | None, state: Standing) -> str:
        """What is wrong, worst first, whether it looks better already, and a way that is not
        the direct one."""
        if link is None or link.state == "absent":
            return self._words.gettext(AWAY) if state == "missing" else ""
        said = [self.reason(reason) for reason in link.reasons]
        if link.recovering:
            said.append(self._words.gettext(CALMER if link.reasons else BACK))
        if link.transport == "tcp" or link.candidate_type == "relay":
            said.append(self.way(link))
        return " · ".join(said)

    def cells(self, reading: Reading) -> dict[Column, str]:
        """Numbers alone; their units are in the head: %, ms, Mbps."""
        return {
            "loss_up": self.percent(reading.loss_up_fraction),
            "loss_down": self.percent(reading.loss_down_fraction),
            "delay": self.decimal(reading.delay_ms, 0),
            "jitter": self.decimal(reading.jitter_up_ms, 0)
            if reading.jitter_down_ms is None
            else self.decimal(max(reading.jitter_down_ms, reading.jitter_up_ms or 0.0), 0),
            "up": self.rate(reading.up_bps),
            "down": self.rate(reading.down_bps),
            "mos": self.decimal(reading.mos, 1),
        }

    def rate(self, bps: float | None) -> str:
        """Mbps, with a second digit where the first would be 0."""
        if bps is None:
            return NOTHING
        mbps = bps / 1e6
        return self.decimal(mbps, 1 if mbps >= 1 else 2)

    def decimal(self, number: float | None, digits: int) -> str:
        if number is None:
            return NOTHING
        return self._formats.decimal(number, digits)

    def percent(self, fraction: float | None) -> str:
        if fraction is None:
            return NOTHING
        percent = 100 * fraction
        return self.decimal(percent, 1 if 0.05 <= percent < 9.95 else 0)


class RowMaker:
    """Makes rows anew only where what they are made of changed."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._made: dict[str, tuple[tuple[object, ...], Row]] = {}

    def make(self, watched: Watched, site_id: str) -> Row:
        link = watched.links.get(site_id)
        sources = (
            link,
            watched.standings[site_id],
            watched.scope.places[site_id],
            watched.awaited.get(site_id),
            watched.titles.get(link.meeting_id) if link is not None else None,
        )
        made = self._made.get(site_id)
        if made is None or made[0] != sources:
            made = self._made[site_id] = (sources, self._wording.row(watched, site_id))
        return made[1]


def _standing(link: SiteLink | None, waited: Awaited | None) -> Standing:
    return standing(link, waited is not None, waited is not None and waited.begun)


def _marks(reasons: tuple[Reason, ...]) -> dict[Column, LinkState]:
    marks: dict[Column, LinkState] = {}
    for reason in reasons:
        column = _COLUMN_OF.get(reason.code)
        if column is not None and RANK[reason.state] > RANK[marks.get(column, "good")]:
            marks[column] = reason.state
    return marks
