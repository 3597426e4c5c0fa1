"""Whatever is thrown at a real hub gets a clear answer, and the hub serves on."""

from __future__ import annotations

import io
import random
import re
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import ClientSession, FormData, WSServerHandshakeError

from confhub.demo.logins import PASSWORD
from rooms.protocol.messages import MAX_MESSAGE_BYTES
from tests.e2e.hub_process import HubProcess, demo_hub
from tests.e2e.person import BareBrowser
from tests.rooms.house import Page
from tests.web.browser import csrf_in

BRIEFING = "demonpo"  # the demo's meeting that is open now, with today's date behind


@dataclass
class Guest:
    """The secretary of Nậm Pồ's commands, without a browser."""

    hub: HubProcess
    browser: BareBrowser
    meeting: str = ""

    @property
    def session(self) -> ClientSession:
        return self.browser.session

    async def page(self, path: str) -> str:
        async with self.session.get(f"{self.hub.origin}{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def post(self, path: str, form: FormData | dict[str, str]) -> tuple[int, str]:
        async with self.session.post(
            f"{self.hub.origin}{path}", data=form, allow_redirects=False
        ) as answer:
            return answer.status, await answer.text()

    async def status(self, path: str) -> int:
        async with self.session.get(f"{self.hub.origin}{path}") as answer:
            return answer.status

    async def socket(self, path: str, origin: str = "") -> Page:
        return await self.browser.open(self.hub.origin, path, page_from=origin)

    async def room(self) -> Page:
        page = await self.socket(f"/meetings/{self.meeting}/socket")
        await page.hello()
        return page


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """The same for all tests: whatever one of them threw at it, it serves the next."""
    with demo_hub(tmp_path_factory.mktemp("hub")) as made:
        yield made


@pytest_asyncio.fixture
async def guest(hub: HubProcess) -> AsyncIterator[Guest]:
    async with BareBrowser() as bare:
        made = Guest(hub, bare)
        form = {"login": "thuky.nampo", "password": PASSWORD, "next": "/"}
        status, _ = await made.post("/signin", form)
        assert status == 303
        found = re.search(rf"/meetings/({BRIEFING}\d+)", await made.page("/"))
        assert found is not None
        made.meeting = found[1]
        yield made
        assert await made.status("/readyz") == 200
        assert "Traceback" not in hub.log()


async def test_signalling_answers_what_it_cannot_use(guest: Guest) -> None:
    room = await guest.room()
    for text, about in (
        ("{", None),
        ('{"type":"no_such_message"}', "no_such_message"),
        ('{"type":"hand","raised":"yes"}', "hand"),
        ('{"type":"hand","more":1}', "hand"),
    ):
        await room.socket.send_str(text)
        problem = await room.expect("problem")
        assert problem["message"]
        if about:
            assert problem["about"] == about
    for sdp in ("", "nonsense", "v=0\r\n", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 40):
        await room.send("publish", sdp=sdp, sources={"0": "camera"})
        assert (await room.expect("problem", about="publish"))["message"]
    await room.socket.send_str("x" * (MAX_MESSAGE_BYTES + 1))
    assert await room.closed() == 1009
    again = await guest.room()
    await again.send("ping", at=1.0)
    await again.expect("pong")


async def test_strangers_are_refused_at_the_socket(guest: Guest) -> None:
    with pytest.raises(WSServerHandshakeError) as refusal:
        await guest.socket(f"/meetings/{guest.meeting}/socket", origin="https://evil.example")
    assert refusal.value.status == 403


async def test_dead_links_say_so(guest: Guest) -> None:
    links = await guest.page(f"/meetings/{guest.meeting}/links")
    found = re.search(rf'data-copy="{re.escape(guest.hub.origin)}(/join/[^"]+)"', links)
    dead = re.search(r"(/meetings/\w+/links/\w+)/revoke", links)
    assert found is not None
    assert dead is not None
    assert await guest.status(found[1]) == 200
    page = await guest.page(f"{dead[1]}/revoke")
    status, _ = await guest.post(f"{dead[1]}/revoke", {"csrf": csrf_in(page)})
    assert status == 303
    async with guest.session.get(f"{guest.hub.origin}{found[1]}") as answer:
        assert answer.status == 410
        assert "Liên kết không còn dùng được" in await answer.text()
    assert await guest.status("/join/forged.link") == 400


async def test_a_file_with_errors_is_told_line_by_line_and_changes_nothing(guest: Guest) -> None:
    form = {"login": "quantri.dienbien", "password": PASSWORD, "next": "/"}
    assert (await guest.post("/signin", form))[0] == 303
    page = await guest.page("/units/import")
    text = "Mã,Tên,Cấp,Mã cấp trên\n99901,Xã Mới,Xã,103\n99902,Xã Lạ,Ấp,103\n99903,,Xã,103\n"
    upload = FormData()
    upload.add_field("csrf", csrf_in(page))
    upload.add_field("file", io.BytesIO(text.encode()), filename="xa.csv", content_type="text/csv")
    status, answer = await guest.post("/units/import", upload)
    assert status == 400
    lines = re.findall(r'data-label="Dòng">(\d+)</td><td data-label="Cột">([^<]+)<', answer)
    assert lines == [("3", "Cấp"), ("4", "Tên")]
    assert "Xã Mới" not in await guest.page("/units?q=xa+moi")


async def test_noise_on_the_media_port_is_counted_and_dropped(guest: Guest) -> None:
    noise = random.Random(20260701)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(2_000):
            # The first byte decides: STUN, DTLS, RTP and RTCP each get their share (RFC 7983).
            head = bytes([noise.choice((0, 1, 20, 22, 63, 128, 144, 191, 255))])
            tail = noise.randbytes(noise.randrange(0, 1_400))
            sender.sendto(head + tail, ("127.0.0.1", guest.hub.media_port))
    metrics = await guest.page("/metrics")
    rejected = re.findall(r"confhub_media_bad_datagrams_total\{[^}]*\} (\S+)", metrics)
    assert sum(map(float, rejected)) > 0
    assert await guest.status("/healthz") == 200
