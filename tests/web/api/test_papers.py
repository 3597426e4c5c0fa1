"""Uploads of papers by tus 1.0.0: what breaks off is kept, what is whole becomes a paper or is
refused, and nobody sends for others."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import threading
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientResponse

from confhub.papers.paper import Paper
from confhub.papers.vault import Vault
from tests.confhub.papers.compound_files import compound
from tests.waiting import until
from tests.web.browser import SignedIn, WebClient, csrf
from tests.web.meeting_pages import schedule
from web.papers import taking_in
from web.papers.receiving import Receivers
from web.services import Services

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 1000
TUS = {"Tus-Resumable": "1.0.0"}
TYPE = {"Content-Type": "application/offset+octet-stream"}


def word_file(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in ("[Content_Types].xml", "word/document.xml", *names):
            made.writestr(name, "<x/>")
    return file.getvalue()


class Sender:
    """A secretary's program."""

    def __init__(self, browser: WebClient, meeting_id: str, token: str) -> None:
        self.browser, self.meeting_id = browser, meeting_id
        self.headers = {**TUS, "X-CSRF-Token": token}

    async def begin(self, size: int, name: str = "bao-cao.pdf", **said: str) -> ClientResponse:
        said = {"name": name, **said}
        coded = [f"{key} {base64.b64encode(one.encode()).decode()}" for key, one in said.items()]
        headers = {"Upload-Length": str(size), "Upload-Metadata": ",".join(coded)}
        path = f"/api/meetings/{self.meeting_id}/papers"
        return await self.browser.post(path, headers={**self.headers, **headers})

    async def piece(self, at: str, data: bytes, offset: int) -> ClientResponse:
        headers = {**self.headers, **TYPE, "Upload-Offset": str(offset)}
        return await self.browser.patch(at, data=data, headers=headers)

    async def ask(self, at: str) -> ClientResponse:
        return await self.browser.head(at, headers=self.headers)

    async def send(self, data: bytes, name: str = "bao-cao.pdf", **said: str) -> ClientResponse:
        begun = await self.begin(len(data), name, **said)
        assert begun.status == 201, await begun.text()
        return await self.piece(begun.headers["Location"], data, 0)


@pytest_asyncio.fixture
async def sender(signed_in: SignedIn, services: Services) -> AsyncIterator[Sender]:
    browser = await signed_in("secretary", "nam-po", papers_free_mb=0)
    meeting = await schedule(browser, services)
    yield Sender(browser, meeting.id, await csrf(browser))


async def papers(sender: Sender, services: Services) -> list[Paper]:
    return list(await services.store.papers.of_meeting(sender.meeting_id))


def kept(services: Services) -> list[Path]:
    folder = Path(services.settings.data_dir) / "papers"
    return [one for one in folder.rglob("*") if one.is_file()]


async def test_a_file_comes_in_pieces_and_is_kept_under_its_hash(
    sender: Sender, services: Services
) -> None:
    begun = await sender.begin(len(PDF), "Báo cáo tháng 11.pdf")
    at = begun.headers["Location"]
    first = await sender.piece(at, PDF[:1000], 0)
    assert (first.status, first.headers["Upload-Offset"]) == (204, "1000")
    asked = await sender.ask(at)
    assert (asked.status, asked.headers["Upload-Offset"]) == (200, "1000")
    assert asked.headers["Upload-Length"] == str(len(PDF))
    last = await sender.piece(at, PDF[1000:], 1000)
    assert (last.status, last.headers["Upload-Offset"]) == (204, str(len(PDF)))
    (paper,) = await papers(sender, services)
    assert paper.latest.name == "Báo cáo tháng 11.pdf"
    assert paper.latest.digest == hashlib.sha256(PDF).hexdigest()
    assert [(one.name, one.read_bytes()) for one in kept(services)] == [(paper.latest.digest, PDF)]
    again = await sender.ask(at)  # whoever did not hear the last answer
    assert again.headers["Upload-Offset"] == str(len(PDF))


async def test_what_came_before_a_break_is_kept(sender: Sender, services: Services) -> None:
    at = (await sender.begin(len(PDF))).headers["Location"]
    whole = {**sender.headers, **TYPE, "Upload-Offset": "0", "Content-Length": str(len(PDF))}
    _reader, writer = await asyncio.open_connection("127.0.0.1", sender.browser.port)
    cookies = "; ".join(f"{one.key}={one.value}" for one in sender.browser.session.cookie_jar)
    head = [f"PATCH {at} HTTP/1.1", "Host: x", f"Cookie: {cookies}"]
    head += [f"{name}: {value}" for name, value in whole.items()]
    writer.write("\r\n".join([*head, "", ""]).encode() + PDF[:100_000])
    await writer.drain()

    async def has_come() -> bool:
        name = at.rpartition("/")[2]
        return any(one.name == name and one.stat().st_size > 65_000 for one in kept(services))

    await until(has_come)
    # The line is silent: whoever comes back does not wait until that is noticed.
    asked = await sender.ask(at)
    assert asked.headers["Upload-Offset"] == "100000"
    rest = await sender.piece(at, PDF[100_000:], 100_000)
    assert rest.status == 204
    assert [one.latest.size for one in await papers(sender, services)] == [len(PDF)]
    writer.close()


