"""Compound files: the container of .doc, .xls and .ppt ([MS-CFB]). Pure: the file is given.

How much is read of one is bounded by its length, however its tables point in circles.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_HEADER_BYTES = 512
_TABLE_AT, _IN_HEADER = 76, 109  # sectors of the table that the header names ([MS-CFB] 2.2)
_ENTRY = struct.Struct("<64sHBBIII36xIQ")  # [MS-CFB] 2.6.1
_STREAM = 2
_MARKS = 0xFFFFFFFA  # from here on no sectors, but what a sector is or that a chain ends
_MINI = 64
_SMALL = 4096  # shorter streams lie within the one of the root, in pieces of _MINI
# Office writes some ten entries, and some for each embedded object.
_MOST_ENTRIES = 20_000
# A byte of a sound file is come upon in a chain, in a stream and in a second reading of it.
_TIMES, _SPARE_BYTES = 4, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """A storage or stream, by its name in capitals: such names are compared without case."""

    name: str
    is_stream: bool
    start: int
    size: int
    beside: tuple[int, int]
    within: int


class Stream:
    """Bytes of one stream, wherever they lie in the file."""

    def __init__(self, file: Compound, places: list[int], unit: int, size: int) -> None:
        self._file = file
        self._unit = unit
        self.places = places
        self.size = min(size, len(places) * unit)

    def read(self, at: int, length: int) -> bytes:
        end = min(at + length, self.size)
        pieces = []
        while at < end:
            index, inside = divmod(at, self._unit)
            wanted = min(self._unit - inside, end - at)
            pieces.append(self._file.read(self.places[index] + inside, wanted))
            at += wanted
        return b"".join(pieces)


class Compound:
    """Its directory is read at once; ValueError here and later where the file is damaged."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        size = file.seek(0, 2)
        self._left = _TIMES * size + _SPARE_BYTES
        head = self.read(0, _HEADER_BYTES)
        if len(head) < _HEADER_BYTES:
            raise ValueError("no header")
        shift, mini_shift = struct.unpack_from("<HH", head, 30)
        directory, _, small, mini = struct.unpack_from("<IIII", head, 48)
        if shift not in {9, 12} or 1 << mini_shift != _MINI or small != _SMALL:
            raise ValueError("sectors of no known size")
        self._unit: int = 1 << shift
        self._next = self._table(self._table_places(head))
        self.entries = [*self._entries(self._large(directory))]
        if not self.entries:
            raise ValueError("no directory")
        self._next_mini = self._table(self._large(mini).places)
        self._minis = self._large(self.entries[0].start).places

    def top(self) -> Iterator[Entry]:
        """What lies in the file itself, not within an embedded object."""
        waiting, seen = [self.entries[0].within], set[int]()
        while waiting:
            number = waiting.pop()
            if number < len(self.entries) and number not in seen:
                seen.add(number)
                yield self.entries[number]
                waiting.extend(self.entries[number].beside)

    def stream(self, entry: Entry) -> Stream:
        if entry.size >= _SMALL:
            return self._large(entry.start, entry.size)
        places = []
        for number in self._chain(entry.start, self._next_mini, _MINI):
            index, inside = divmod(number * _MINI, self._unit)
            if index >= len(self._minis):
                raise ValueError("a piece that is not there")
            places.append(self._minis[index] + inside)
        return Stream(self, places, _MINI, entry.size)

    def read(self, at: int, length: int) -> bytes:
        self._spend(length)
        self._file.seek(at)
        return self._file.read(length)

    def _spend(self, length: int) -> None:
        self._left -= length
        if self._left < 0:
            raise ValueError("tables that point in circles")

    def _place(self, sector: int) -> int:
        return (sector + 1) * self._unit

    def _large(self, start: int, size: int = sys.maxsize) -> Stream:
        places = [self._place(sector) for sector in self._chain(start, self._next, self._unit)]
        return Stream(self, places, self._unit, size)

    def _chain(self, at: int, following: array[int], unit: int) -> Iterator[int]:
        while at < _MARKS:
            if at >= len(following):
                raise ValueError("a chain without an end")
            self._spend(unit)
            yield at
            at = following[at]

    def _numbers(self, data: bytes) -> array[int]:
        numbers = array("I")
        numbers.frombytes(data[: len(data) // 4 * 4])
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    def _table(self, places: list[int]) -> array[int]:
        """Which sector follows each."""
        return self._numbers(b"".join(self.read(place, self._unit) for place in places))

    def _table_places(self, head: bytes) -> list[int]:
        sectors = self._numbers(head[_TABLE_AT : _TABLE_AT + 4 * _IN_HEADER])
        (more,) = struct.unpack_from("<I", head, 68)
        while more < _MARKS:
            named = self._numbers(self.read(self._place(more), self._unit))
            if len(named) * 4 != self._unit:
                raise ValueError("a table without an end")
            more = named.pop()
            sectors.extend(named)
        return [self._place(sector) for sector in sectors if sector < _MARKS]

    def _entries(self, directory: Stream) -> Iterator[Entry]:
        count = directory.size // _ENTRY.size
        if count > _MOST_ENTRIES:
            raise ValueError("a directory of too much")
        for data in _ENTRY.iter_unpack(directory.read(0, count * _ENTRY.size)):
            name, _, kind, _, left, right, within, start, size = data
            if self._unit == 512:  # of the older version, whose greater half may be anything
                size &= 0xFFFFFFFF
            said = name.decode("utf-16-le", "replace").partition("\0")[0].upper()
            yield Entry(said, kind == _STREAM, start, size, (left, right), within)
