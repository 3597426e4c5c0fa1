"""Who is taken when a meeting wants them, and the word of somebody who wants them all the same.
Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confhub.errors import N_, BadInput, Conflict, FieldErrors
from confhub.meetings.changes import REASON_LENGTH
from confhub.planning.takings import Holder, Need, Takings


@dataclass(frozen=True, slots=True)
class Clash:
    """A need that somebody else's taking is in the way of, in [starts_at, ends_at)."""

    need: Need
    holder: Holder
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def site_id(self) -> str | None:
        return self.need.resource.id if self.need.resource.kind == "site" else None

    @property
    def fact(self) -> str:
        return f"{self.need.resource.kind}:{self.need.resource.id}:{self.holder.id}"


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
        "Giờ này đã có điểm cầu hoặc người chủ trì bận họp khác. Xin chọn giờ khác, hoặc nêu lý do"
        " vẫn xếp."
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
        Clash(
            need,
            taking.holder,
            max(start, taking.holder.starts_at),
            min(end, taking.holder.ends_at),
        )
        for need in needs
        for taking in takings.of(need, start, end, own)
    ]
    found.sort(key=lambda clash: (clash.holder.starts_at, clash.holder.id))
    return found


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
