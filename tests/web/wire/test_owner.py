"""Whose program is at the other end of a connection within this machine."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.web.wire.owners import AS_ROOT, NOBODY, socket_of
from web.wire import owner
from web.wire.owner import is_of_own_user


@asynccontextmanager
async def answered(client: socket.socket, family: int, host: str) -> AsyncIterator[bool | None]:
    """What our end of a connection that `client` opens finds out."""
    found: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        found.set_result(await is_of_own_user(transport))
        writer.close()

    listening = socket.socket(family)
    if family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listening.bind(("::" if family == socket.AF_INET6 else "127.0.0.1", 0))
    server = await asyncio.start_server(serve, sock=listening)
    async with server:
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, (host, listening.getsockname()[1]))
        with client:
            yield await found


@pytest.mark.parametrize(
    ("listening", "asking", "host"),
    [
        (socket.AF_INET, socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET, socket.AF_INET6, "::ffff:127.0.0.1"),
        (socket.AF_INET6, socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET6, socket.AF_INET6, "::1"),
    ],
)
@pytest.mark.parametrize("user", [os.geteuid(), pytest.param(NOBODY, marks=AS_ROOT)])
async def test_own_programs_are_told_from_others_over_both_versions(
    user: int, listening: int, asking: int, host: str
) -> None:
    async with answered(socket_of(user, asking), listening, host) as own:
        assert own is (user == os.geteuid())


@AS_ROOT
@pytest.mark.parametrize("how", ["sudo", "su"])
async def test_who_became_root_to_start_the_hub_is_believed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    signed_in = tmp_path / "loginuid"
    signed_in.write_text(str(NOBODY) if how == "su" else "4294967295")
    monkeypatch.setattr(owner, "_SIGNED_IN", signed_in)
    if how == "sudo":
        monkeypatch.setenv("SUDO_UID", str(NOBODY))
    client = socket_of(NOBODY, socket.AF_INET)
    async with answered(client, socket.AF_INET, "127.0.0.1") as own:
        assert own is True


async def test_a_system_that_does_not_tell_is_not_taken_for_an_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(owner, "_TABLES", (tmp_path / "none",))
    client = socket_of(os.geteuid(), socket.AF_INET)
    async with answered(client, socket.AF_INET, "127.0.0.1") as own:
        assert own is None


async def test_whoever_cannot_be_looked_up_just_now_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(owner, "_TABLES", (tmp_path, tmp_path / "none"))  # no file can be read
    client = socket_of(os.geteuid(), socket.AF_INET)
    async with answered(client, socket.AF_INET, "127.0.0.1") as own:
        assert own is False


async def test_who_is_gone_is_nobody_of_ours() -> None:
    assert await is_of_own_user(None) is False
    assert owner._is_of({os.geteuid()}, ("127.0.0.1", 1), ("127.0.0.1", 2)) is False
