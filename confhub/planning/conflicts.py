"""Who is taken when a meeting wants them, and the word of somebody who wants them all the same.
Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from confhub.errors import N_, BadInput, Conflict, FieldErrors
from confhub.meetings.changes import REASON_LENGTH
from confhub.planning.takings import LOAD, Full, Holder, Need, Takings


@dataclass(frozen=True, slots=True)
class Clash:
    """A need that somebody else's taking is in the way of, in [starts_at, ends_at); `taken`: how
    much would be of what the resource holds."""

    need: Need
    holder: Holder
    starts_at: dt.datetime
    ends_at: dt.datetime
    taken: int = 2

    @property
    def site_id(self) -> str | None:
        return self.need.resource.id if self.need.resource.kind == "site" else None

    @property
    def fact(self) -> str:
        fact = f"{self.need.resource.kind}:{self.need.resource.id}:{self.holder.id}"
        return fact if self.need.holds == 1 else f"{fact}:{self.taken}"


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody saw the clashes that `seal` stands for, and says why they are no hindrance."""

    seal: str = ""
    reason: str = ""


NO_OVERRIDE = Override()


class Clashing(Conflict):
    """Who is wanted is taken, and nobody has said that this is known: nothing was done."""

    code = "clashing"
    message = N_(
        "Giờ này có nơi, người hoặc đường truyền không rảnh. Xin chọn giờ khác, hoặc nêu lý do vẫn"
        " xếp."
    )

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__()
        self.clashes = clashes


def find_clashes(
    needs: Iterable[Need], takings: Takings, start: dt.datetime, end: dt.datetime, own: str = ""
) -> list[Clash]:
    """Clashes of a meeting in [start, end), by the start of the other one, then as the needs
    stand. `own`: the id under which it is, or will be, saved: it does not meet itself."""
    found = [
        Clash(need, holder, max(start, full.starts_at), min(end, full.ends_at), full.taken)
        for need in needs
        for full in takings.full(need, start, end, own)
        for holder in _holders(need, full)
    ]
    sites: dict[str, set[str]] = {}
    for clash in found:
        if clash.site_id:
            sites.setdefault(clash.holder.id, set()).add(clash.site_id)
    # A room or a technician that is taken since its site is has been told with the site.
    found = [one for one in found if not _is_told(one.need, sites.get(one.holder.id, set()))]
    found.sort(key=lambda clash: (clash.holder.starts_at, clash.holder.id))
    return found


def clashes_within(
    needs: Iterable[Need],
    takings: Takings,
    hours: Iterable[tuple[dt.datetime, dt.datetime]],
    own: str = "",
) -> list[Clash]:
    """As `find_clashes`, of a meeting that is held at several times."""
    wanted = tuple(needs)
    return [clash for span in hours for clash in find_clashes(wanted, takings, *span, own)]


def _holders(need: Need, full: Full) -> Iterator[Holder]:
    """Who is in the way: of the hubs' load nobody by themselves, but all of that moment."""
    if need.resource == LOAD:
        yield Holder("", full.starts_at, full.ends_at, cause="load")
        return
    for taking in full.takings:
        yield taking.holder


def _is_told(need: Need, taken_sites: Set[str]) -> bool:
    return need.holds == 1 and bool(need.by) and need.by <= taken_sites


def seal_of(clashes: Iterable[Clash]) -> str:
    """A word that stands for exactly these clashes; empty for none."""
    facts = sorted({clash.fact for clash in clashes})
    # Compared with a form of the same person only: a short digest is enough.
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16] if facts else ""


def check_override(clashes: Sequence[Clash], override: Override) -> None:
    """Clashing unless somebody saw just these; FieldErrors (`override_reason`) unless they gave a
    reason."""
    if not clashes:
        return
    if override.seal != seal_of(clashes):
        raise Clashing(clashes)
    reason = override.reason
    if not reason:
        message = N_("Xin nêu lý do vẫn xếp dù trùng; lý do được ghi vào nhật ký.")
        raise FieldErrors({"override_reason": BadInput(message)})
    if len(reason) > REASON_LENGTH:
        values = {"limit": REASON_LENGTH, "has": len(reason)}
        message = N_("Dài nhất %(limit)s ký tự; đang có %(has)s.")
        raise FieldErrors({"override_reason": BadInput(message, values=values)})
