"""What of a body is read, and what is refused unread."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from types import MappingProxyType, SimpleNamespace
from typing import cast, get_type_hints

import pytest
import pytest_asyncio
from aiohttp import StreamReader, helpers, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.helpers import parse_content_type

from confhub.errors import TooMany
from confhub.rounds import Place
from tests.waiting import until
from tests.web.browser import SignedIn, WebClient, cookie, csrf
from web.app import build_app
from web.requests import form_body
from web.requests.addresses import stranger
from web.requests.route import JSON_TYPE, PLAIN_TYPE, Route
from web.routes import ROUTES
from web.services import Services

PLAIN = {"Content-Type": PLAIN_TYPE}
ZIPPED = {**PLAIN, "Content-Encoding": "gzip"}
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SDP = "application/sdp"
POSTS = ["/signin", "/language", "/meetings/new", "/whip/m1", "/api/meetings/conflicts"]


@pytest.mark.parametrize("path", POSTS)
async def test_compressed_bodies_are_refused(client: WebClient, path: str) -> None:
    answer = await client.post(path, data=gzip.compress(b"login=a"), headers=ZIPPED)
    assert answer.status == 415
    if "/whip" in path:
        assert (await answer.json(content_type=None))["code"] == "unsupported_content_coding"


@pytest.mark.parametrize("path", [*POSTS, "/signout", "/units/import"])
@pytest.mark.parametrize("data", [b"", b"{}"])
async def test_a_kind_of_body_that_is_too_long_is_not_parsed(
    client: WebClient, path: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counted(text: str) -> tuple[str, MappingProxyType[str, str]]:
        parsed.append(text)
        return parse_content_type(text)

    monkeypatch.setattr(helpers, "parse_content_type", counted)
    long = PLAIN_TYPE + ';a="' * 1800
    await client.post(path, data=data, headers={"Content-Type": long}, allow_redirects=False)
    assert long not in parsed


@pytest.mark.parametrize("coding", ["identity", "Identity "])
async def test_a_body_that_says_it_is_not_compressed_is_read(
    client: WebClient, coding: str
) -> None:
    form = {"language": "en", "next": "/"}
    answer = await client.post(
        "/language", data=form, headers={"Content-Encoding": coding}, allow_redirects=False
    )
    assert answer.status == 303


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/signin", "multipart/form-data; boundary=x"),
        ("/signin", "text/plain"),
        ("/signin", PLAIN_TYPE + ";a=1" * 100),
        ("/meetings/new", "application/json"),
        ("/units/import", "application/json"),
        ("/api/meetings/conflicts", PLAIN_TYPE),
    ],
)
async def test_a_kind_of_body_the_page_does_not_take_is_named_in_words(
    signed_in: SignedIn, path: str, kind: str
) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await browser.post(path, data=b"{}", headers={"Content-Type": kind})
    assert answer.status == 415
    assert "Nội dung phải có kiểu" in await answer.text()


async def test_an_import_takes_no_more_parts_than_its_form_has(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "central")
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    answer = await browser.post(
        "/units/import",
        data=part * 7_000 + b"--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status == 413


@pytest.mark.parametrize("path", ["/signin", "/language", "/meetings/new", "/units/import"])
async def test_a_form_says_how_long_it_is(signed_in: SignedIn, path: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"login="
        while True:
            yield b"x" * 65_536

    browser = await signed_in("admin", "central")
    answer = await browser.post(path, data=endless(), headers=PLAIN)
    assert answer.status == 411


async def test_a_device_need_not_say_how_long_its_offer_is(client: WebClient) -> None:
    async def long() -> AsyncIterator[bytes]:
        yield b"v=0\r\n"

    answer = await client.post("/whip/m1", data=long(), headers={"Content-Type": SDP})
    assert answer.status == 401  # for want of a token


async def test_a_form_of_many_fields_is_kept_for_after_the_sign_in(client: WebClient) -> None:
    """A fresh page for a stranger, whatever he sends, costs as much as any."""
    form = [(f"field{n}", "x") for n in range(990)]
    answer = await client.post("/meetings/new", data=form)
    page = await answer.text()
    assert answer.status == 401
    assert page.count("<input") < 10
    assert "field989" in page


async def test_a_form_after_a_token_in_a_header_is_still_read(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    headers = {"X-CSRF-Token": await csrf(browser)}
    answer = await browser.post(
        "/language", data={"language": "en", "next": "/"}, headers=headers, allow_redirects=False
    )
    assert answer.status == 303


@pytest.fixture
def app(services: Services) -> web.Application:
    return build_app(services)


@pytest.fixture
def kept(app: web.Application) -> form_body.BodyBytes:
    return app[form_body.KEPT]


@pytest_asyncio.fixture
async def port(app: web.Application) -> AsyncIterator[int]:
    """An application as a hub runs it: it throws the rest of a refused body away for no time."""
    runner = web.AppRunner(app, auto_decompress=False, lingering_time=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("POST /nowhere HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x", 404),
        ("POST /nowhere HTTP/1.1\r\nContent-Encoding: gzip", 404),
        ("PUT /signin HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded", 405),
        ("POST /signin HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x", 415),
        ("POST /signin HTTP/1.1\r\nContent-Encoding: gzip", 415),
        ("POST /signin HTTP/1.1\r\nOrigin: https://evil.example", 415),
        (
            "POST /signin HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Origin: https://evil.example",
            403,
        ),
        ("POST /units/import HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x", 303),
        ("POST /whip/m1 HTTP/1.1\r\nContent-Type: application/sdp", 401),
    ],
)
async def test_refusals_do_not_wait_for_the_body(port: int, head: str, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head}\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n".encode())
    async with asyncio.timeout(10):
        answer = await reader.read()  # and the connection is closed
    writer.close()
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:100]


async def test_a_body_that_stalls_is_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_body, "BODY_TIMEOUT_S", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /signin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n"
    writer.write(f"{head}Content-Type: {PLAIN_TYPE}\r\n\r\nlogin=".encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_length_that_is_only_announced_gives_no_time(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_body, "BODY_TIMEOUT_S", 0.1)
    reader, writer = await post(port, "/signin", b"l", 500_000, "127.0.0.1")
    async with asyncio.timeout(30):  # the whole would have two minutes
        assert b" 400 " in await reader.readline()
    writer.close()


async def test_a_body_that_comes_as_by_a_narrow_line_has_its_time(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_body, "BODY_TIMEOUT_S", 0.0)
    monkeypatch.setattr(form_body, "SLOWEST_BYTES_S", 100)
    body = b"login=".ljust(20_000, b"a")
    reader, writer = await post(port, "/signin", body[:10_000], len(body), "127.0.0.1")
    writer.write(body[10_000:])
    assert b" 400 " in await reader.readline()
    assert b"Problem" not in await reader.read(100)
    writer.close()


async def post(port: int, path: str, body: bytes, whole: int, source: str) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {whole}\r\n"
    writer.write(f"{head}Content-Type: {PLAIN_TYPE}\r\n\r\n".encode() + body)
    return reader, writer


async def test_what_is_kept_of_bodies_is_bounded_and_people_sign_in_beside_it(
    port: int, monkeypatch: pytest.MonkeyPatch, kept: form_body.BodyBytes
) -> None:
    monkeypatch.setattr(form_body, "STRANGER_BYTES", 1_000_000)
    body = b"login=" + b"a" * 399_994
    stalled = [await post(port, "/signin", body, 500_000, "127.0.0.2") for _ in range(2)]

    async def are_kept() -> bool:
        return kept.sum == 2 * (400_000 - form_body.UNCOUNTED_BYTES)

    await until(are_kept)
    reader, more = await post(port, "/signin", body, 500_000, "127.0.0.2")
    assert b" 429 " in await reader.readline()
    for text, source in ((b"login=a&password=b", "127.0.0.2"), (body, "127.0.0.3")):
        other, writer = await post(port, "/signin", text, len(text), source)
        assert b" 400 " in await other.readline()  # a wrong password
        writer.close()
    for _, writer in stalled:
        writer.close()
    more.close()

    async def is_forgotten() -> bool:
        return kept.sum == 0

    await until(is_forgotten)


def fits(kept: form_body.BodyBytes, who: Place, size: int) -> bool:
    try:
        kept.keep(who, size)
    except TooMany:
        return False
    return True


def test_one_network_leaves_strangers_room_and_accounts_take_none_of_it() -> None:
    kept, whole = form_body.BodyBytes(), form_body.STRANGER_BYTES
    customer = [stranger(f"2001:db8:1:{n:x}::1") for n in range(0, 65_536, 256)]
    assert sum(fits(kept, who, whole) for who in customer) == 2
    accounts: list[Place] = [("account", str(n)) for n in range(100)]
    held = [who for who in accounts if fits(kept, who, form_body.OWNER_BYTES)]
    assert len(held) == form_body.OWNERS_BYTES // form_body.OWNER_BYTES
    assert fits(kept, stranger("198.51.100.7"), whole)
    assert not fits(kept, stranger("198.51.100.7"), 1)
    for who in customer[:2]:
        kept.forget(who, whole)
    for who in held:
        kept.forget(who, form_body.OWNER_BYTES)
    kept.forget(stranger("198.51.100.7"), whole)
    assert kept.sum == 0
    assert not kept._kept


def test_of_one_carrier_a_telephone_leaves_the_others_room() -> None:
    kept, whole = form_body.BodyBytes(), form_body.STRANGER_BYTES
    assert fits(kept, stranger("2001:db8:1:100::1"), whole)
    assert not fits(kept, stranger("2001:db8:1:100::2"), 1)
    assert fits(kept, stranger("2001:db8:1:101::1"), whole)


async def test_who_may_not_send_it_is_told_before_the_body_comes(signed_in: SignedIn) -> None:
    browser = await signed_in("site", "nam-po")
    reader, writer = await asyncio.open_connection("127.0.0.1", browser.port)
    writer.write(
        f"POST /sites/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n"
        f"Cookie: confhub={cookie(browser, 'confhub')}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
    )
    async with asyncio.timeout(60):
        assert b" 403 " in await reader.readline()
    writer.close()


async def test_behind_a_large_body_the_connection_ends(port: int) -> None:
    for size, ends in ((1000, False), (100_000, True)):
        body = b"login=" + b"a" * size
        reader, writer = await post(port, "/signin", body, len(body), "127.0.0.1")
        head = await reader.readuntil(b"\r\n\r\n")
        assert (b"\r\nConnection: close\r\n" in head) is ends
        if ends:
            async with asyncio.timeout(60):
                await reader.read()
        writer.close()


async def test_a_body_is_cut_at_any_moment() -> None:
    """While what came is taken, and twice at once while more is awaited."""
    loop = asyncio.get_running_loop()
    never = loop.time() + 600
    protocol = BaseProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    content = StreamReader(protocol, 2**16)
    request = cast(web.Request, SimpleNamespace(content=content))
    patience = form_body.Patience()
    content.feed_data(b"x")
    assert await patience.next_piece(request, never) == b"x"
    patience.cut()
    with pytest.raises(TimeoutError):
        await patience.next_piece(request, never)
    patience = form_body.Patience()
    waiting = asyncio.create_task(patience.next_piece(request, never))
    loop.call_soon(patience.cut)
    loop.call_soon(loop.call_soon, patience.cut)
    with pytest.raises(TimeoutError):
        await waiting


QUESTIONS = [row for row in ROUTES if row.access == "signed_in" and row.api and row.api.question]


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row.path)
async def test_a_question_that_is_no_json_is_refused(signed_in: SignedIn, row: Route) -> None:
    assert row.api is not None
    browser = await signed_in("secretary", "nam-po")
    headers = {"Content-Type": JSON_TYPE, "X-CSRF-Token": await csrf(browser)}
    path = re.sub(r"{\w+}", "none", row.path)
    fields = get_type_hints(row.api.question)
    for name in ("none", *fields):
        for value in (b'"\xff"', b"[" * 30_000):
            body = f'{{"{name}":'.encode() + value + b"}"
            answer = await browser.request(row.method, path, data=body, headers=headers)
            assert answer.status in (400, 404), (name, value[:10])
