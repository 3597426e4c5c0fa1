"""Is the chain whole? The judge reads every line that is kept, in order. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from confhub.trail.chain import Ends, Line, Sealed, forgotten, seal

# The record's own act: old lines were kept long enough.
FORGOTTEN = "audit.forgotten"
# A screen of them says that the record is no good; their number is counted on.
MOST_FAULTS = 20

Kind = Literal["altered", "missing", "repeated", "anchor", "head", "noted"]


@dataclass(frozen=True, slots=True)
class Fault:
    """altered: line `seq`, or the one before it, is not what was sealed. missing: lines `seq` to
    `last` are gone. repeated: a second line `seq`. anchor: lines before `seq` went without a line
    on record. head: the chain ends elsewhere than where it was sealed. noted: it does not hold
    the head that somebody noted."""

    kind: Kind
    seq: int
    last: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`late`: lines of before others that were sealed earlier: a hub was cut off or its clock was
    wrong, or somebody added them. `waiting`: not sealed yet."""

    ends: Ends
    lines: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    faults: tuple[Fault, ...]
    fault_count: int
    late: int
    waiting: int

    @property
    def is_whole(self) -> bool:
        return self.fault_count == 0


class Check:
    """`take` every sealed line in order, then `take_waiting` the others; then ask for `verdict`.

    `noted`: number and hash of a line, as somebody noted them outside of the database.
    """

    def __init__(self, ends: Ends, noted: tuple[int, str] | None = None) -> None:
        self._ends = ends
        self._noted = noted
        self._noted_hash = ends.anchor if noted and noted[0] == ends.first - 1 else None
        self._next, self._before = ends.first, ends.anchor
        self._lines = self._late = self._waiting = self._count = 0
        self._first_at: dt.datetime | None = None
        self._last_at: dt.datetime | None = None
        self._forgotten: set[str] = set()
        self._faults: list[Fault] = []

    def take(self, sealed: Sealed) -> None:
        self._lines += 1
        self._look_at(sealed.line)
        if sealed.seq < self._next:
            self._fault(Fault("repeated", sealed.seq))
            return
        if sealed.seq > self._next:
            self._fault(Fault("missing", self._next, sealed.seq - 1))
        elif seal(self._before, sealed.seq, sealed.line) != sealed.hash:
            self._fault(Fault("altered", sealed.seq))
        if self._noted is not None and sealed.seq == self._noted[0]:
            self._noted_hash = sealed.hash
        self._next, self._before = sealed.seq + 1, sealed.hash
        at = sealed.line.at
        self._first_at = self._first_at or at
        if self._last_at is not None and at < self._last_at:
            self._late += 1
        self._last_at = max(at, self._last_at or at)

    def take_waiting(self, line: Line) -> None:
        self._waiting += 1
        self._look_at(line)

    def verdict(self) -> Verdict:
        ends = self._ends
        if self._next <= ends.last:
            self._fault(Fault("missing", self._next, ends.last))
        elif self._next > ends.last + 1 or self._before != ends.head:
            self._fault(Fault("head", ends.last))
        if ends.first > 1 and forgotten(ends) not in self._forgotten:
            self._fault(Fault("anchor", ends.first))
        if self._noted is not None and self._noted_hash != self._noted[1]:
            self._fault(Fault("noted", self._noted[0]))
        return Verdict(
            ends,
            self._lines,
            self._first_at,
            self._last_at,
            tuple(self._faults),
            self._count,
            self._late,
            self._waiting,
        )

    def _look_at(self, line: Line) -> None:
        if line.action == FORGOTTEN and not line.account_id:
            self._forgotten.add(line.detail)

    def _fault(self, fault: Fault) -> None:
        self._count += 1
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(fault)
