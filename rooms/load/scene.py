"""A moving picture without a camera: a slow background, a wall of bars, a head that sways. Pure.

Motion and detail are those of a person before a wall, so that an encoder spends its bits as it
does in a meeting: most of a frame stands still, some of it moves all the time.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

# The texture's own width beyond the picture, so that it can slide without being drawn anew.
MARGIN = 64


@dataclass(frozen=True, slots=True)
class Planes:
    """One frame as three planes of bytes, 4:2:0, without padding."""

    y: bytes
    u: bytes
    v: bytes


class Scene:
    """Frames of `width` by `height`, both even. The same at every run."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        draw = random.Random(7)  # noqa: S311 - a texture, the same at every run
        columns = range(width + 2 * MARGIN)
        self._wall = [
            bytes(
                80 + (x // 16 % 2) * 20 + (y // 24 % 2) * 12 + draw.randrange(16) for x in columns
            )
            for y in range(0, height, 4)
        ]
        self._face = bytes(150 + draw.randrange(40) for _ in columns)

    def frame(self, number: int, fps: float) -> Planes:
        """The frame at `number / fps` seconds."""
        at = number / fps
        shift = MARGIN + int(6 * math.sin(at / 3))
        centre_x = self.width * (0.5 + 0.06 * math.sin(at * 1.7))
        centre_y = self.height * (0.55 + 0.02 * math.sin(at * 4.1))
        radius = self.height * 0.28
        mouth = radius * (0.08 + 0.08 * abs(math.sin(at * 9)))
        rows = []
        for y in range(self.height):
            row = self._wall[y // 4][shift : shift + self.width]
            dy = (y - centre_y) / radius
            if abs(dy) < 1:
                row = self._with_head(row, y, dy, centre_x, radius, mouth)
            rows.append(row)
        half = (self.width // 2) * (self.height // 2)
        tone = int(4 * math.sin(at / 2))
        return Planes(b"".join(rows), bytes([118 + tone]) * half, bytes([136 - tone]) * half)

    def _with_head(
        self, row: bytes, y: int, dy: float, centre_x: float, radius: float, mouth: float
    ) -> bytes:
        reach = radius * 0.8 * math.sqrt(1 - dy * dy)
        left, right = max(0, int(centre_x - reach)), min(self.width, int(centre_x + reach))
        start = y * 7 % MARGIN
        skin = self._face[start : start + right - left]
        if abs(dy * radius - radius * 0.45) < mouth:
            middle, lip = (right - left) // 2, int(reach * 0.4)
            skin = skin[: middle - lip] + bytes([60]) * (2 * lip) + skin[middle + lip :]
        return row[:left] + skin + row[right:]