async def test_a_piece_from_elsewhere_is_refused(sender: Sender) -> None:
    at = (await sender.begin(len(PDF))).headers["Location"]
    assert (await sender.piece(at, PDF[5:], 5)).status == 409
    assert (await sender.piece(at, PDF + b"x", 0)).status == 409
    assert (await sender.ask(at)).headers["Upload-Offset"] == "0"


async def test_another_protocol_is_refused(sender: Sender) -> None:
    sender.headers["Tus-Resumable"] = "0.2.2"
    answer = await sender.begin(10)
    assert (answer.status, answer.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"MZ" + bytes(100), "paper_kind"),
        (b"<html><script>alert(1)</script>", "paper_kind"),
        (word_file("word/vbaProject.bin"), "paper_macro"),
        (compound({"EncryptedPackage": bytes(5000)}), "paper_locked"),
    ],
)
async def test_what_a_file_is_goes_by_its_content(
    sender: Sender, services: Services, data: bytes, code: str
) -> None:
    begun = await sender.begin(len(data), "giay-moi.pdf")
    answer = await sender.piece(begun.headers["Location"], data, 0)
    assert (answer.status, (await answer.json())["code"]) == (422, code)
    assert await papers(sender, services) == []
    assert kept(services) == []
    at = begun.headers["Location"]
    assert (await sender.ask(at)).status == 422
    told = await sender.piece(at, b"", len(data))  # in words, which HEAD has none of
    assert (told.status, (await told.json())["code"]) == (422, code)


async def test_a_file_gets_the_ending_of_its_content(sender: Sender, services: Services) -> None:
    assert (await sender.send(word_file(), "..\\..\\etc/giay-moi.exe")).status == 204
    (paper,) = await papers(sender, services)
    assert paper.latest.name == "giay-moi.exe.docx"


@pytest.mark.parametrize(("size", "status"), [(0, 400), (51 * 1024 * 1024, 413), (10**12 - 1, 413)])
async def test_files_have_a_length(sender: Sender, size: int, status: int) -> None:
    assert (await sender.begin(size)).status == status


async def test_all_files_of_a_meeting_have_a_length(sender: Sender) -> None:
    announced = [await sender.begin(50 * 1024 * 1024, f"{one}.pdf") for one in range(11)]
    answers = [one.status for one in announced]
    assert answers == [201] * 10 + [413]


async def test_a_new_version_takes_the_place_of_the_last(
    sender: Sender, services: Services
) -> None:
    await sender.send(PDF)
    (paper,) = await papers(sender, services)
    assert (await sender.send(PDF + b"2", paper=paper.id)).status == 204
    (paper,) = await papers(sender, services)
    assert [one.number for one in paper.versions] == [1, 2]


async def test_an_upload_is_its_own_accounts(sender: Sender, signed_in: SignedIn) -> None:
    at = (await sender.begin(len(PDF))).headers["Location"]
    other = await signed_in("admin", "nam-po")
    stranger = Sender(other, sender.meeting_id, await csrf(other))
    assert (await stranger.ask(at)).status == 404
    assert (await stranger.piece(at, PDF, 0)).status == 404
    guest = await signed_in("site", "cha-nua")
    invited = Sender(guest, sender.meeting_id, await csrf(guest))
    assert (await invited.begin(10)).status == 403


async def test_a_foreign_page_sends_nothing(sender: Sender) -> None:
    at = (await sender.begin(len(PDF))).headers["Location"]
    del sender.headers["X-CSRF-Token"]
    assert (await sender.piece(at, PDF, 0)).status == 403


async def test_what_is_given_up_is_gone(sender: Sender, services: Services) -> None:
    at = (await sender.begin(len(PDF))).headers["Location"]
    await sender.piece(at, PDF[:1000], 0)
    assert (await sender.browser.delete(at, headers=sender.headers)).status == 204
    assert (await sender.ask(at)).status == 404
    assert kept(services) == []


async def test_what_is_announced_anew_leaves_no_bytes_behind(
    sender: Sender, services: Services
) -> None:
    for _ in range(3):
        at = (await sender.begin(len(PDF))).headers["Location"]
        await sender.piece(at, PDF[:1000], 0)
    assert [one.stat().st_size for one in kept(services)] == [1000]


async def test_who_waits_behind_the_end_of_the_same_file_hears_that_it_came(
    sender: Sender, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, end = taking_in._look, Receivers.end
    looks, waits, go_on = asyncio.Event(), asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def held(vault: Vault, upload_id: str) -> tuple[str, str]:
        loop.call_soon_threadsafe(looks.set)
        assert go_on.wait(30)
        return look(vault, upload_id)

    async def behind(self: Receivers, upload_id: str) -> None:
        if upload_id in self._writing:
            waits.set()
        await end(self, upload_id)

    monkeypatch.setattr(taking_in, "_look", held)
    monkeypatch.setattr(Receivers, "end", behind)
    at = (await sender.begin(len(PDF))).headers["Location"]
    first = asyncio.create_task(sender.piece(at, PDF, 0))
    await looks.wait()
    second = asyncio.create_task(sender.piece(at, b"", len(PDF)))
    await waits.wait()
    go_on.set()
    for answer in (await first, await second):
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(PDF)))
    assert len(await papers(sender, services)) == 1
