"""Compound files for tests, made as [MS-CFB] has them; and what Office writes into them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

_SECTOR, _MINI, _SMALL = 512, 64, 4096
_FREE, _END, _TABLE, _MORE_TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC


def compound(streams: Mapping[str, bytes]) -> bytes:
    """With the streams beside each other; their sectors lie backwards, so that nothing that is
    longer than a sector stands in one piece."""
    sectors: list[bytes] = []
    chains: dict[int, int] = {}

    def lay(data: bytes) -> int:
        pieces = [data[at : at + _SECTOR] for at in range(0, len(data), _SECTOR)]
        following = _END
        for piece in reversed(pieces):
            chains[len(sectors)] = following
            following = len(sectors)
            sectors.append(piece.ljust(_SECTOR, b"\0"))
        return following

    minis = b""
    mini_chains: list[int] = []
    placed = []
    for name, data in streams.items():
        if len(data) >= _SMALL:
            placed.append((name, lay(data), len(data)))
            continue
        placed.append((name, len(mini_chains), len(data)))
        count = -(-len(data) // _MINI)
        mini_chains += [len(mini_chains) + n + 1 for n in range(count - 1)] + [_END]
        minis += data.ljust(count * _MINI, b"\0")
    entries = [_entry("Root Entry", 5, lay(minis), len(minis), within=1)]
    for number, (name, start, size) in enumerate(placed, 1):
        after = number + 1 if number < len(placed) else _FREE
        entries.append(_entry(name, 2, start, size, right=after))
    directory = lay(b"".join(entries))
    mini_table = lay(_numbers(mini_chains)) if mini_chains else _END
    count = more = 0
    while count * 128 < len(sectors) + count + more:
        count += 1
        more = -(-max(0, count - 109) // 127)
    table = [chains[number] for number in range(len(sectors))]
    table += [_TABLE] * count + [_MORE_TABLE] * more
    table += [_FREE] * (count * 128 - len(table))
    places = [len(sectors) + n for n in range(count)]
    first_more = len(sectors) + count
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIII", 0, count, directory, 0, _SMALL, mini_table, 1)
    head += _numbers([first_more if more else _END, more])
    head += _numbers(places[:109] + [_FREE] * (109 - count))
    data = head + b"".join(sectors) + _numbers(table)
    for number in range(more):  # of the places that the header has no room for
        named = places[109 + 127 * number :][:127]
        after = first_more + number + 1 if number + 1 < more else _END
        data += _numbers(named + [_FREE] * (127 - len(named)) + [after])
    return data


def _numbers(numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _entry(
    name: str, kind: int, start: int, size: int, *, right: int = _FREE, within: int = _FREE
) -> bytes:
    said = name.encode("utf-16-le") + b"\0\0"
    head = struct.pack("<64sHBBIII", said, len(said), kind, 1, _FREE, right, within)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def record(kind: int, data: bytes) -> bytes:
    """Of a workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def workbook(
    *, sheet: int = 0, substream: int = 0x10, before: bytes = b"", padding: int = 6000
) -> bytes:
    """[MS-XLS]: a sheet of that kind, by its name's record and by its own beginning."""
    begin = record(0x809, struct.pack("<HHIIxx", 0x600, 5, 0, 0)[:16])
    texts = record(0xFC, bytes(padding))
    bound = struct.pack("<IBBBB", 0, 0, sheet, 1, 0) + b"A"
    at = len(begin) + len(before) + len(texts) + len(record(0x85, bound)) + 4
    bound = struct.pack("<I", at) + bound[4:]
    own = record(0x809, struct.pack("<HHIIxx", 0x600, substream, 0, 0)[:16])
    return begin + before + texts + record(0x85, bound) + record(0x0A, b"") + own + bytes(64)


def presentation(folded: bytes = b"", *, before: bytes = b"", plain: bytes = b"") -> bytes:
    """[MS-PPT]: with an ExOleObjStg of what is folded, as PowerPoint 97 to 2003 writes it."""
    data = bytes(5000) + before + bytes(1000)
    if folded:
        folding = zlib.compressobj()
        packed = struct.pack("<I", len(folded)) + folding.compress(folded)
        packed += folding.flush(zlib.Z_SYNC_FLUSH)  # without an end, as PowerPoint has it
        data += struct.pack("<HHI", 0x10, 0x1011, len(packed)) + packed
    if plain:
        data += struct.pack("<HHI", 0, 0x1011, len(plain)) + plain
    return data + bytes(3000)
