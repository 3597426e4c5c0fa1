"""A kept file as an answer: whole or a part of it, so that a poor line goes on where it broke.

It never counts as a page of ours: it is to be saved, has the type that its content has, and were it
shown all the same, its sandbox may run nothing (RFC 9110 section 14 for ranges).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import web

from confhub.errors import ConfhubError
from confhub.papers.disk import at_disk
from confhub.papers.kinds import KINDS
from confhub.papers.paper import Version
from confhub.papers.vault import Vault
from confhub.words.texts import fold
from web.wire.leaving import SLOWEST_BYTES_S, throw_away

log = logging.getLogger(__name__)

PIECE_BYTES = 64 * 1024
# A stalled line is given this long with each piece, and as long as the slowest line needs for it.
PIECE_S = 30.0 + PIECE_BYTES / SLOWEST_BYTES_S
# A link that is revoked, a paper that is removed: a slow line has it no longer than so.
CHECK_S = 60.0
_POLICY = "default-src 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Part:
    """What is answered: bytes from `first` up to before `end`, none but by 200 and 206."""

    first: int
    end: int
    status: int

    @property
    def is_sent(self) -> bool:
        return self.status in (200, 206)


def part_of(request: web.Request, version: Version) -> Part:
    """Of the version's bytes what the request asks for."""
    tag = _tag(version)
    if tag in request.headers.get("If-None-Match", ""):
        return Part(0, 0, 304)
    first, end, status = _asked(request, version.size, tag)
    return Part(first, end, status)


async def send(
    request: web.Request,
    vault: Vault,
    version: Version,
    part: Part,
    check: Callable[[], Awaitable[object]],
) -> web.StreamResponse:
    """That part of the version's bytes; NotFound where the vault lost them. It breaks off once
    `check`, which is asked now and then, says by its error that it may not be read any more."""
    headers = {
        "Content-Type": KINDS[version.kind],
        "Content-Disposition": disposition(version.name),
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": _tag(version),
    }
    if part.status == 304:
        return web.Response(status=304, headers=headers)
    if part.status == 416:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{version.size}"})
    if part.status == 206:
        headers["Content-Range"] = f"bytes {part.first}-{part.end - 1}/{version.size}"
    response = web.StreamResponse(status=part.status, headers=headers)
    response.content_length = part.end - part.first
    file = await at_disk(vault.open, version.digest)
    try:
        await response.prepare(request)
        if request.method != "HEAD":
            await _write(response, file, part, check)
    except (TimeoutError, ConfhubError):  # nothing can be said behind half a file
        if request.transport is not None:
            throw_away(request.transport)
            request.transport.abort()
        raise ConnectionResetError from None
    finally:
        file.close()  # at once: who waits for a thread may be cancelled before it has come to this
    return response


async def _write(
    response: web.StreamResponse,
    file: BinaryIO,
    part: Part,
    check: Callable[[], Awaitable[object]],
) -> None:
    loop = asyncio.get_running_loop()
    looked = loop.time()

    def read(at: int, size: int) -> bytes:
        file.seek(at)
        return file.read(size)

    at, end = part.first, part.end
    while at < end:
        if loop.time() > looked + CHECK_S:
            await check()
            looked = loop.time()
        piece = await at_disk(read, at, min(PIECE_BYTES, end - at))
        if not piece:
            log.error("a paper's file is shorter than it was kept: %s", file.name)
            raise TimeoutError  # the rest is not made up
        async with asyncio.timeout(PIECE_S):
            await response.write(piece)
        at += len(piece)
    await response.write_eof()


def _tag(version: Version) -> str:
    return f'"{version.digest}"'


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
