"""Drawn meeting rooms for cameras of browsers: a wall, a name, people at a table. No real faces."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from html import escape
from pathlib import Path

import av
from playwright.async_api import Browser

WIDTH, HEIGHT = 1280, 720
TABLE_Y = 592
_COATS = ("#26374c", "#f2f2ee", "#5b6b58", "#7a3b3b", "#e4e9ef")
_SKINS = ("#e3b592", "#d9a67f", "#e8c09f")
_HAIRS = ("#20191a", "#2c2422", "#3a3330")


@dataclass(frozen=True, slots=True)
class Room:
    """What a camera sees: the words on the wall, how many sit at the table, the wall's colour."""

    words: str
    people: int
    wall: str


def _person(number: int, x: float, size: float) -> str:
    """Head and shoulders behind the table; `x` is the middle, `size` the height of the head."""
    coat, skin = _COATS[number % len(_COATS)], _SKINS[number % len(_SKINS)]
    hair = _HAIRS[number % len(_HAIRS)]
    neck = TABLE_Y - 0.95 * size  # where the shoulders begin
    head = neck - 0.62 * size
    return (
        f'<g transform="translate({x} 0)">'
        f'<path d="M{-1.15 * size} {TABLE_Y} C{-1.15 * size} {neck + 0.1 * size}'
        f" {-0.75 * size} {neck} {-0.22 * size} {neck - 0.05 * size} H{0.22 * size}"
        f" C{0.75 * size} {neck} {1.15 * size}"
        f' {neck + 0.1 * size} {1.15 * size} {TABLE_Y} Z" fill="{coat}"/>'
        f'<path d="M{-0.24 * size} {neck - 0.06 * size} L0 {neck + 0.5 * size}'
        f' L{0.24 * size} {neck - 0.06 * size} Z" fill="#fdfdfb"/>'
        f'<rect x="{-0.15 * size}" y="{neck - 0.3 * size}" width="{0.3 * size}"'
        f' height="{0.36 * size}" rx="{0.1 * size}" fill="{skin}"/>'
        f'<ellipse cy="{head - 0.06 * size}" rx="{0.42 * size}" ry="{0.5 * size}" fill="{hair}"/>'
        f'<ellipse cy="{head + 0.06 * size}" rx="{0.36 * size}" ry="{0.45 * size}"'
        f' fill="{skin}"/>'
        f'<path d="M{-0.38 * size} {head - 0.04 * size} C{-0.3 * size} {head - 0.42 * size}'
        f" {0.3 * size} {head - 0.42 * size} {0.38 * size} {head - 0.04 * size}"
        f" C{0.3 * size} {head - 0.62 * size} {-0.3 * size} {head - 0.62 * size}"
        f' {-0.38 * size} {head - 0.04 * size} Z" fill="{hair}"/></g>'
    )


def draw(room: Room) -> str:
    """The room as SVG."""
    size = 190 if room.people == 1 else 150 if room.people < 4 else 100
    span = WIDTH / (room.people + 1) if room.people > 1 else WIDTH / 2
    places = [span * (number + 1) for number in range(room.people)]
    plates = "".join(
        f'<rect x="{x - 46}" y="614" width="92" height="30" rx="3" fill="#f8f4e8"/>'
        f'<rect x="{x - 30}" y="626" width="60" height="5" fill="#9a8f78"/>'
        for x in places
    )
    people = "".join(_person(number, x, size) for number, x in enumerate(places))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="100%" height="100%" fill="{room.wall}"/>'
        '<rect width="100%" height="420" fill="#fff" opacity=".10"/>'
        '<rect x="190" y="52" width="900" height="104" rx="4" fill="#9e1b22"/>'
        f'<text x="640" y="118" text-anchor="middle" font-size="42" font-weight="700"'
        f' fill="#f7e7b0" font-family="Be Vietnam Pro, Noto Sans, DejaVu Sans, sans-serif">'
        f"{escape(room.words)}</text>"
        f'{people}<rect y="590" width="100%" height="130" fill="#6a4426"/>'
        f'<rect y="590" width="100%" height="12" fill="#8a5c36"/>{plates}</svg>'
    )


async def film(browser: Browser, room: Room, path: Path) -> None:
    """Write the room to `path` as YUV4MPEG2, which Chromium plays as a camera, over and over."""
    page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    await page.set_content(f'<body style="margin:0">{draw(room)}</body>')
    picture = await page.screenshot()
    await page.close()
    with av.open(io.BytesIO(picture), mode="r") as container:
        frame = next(container.decode(video=0)).reformat(format="yuv420p")
    planes = b"".join(_bytes_of(plane) for plane in frame.planes)
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F15:1 Ip A1:1 C420jpeg\n".encode()
    await asyncio.to_thread(path.write_bytes, header + 2 * (b"FRAME\n" + planes))


def _bytes_of(plane: av.video.plane.VideoPlane) -> bytes:
    """Rows without the padding that the decoder leaves at their ends."""
    data = bytes(plane)
    rows = range(0, plane.line_size * plane.height, plane.line_size)
    return b"".join(data[at : at + plane.width] for at in rows)
