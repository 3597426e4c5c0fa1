"""A kept file as an answer: whole or a part of it, so that a poor line goes on where it broke.

It never counts as a page of ours: it is to be saved, has the type that its content has, and were it
shown all the same, its sandbox may run nothing (RFC 9110 section 14 for ranges).
"""

from __future__ import annotations

import asyncio
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import web

from confhub.papers.kinds import KINDS
from confhub.papers.paper import Version
from confhub.papers.vault import Vault
from confhub.words.texts import fold
from web.wire.leaving import SLOWEST_BYTES_S

PIECE_BYTES = 64 * 1024
# A stalled line is given this long with each piece, and as long as the slowest line needs for it.
PIECE_S = 30.0 + PIECE_BYTES / SLOWEST_BYTES_S
_POLICY = "default-src 'none'; sandbox"


def asks_from_start(request: web.Request) -> bool:
    """Whether it is no part further on of what was opened before."""
    if request.method == "HEAD":
        return False
    asked = request.headers.get("Range", "")
    return not asked or asked.replace(" ", "").startswith("bytes=0-")


async def send(request: web.Request, vault: Vault, version: Version) -> web.StreamResponse:
    """The version's bytes, or the part that is asked for; NotFound where the vault lost them."""
    tag = f'"{version.digest}"'
    headers = {
        "Content-Type": KINDS[version.kind],
        "Content-Disposition": disposition(version.name),
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    first, end, status = _asked(request, version.size, tag)
    if status == 416:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{version.size}"})
    if status == 206:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{version.size}"
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = end - first
    file = await asyncio.to_thread(vault.open, version.digest)
    try:
        await response.prepare(request)
        if request.method != "HEAD":
            await _write(response, file, first, end)
    finally:
        await asyncio.to_thread(file.close)
    return response


async def _write(response: web.StreamResponse, file: BinaryIO, first: int, end: int) -> None:
    def read(at: int, size: int) -> bytes:
        file.seek(at)
        return file.read(size)

    at = first
    while at < end:
        piece = await asyncio.to_thread(read, at, min(PIECE_BYTES, end - at))
        if not piece:
            raise ConnectionResetError  # shorter than it was kept: the rest is not made up
        async with asyncio.timeout(PIECE_S):
            await response.write(piece)
        at += len(piece)
    await response.write_eof()


def _asked(request: web.Request, size: int, tag: str) -> tuple[int, int, int]:
    """From where to where, and the status; several parts at once are answered by the whole."""
    asked = request.headers.get("Range", "")
    condition = request.headers.get("If-Range", tag)
    if not asked.startswith("bytes=") or "," in asked or condition != tag:
        return 0, size, 200
    first, dash, last = asked.removeprefix("bytes=").strip().partition("-")
    if not dash or (first + last).strip("0123456789"):
        return 0, size, 200
    if len(first) > 15 or len(last) > 15 or not (first or last):
        return 0, size, 416
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1) if last else size
    return (begin, end, 206) if begin < end else (0, size, 416)


def disposition(name: str) -> str:
    """To be saved under this name; for old programs without diacritics (RFC 6266)."""
    plain = "".join(one if one.isalnum() or one in "-_. " else "_" for one in fold(name))
    plain = plain.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
