"""Asks clamd whether a file is infected: its protocol's INSTREAM (clamd(8)).

`address` is the path of a Unix socket, or host:port.
"""

from __future__ import annotations

import asyncio
import logging
from typing import BinaryIO

from confhub.errors import N_, Unavailable
from confhub.papers.disk import at_disk

log = logging.getLogger(__name__)

CHUNK_BYTES = 64 * 1024
_LONGEST_ANSWER = 4096
_AWAY = N_(
    "Chương trình diệt vi-rút không trả lời nên chưa nhận được tệp. Xin thử lại sau ít phút."
)


async def is_clean(address: str, file: BinaryIO, timeout_s: float) -> bool:
    """Unavailable where clamd does not say: it is away, too slow, or refuses the length."""
    try:
        async with asyncio.timeout(timeout_s):
            answer = await _ask(address, file)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        log.warning("clamd at %s does not answer: %s", address, error or type(error).__name__)
        raise Unavailable(_AWAY, code="no_scanner") from error
    if answer.endswith(" FOUND"):
        log.warning("clamd found %s", answer)
        return False
    if not answer.endswith(" OK"):
        log.warning("clamd refused: %s", answer)
        raise Unavailable(_AWAY, code="no_scanner")
    return True


async def _ask(address: str, file: BinaryIO) -> str:
    if address.startswith("/"):
        reader, writer = await asyncio.open_unix_connection(address)
    else:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(b"zINSTREAM\0")
        try:
            while chunk := await at_disk(file.read, CHUNK_BYTES):
                writer.write(len(chunk).to_bytes(4, "big") + chunk)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
        except ConnectionError:
            pass  # it found something, or refuses the length, and says so before the end
        return (await _whole(reader)).decode("utf-8", "replace")
    finally:
        writer.close()


async def _whole(reader: asyncio.StreamReader) -> bytes:
    """The answer up to its end, in however many pieces it comes; IncompleteReadError without."""
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        piece = await reader.read(_LONGEST_ANSWER)
        if not piece:
            raise asyncio.IncompleteReadError(answer, None)
        answer += piece
    return answer.partition(b"\0")[0].rstrip(b"\n")
