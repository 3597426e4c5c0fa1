"""Does a file of the record agree with its own seals? Lines of others may be missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from confhub.trail.chain import BEGINNING, Sealed, seal
from confhub.trail.check import MOST_FAULTS, Fault

# Each is to be compared with the record: a file of so many pieces is compared line by line.
MOST_ENDS = 20


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """`pieces`: runs of lines without a gap between them; `ends`: number and hash of the last line
    of each, the latest MOST_ENDS. `waiting`: lines that were not sealed yet: they prove nothing."""

    lines: int
    waiting: int
    pieces: int
    ends: tuple[tuple[int, str], ...]
    faults: tuple[Fault, ...]
    fault_count: int

    @property
    def is_whole(self) -> bool:
        return self.fault_count == 0


class FileCheck:
    """`take` every line in the order of the file, then ask for `verdict`.

    Each line is checked by the hash before it, which stands beside it, and against its neighbour
    where the file has that. Who changes a line and makes its hash anew has to make all that follow
    in its piece anew: then the piece ends otherwise than the record does at that number.
    """

    def __init__(self, noted: tuple[int, str] | None = None) -> None:
        self._noted = noted
        self._is_noted_there = noted is None
        self._last: Sealed | None = None
        self._lines = self._waiting = self._count = self._pieces = 0
        self._ends: list[tuple[int, str]] = []
        self._faults: list[Fault] = []

    def take(self, sealed: Sealed) -> None:
        if not sealed.seq:
            self._waiting += 1
            return
        self._lines += 1
        last = self._last
        if last is not None and sealed.seq <= last.seq:
            self._fault(Fault("repeated", sealed.seq))
            return
        follows = last is not None and sealed.seq == last.seq + 1
        told = sealed.before or (BEGINNING if sealed.seq == 1 else "")
        before = last.hash if last is not None and follows else told
        if seal(before, sealed.seq, sealed.line) != sealed.hash or told not in ("", before):
            self._fault(Fault("altered", sealed.seq))
        if not follows:
            self._end_piece()
            self._pieces += 1
        if self._noted == (sealed.seq, sealed.hash):
            self._is_noted_there = True
        self._last = sealed

    def verdict(self) -> FileVerdict:
        if self._noted is not None and not self._is_noted_there:
            self._fault(Fault("noted", self._noted[0]))
        self._end_piece()
        return FileVerdict(
            self._lines,
            self._waiting,
            self._pieces,
            tuple(self._ends[-MOST_ENDS:]),
            tuple(self._faults),
            self._count,
        )

    def _end_piece(self) -> None:
        if self._last is not None:
            self._ends.append((self._last.seq, self._last.hash))

    def _fault(self, fault: Fault) -> None:
        self._count += 1
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(fault)
