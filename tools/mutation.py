"""Changes real samples where their structure is: bits, fields, lines, pieces of other samples."""

from __future__ import annotations

import random
from collections.abc import Sequence

# Longer than any datagram that is read.
MAX_BYTES = 4_096


class Mutator:
    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret

    def change(self, samples: Sequence[bytes], *, is_text: bool) -> bytes:
        choose = self.choose
        data = bytearray(choose.choice(samples))
        steps = (_TEXT_STEPS if choose.random() < 0.7 else _BYTE_STEPS) if is_text else _BYTE_STEPS
        for _ in range(choose.choice((0, 1, 1, 1, 2, 3, 8))):
            choose.choice(steps)(self, data, samples)
        return bytes(data[:MAX_BYTES] if not is_text else data)

    def at(self, data: bytearray) -> int:
        """Somewhere, more often near the beginning, where headers are."""
        if not data:
            return 0
        choose = self.choose
        return choose.randrange(min(len(data), 32) if choose.random() < 0.6 else len(data))

    # Bytes

    def flip(self, data: bytearray, _samples: Sequence[bytes]) -> None:
        if data:
            data[self.at(data)] ^= 1 << self.choose.randrange(8)

    def set(self, data: bytearray, _samples: Sequence[bytes]) -> None:
        if data:
            data[self.at(data)] = self.choose.choice((0, 1, 0x7F, 0x80, 0xBE, 0xDE, 0xFE, 0xFF))

    def field(self, data: bytearray, _samples: Sequence[bytes]) -> None:
        """A number of two or four bytes at its limits, or off by one."""
        size = self.choose.choice((2, 4))
        at = self.at(data) & ~1
        if at + size > len(data):
            return
        old = int.from_bytes(data[at : at + size], "big")
        most = (1 << 8 * size) - 1
        value = self.choose.choice((0, 1, most, most >> 1, old + 1, old - 1, old ^ most, len(data)))
        data[at : at + size] = (value & most).to_bytes(size, "big")

    def cut(self, data: bytearray, _samples: Sequence[bytes]) -> None:
        del data[self.at(data) :]

    def drop(self, data: bytearray, _samples: Sequence[bytes]) -> None:
        at = self.at(data)
        del data[at : at + self.choose.randint(1, 8)]

    def repeat(self, data: bytearray, _samples: Sequence[bytes]) -> None:
        at = self.at(data)
        piece = data[at : at + self.choose.randint(1, 64)]
        data[at:at] = piece * self.choose.randint(1, 8)

    def splice(self, data: bytearray, samples: Sequence[bytes]) -> None:
        other = self.choose.choice(samples)
        data[self.at(data) :] = other[self.at(bytearray(other)) :]

    def append(self, data: bytearray, samples: Sequence[bytes]) -> None:
        data += self.choose.choice((self.choose.randbytes(20), self.choose.choice(samples)))

    # Lines

    def line(self, data: bytearray, samples: Sequence[bytes]) -> None:
        lines = bytes(data).split(b"\r\n")
        at, choose = self.choose.randrange(len(lines)), self.choose
        other = choose.choice(choose.choice(samples).split(b"\r\n"))
        match choose.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[choose.randrange(len(lines))])
            case 2:
                lines.insert(at, other)
            case 3:
                lines[at] = other
            case _:
                lines[at:at] = [lines[at]] * choose.choice((3, 40, 600))
        data[:] = b"\r\n".join(lines)

    def word(self, data: bytearray, _samples: Sequence[bytes]) -> None:
        lines = bytes(data).split(b"\r\n")
        at = self.choose.randrange(len(lines))
        for mark in self.choose.sample((b" ", b":", b"/", b";", b"="), 5):
            words = lines[at].split(mark)
            if len(words) > 1:
                words[self.choose.randrange(len(words))] = self.choose.choice(_WORDS)
                lines[at] = mark.join(words)
                break
        data[:] = b"\r\n".join(lines)


_BYTE_STEPS = (
    Mutator.flip,
    Mutator.set,
    Mutator.field,
    Mutator.field,
    Mutator.cut,
    Mutator.drop,
    Mutator.repeat,
    Mutator.splice,
    Mutator.append,
)
_TEXT_STEPS = (Mutator.line, Mutator.word, Mutator.word)
_WORDS = (
    b"",
    b"0",
    b"-1",
    b"63",
    b"64",
    b"111",
    b"127",
    b"128",
    b"65536",
    b"4294967296",
    b"9" * 40,
    "²".encode(),
    b"\xff\xfe",
    b"a" * 300,
    b"%s%n",
    b"sendonly",
    b"passive",
    b"opus",
    b"red",
    b"*",
)
