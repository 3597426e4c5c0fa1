"""Which rows of a board a page shows: by state, by words, by the groups that stand open. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from confhub.words.texts import fold, searched
from monitoring.overview import STANDINGS, Scope, Standing
from web.pages.board.rows import Watched

# A province with its districts and communes fits; a browser lays this many rows out in a blink.
# Above it, groups show their counts and rows come when one is opened.
FULL_SITES = 400
# A page this short needs no folding.
SHORT_SITES = 40
# More sites in trouble than anybody can call up; the rest is in the counts.
MAX_TROUBLE = 200
MAX_OPEN_GROUPS = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a page or stream asks for. `opened` is None when it does not say."""

    state: Standing | None = None
    sought: str = ""
    opened: frozenset[str] | None = None

    @property
    def narrowed(self) -> bool:
        return self.state is not None or bool(self.words)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(fold(self.sought).split())

    def keeps(self, watched: Watched, site_id: str) -> bool:
        if self.state is not None and watched.standings[site_id] != self.state:
            return False
        folded = watched.scope.places[site_id].folded
        return all(word in folded for word in self.words)


def read_asked(query: Mapping[str, str]) -> Asked:
    """From `?state=`, `?q=` and `?open=` (ids with commas between); nonsense asks for nothing."""
    state = next((name for name in STANDINGS if name == query.get("state")), None)
    opened = None
    if "open" in query:
        opened = frozenset(filter(None, query["open"].split(",")[:MAX_OPEN_GROUPS]))
    return Asked(state, searched(query.get("q", "")), opened)


def is_full(scope: Scope) -> bool:
    """Whether all rows are told from the start, to be folded and narrowed by the page itself."""
    return len(scope.places) <= FULL_SITES


def settle(asked: Asked, watched: Watched) -> Asked:
    """`asked` with the groups opened that a page opens by itself: where something goes on."""
    if asked.opened is not None:
        return asked
    if len(watched.scope.places) <= SHORT_SITES:
        return replace(asked, opened=frozenset(g.unit.id for g in watched.scope.groups))
    if not is_full(watched.scope):
        return replace(asked, opened=frozenset())
    busy = (
        group.unit.id
        for group in watched.scope.groups
        if any(watched.standings[site_id] != "absent" for site_id in group.site_ids)
    )
    return replace(asked, opened=frozenset(busy))


@dataclass(frozen=True, slots=True)
class Selection:
    """Site ids: `trouble` for the head of the page, worst first, and `by_group` in tree order.

    `cut` is how many more would have been shown were there room.
    """

    trouble: tuple[str, ...]
    by_group: Mapping[str, tuple[str, ...]]
    cut: int = 0


def select(asked: Asked, watched: Watched) -> Selection:
    """What to show; `asked` is settled. A narrowed page has no head: its rows are the answer."""
    if not asked.narrowed:
        opened = {
            group.unit.id: group.site_ids
            for group in watched.scope.groups
            if group.unit.id in (asked.opened or ())
        }
        trouble = watched.trouble()
        return Selection(tuple(trouble[:MAX_TROUBLE]), opened, max(len(trouble) - MAX_TROUBLE, 0))
    found = [site_id for site_id in watched.scope.places if asked.keeps(watched, site_id)]
    by_group: dict[str, tuple[str, ...]] = {}
    for site_id in found[:FULL_SITES]:
        group_id = watched.scope.places[site_id].group_id
        by_group[group_id] = (*by_group.get(group_id, ()), site_id)
    return Selection((), by_group, max(len(found) - FULL_SITES, 0))
