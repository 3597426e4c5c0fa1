"""Bytes of papers as answers: whole, in parts, and that whoever got one of them is on record."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import socket

import pytest
from aiohttp import ClientError

from confhub.papers.choice import vault_of
from confhub.papers.paper import Paper, Shown, Version
from tests.waiting import until
from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import schedule
from web.papers import sending
from web.services import Services

DATA = b"%PDF-1.7\n" + bytes(range(256)) * 40_000  # more than lies between two programs

ESTABLISHED = 1  # tcp(7), tcpi_state


async def paper_of(browser: WebClient, services: Services) -> tuple[Version, str]:
    """A paper of a new meeting, and where it is read."""
    meeting, digest = await schedule(browser, services), hashlib.sha256(DATA).hexdigest()
    vault = vault_of(services.settings)
    vault.begin("upload-1")
    writing = vault.write("upload-1")
    writing.write(DATA)
    writing.close()
    vault.keep("upload-1", digest)
    now = services.clock()
    version = Version(
        "version-1",
        "paper-1",
        meeting.id,
        1,
        "a.pdf",
        digest,
        len(DATA),
        "pdf",
        now,
        "nobody",
    )
    await services.store.papers.add(
        Paper("paper-1", meeting.id, Shown(), (version,)), services.clock()
    )
    return version, f"/meetings/{meeting.id}/papers/paper-1/files/1"


async def times(services: Services) -> int:
    """How often it is on record that it was opened."""
    return sum(one.times for one in await services.store.papers.openings(["version-1"], 10))


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [
        ({}, 200, DATA),
        ({"Range": "bytes=0-"}, 206, DATA),
        ({"Range": "bytes=00-"}, 206, DATA),
        ({"Range": "bytes=1-"}, 206, DATA[1:]),
        ({"Range": "bytes=-9"}, 206, DATA[-9:]),
        ({"Range": "bytes=-99999999"}, 206, DATA),
        ({"Range": "bytes=5-6,0-"}, 200, DATA),
        ({"Range": "bytes=x"}, 200, DATA),
        ({"Range": "bytes=5-", "If-Range": '"other"'}, 200, DATA),
    ],
    ids=range(9),
)
async def test_whoever_is_sent_a_byte_has_opened_it(
    signed_in: SignedIn,
    services: Services,
    headers: dict[str, str],
    status: int,
    expected: bytes,
) -> None:
    browser = await signed_in("secretary", "nam-po", papers_free_mb=0)
    _version, path = await paper_of(browser, services)
    answer = await browser.get(path, headers=headers)
    assert (answer.status, await answer.read() == expected) == (status, True)
    assert await times(services) == 1


async def test_what_brings_no_byte_is_no_opening(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po", papers_free_mb=0)
    version, path = await paper_of(browser, services)
    known = await browser.get(path, headers={"If-None-Match": f'"{version.digest}"'})
    beyond = await browser.get(path, headers={"Range": f"bytes={len(DATA)}-"})
    asked = await browser.head(path)
    assert [one.status for one in (known, beyond, asked)] == [304, 416, 200]
    assert await times(services) == 0


async def test_a_file_that_is_read_in_parts_was_opened_once(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po", papers_free_mb=0)
    _version, path = await paper_of(browser, services)
    got = b""
    for first in range(0, len(DATA), len(DATA) // 4 + 1):
        span = f"bytes={first}-{first + len(DATA) // 4}"
        got += await (await browser.get(path, headers={"Range": span})).read()
    assert got == DATA
    assert await times(services) == 1
    await (await browser.get(path)).read()
    assert await times(services) == 2


async def test_whoever_takes_nothing_is_cut_off_and_is_no_fault_of_ours(
    signed_in: SignedIn,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sending, "PIECE_S", 0.1)
    browser = await signed_in("secretary", "nam-po", papers_free_mb=0)
    _version, path = await paper_of(browser, services)
    reader, writer = await asyncio.open_connection("127.0.0.1", browser.port, limit=1024)
    cookies = "; ".join(f"{one.key}={one.value}" for one in browser.session.cookie_jar)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n\r\n".encode())
    assert b"200 OK" in await reader.readline()
    sock = writer.get_extra_info("socket")

    async def is_cut_off() -> bool:
        return bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED)

    await until(is_cut_off)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("ends", ["paper", "sign-in"])
async def test_a_paper_is_read_no_longer_than_it_may_be(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(sending, "CHECK_S", -1.0)
    browser = await signed_in("secretary", "nam-po", papers_free_mb=0)
    _version, path = await paper_of(browser, services)
    reading = await browser.get(path)
    assert await reading.content.readexactly(1000) == DATA[:1000]
    if ends == "paper":
        await services.store.papers.remove(["paper-1"])
    else:
        await services.store.accounts.end_sign_ins("secre-nam-po")
    with pytest.raises(ClientError):
        await reading.read()
