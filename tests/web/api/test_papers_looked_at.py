"""What is asked of an upload while a scanner looks at its file, and what is made of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.waiting import until
from tests.web.api.test_papers import PDF, Sender, papers
from tests.web.browser import SignedIn, csrf
from tests.web.meeting_pages import schedule
from web.services import Services


class Scanner:
    """A clamd that finds nothing, when it is told to say so."""

    def __init__(self) -> None:
        self.asked, self.may_say = 0, asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            await reader.readexactly(size)
        self.asked += 1
        await self.may_say.wait()
        writer.write(b"stream: OK\0")
        writer.close()

    async def is_asked(self) -> bool:
        return self.asked > 0


@pytest_asyncio.fixture
async def scanner(tmp_path: Path) -> AsyncIterator[Scanner]:
    made = Scanner()
    server = await asyncio.start_unix_server(made.answer, tmp_path / "clamd")
    async with server:
        yield made
        made.may_say.set()


@pytest_asyncio.fixture
async def sender(
    signed_in: SignedIn, services: Services, scanner: Scanner, tmp_path: Path
) -> Sender:
    clamd = str(tmp_path / "clamd")
    browser = await signed_in("secretary", "nam-po", papers_free_mb=0, clamd=clamd)
    meeting = await schedule(browser, services)
    return Sender(browser, meeting.id, await csrf(browser))


async def test_whoever_asks_while_a_file_is_looked_at_hears_what_became_of_it(
    sender: Sender, services: Services, scanner: Scanner
) -> None:
    at = (await sender.begin(len(PDF))).headers["Location"]
    async with asyncio.TaskGroup() as asking:
        sent = asking.create_task(sender.piece(at, PDF, 0))
        await until(scanner.is_asked)
        asked = [asking.create_task(sender.ask(at)) for _ in range(2)]
        ready, _ = await asyncio.wait(asked, timeout=0.3)
        assert [one.result().status for one in ready] == []
        scanner.may_say.set()
    assert sent.result().status == 204
    assert [one.result().headers["Upload-Offset"] for one in asked] == [str(len(PDF))] * 2
    assert (scanner.asked, len(await papers(sender, services))) == (1, 1)


async def test_what_was_taken_in_before_it_is_given_up_is_not_said_to_be_gone(
    sender: Sender, services: Services, scanner: Scanner
) -> None:
    at = (await sender.begin(len(PDF))).headers["Location"]
    async with asyncio.TaskGroup() as asking:
        asking.create_task(sender.piece(at, PDF, 0))
        await until(scanner.is_asked)
        gone = asking.create_task(sender.browser.delete(at, headers=sender.headers))
        scanner.may_say.set()
    answer = gone.result()
    assert (answer.status, (await answer.json())["code"]) == (409, "paper_taken_in")
    assert len(await papers(sender, services)) == 1
    assert (await sender.ask(at)).headers["Upload-Offset"] == str(len(PDF))
