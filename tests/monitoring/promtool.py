"""Prometheus's own judge of metrics and rules."""

from __future__ import annotations

import asyncio


async def promtool(*arguments: str, text: str = "") -> None:
    """Run it; what it finds wrong fails the test."""
    process = await asyncio.create_subprocess_exec(
        "promtool",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        said, _ = await process.communicate(text.encode())
    assert (process.returncode, said.decode()) == (0, said.decode()), said.decode()
