"""Lines over a common axis as SVG, each with a panel of its own. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, PANEL, GAP = 640, 200, 46
LEFT, RIGHT, TOP = 64, 24, 34
TICKS = 5
STYLE = "font: 12px system-ui, sans-serif; fill: #1c2430"


@dataclass(frozen=True, slots=True)
class Line:
    """`points` are (x, y), x rising, nothing below zero."""

    title: str
    points: Sequence[tuple[float, float]]
    colour: str


def draw(x_title: str, lines: Sequence[Line]) -> str:
    """One panel a line, one above the other."""
    widest = max(x for line in lines for x, _ in line.points)
    height = TOP + len(lines) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" height="{height}" style="{STYLE}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, line in enumerate(lines):
        parts += _panel(line, TOP + number * (PANEL + GAP), widest)
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{height - 8}" text-anchor="middle">{escape(x_title)}</text>'
    )
    return "\n".join([*parts, "</svg>", ""])


def _panel(line: Line, top: float, widest: float) -> list[str]:
    highest = round_up(max(y for _, y in line.points))
    bottom = top + PANEL
    span = WIDTH - LEFT - RIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + span * x / widest, bottom - PANEL * y / highest

    parts = [f'<text x="{LEFT}" y="{top - 10}" font-weight="600">{escape(line.title)}</text>']
    for tick in range(TICKS + 1):
        y_value, x_value = highest * tick / TICKS, widest * tick / TICKS
        _, y = place(0, y_value)
        x, _ = place(x_value, 0)
        parts += [
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e3e1da"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{y_value:g}</text>',
            f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{x_value:g}</text>',
        ]
    places = [place(x, y) for x, y in line.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    parts.append(f'<path d="M{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in places]
    return parts


def round_up(value: float) -> float:
    """The next of 1, 2 or 5 times a power of ten."""
    step = 1.0
    while step * 10 <= value:
        step *= 10
    return next(step * factor for factor in (1, 2, 5, 10) if step * factor >= value)
