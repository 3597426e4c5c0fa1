"""Runs Debian's Firefox ESR for Playwright, on this machine or in a network namespace.

Playwright drives Firefox by WebDriver BiDi (channel "moz-firefox"). Two things stand between: a
namespace, whose loopback nobody outside reaches, and commands that only a later Firefox knows.
This program listens in their place, passes messages on and answers those commands itself.

    firefox_bridge.py NAMESPACE ARGUMENT...      NAMESPACE "" is this machine's
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import re
import socket
import sys
from pathlib import Path

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

FIREFOX = "/usr/bin/firefox-esr"
# What our tests do not need of it: colour schemes.
UNKNOWN = frozenset({"emulation.setMediaFeaturesOverride"})
READY = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
CLONE_NEWNET = 0x40000000


def enter(namespace: str) -> None:
    """Sockets and processes made from now on are there; older sockets stay where they are."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", namespace).open("rb") as place:
        if libc.setns(place.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


class Bridge:
    """`target` is Firefox's own address, known once it is ready."""

    def __init__(self) -> None:
        self.target = ""

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        ours = web.WebSocketResponse(max_msg_size=0)
        await ours.prepare(request)
        async with (
            ClientSession() as session,
            session.ws_connect(f"{self.target}{request.path}", max_msg_size=0) as theirs,
        ):
            back = asyncio.create_task(self._back(theirs, ours))
            async for message in ours:
                if message.type is not WSMsgType.TEXT:
                    continue
                command = json.loads(message.data)
                if command["method"] in UNKNOWN:
                    await ours.send_json({"type": "success", "id": command["id"], "result": {}})
                else:
                    await theirs.send_str(message.data)
            back.cancel()
        return ours

    async def _back(self, theirs: ClientWebSocketResponse, ours: web.WebSocketResponse) -> None:
        async for message in theirs:
            if message.type is WSMsgType.TEXT:
                await ours.send_str(message.data)
        await ours.close()


async def run(listening: socket.socket, arguments: list[str]) -> int:
    bridge = Bridge()
    app = web.Application()
    app.router.add_get("/{path:.*}", bridge.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    firefox = await asyncio.create_subprocess_exec(
        FIREFOX, *arguments, stderr=asyncio.subprocess.PIPE
    )
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        ready = READY.search(line)
        if ready is None:
            os.write(2, line)
            continue
        bridge.target = ready[1].decode()
        host, port = listening.getsockname()
        print(f"WebDriver BiDi listening on ws://{host}:{port}", file=sys.stderr, flush=True)
    return await firefox.wait()


if __name__ == "__main__":
    outside = socket.create_server(("127.0.0.1", 0))
    if sys.argv[1]:
        enter(sys.argv[1])
    sys.exit(asyncio.run(run(outside, sys.argv[2:])))
