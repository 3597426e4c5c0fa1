"""Every failure is a page or JSON in the viewer's language, and says what to do."""

from __future__ import annotations

import asyncio
import dataclasses
import logging

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer

from confhub.bucket import Rate
from confhub.errors import Unavailable
from confhub.meetings import working_days
from confhub.people import passwords
from tests.waiting import until
from tests.web.browser import SignedIn, WebClient, csrf, submit
from web.app import build_app
from web.services import Services
from web.wire import request_turns

NO_PAGE = "Không có trang nào ở địa chỉ này. Xin kiểm tra lại liên kết."
JSON = {"Accept": "application/json"}


async def test_an_unknown_address_is_a_page_that_leads_back(client: WebClient) -> None:
    answer = await client.get("/khong-co")
    page = await answer.text()
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert "Không tìm thấy trang" in page
    assert 'href="/"' in page


@pytest.mark.parametrize("path", ["/join/", "/join//", "/join/x/y", "/join/x/y/z"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_lost_its_token_is_an_unknown_address(
    client: WebClient, method: str, path: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert NO_PAGE in await answer.text()


async def test_what_a_link_is_not_asked_by_is_said(client: WebClient) -> None:
    answer = await client.post("/join/x", headers=JSON)
    assert (answer.status, (await answer.json())["code"]) == (405, "method_not_allowed")


async def test_a_fault_before_the_turn_is_a_bare_page(
    client: WebClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_request: web.Request) -> None:
        raise KeyError("token")

    monkeypatch.setattr("web.middleware.known", fail)
    answer = await client.get("/khong-co")
    page = await answer.text()
    assert (answer.status, answer.content_type) == (500, "text/html")
    assert page.partition("Xin báo mã ")[2][:8] in caplog.text
    assert "Content-Security-Policy" in answer.headers


async def test_an_unknown_address_is_a_problem_for_a_program(client: WebClient) -> None:
    answer = await client.get("/api/nowhere")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert await answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": NO_PAGE,
        "code": "not_found",
        "message": NO_PAGE,
    }
    answer = await client.get("/nowhere", headers=JSON)
    assert (await answer.json())["code"] == "not_found"


async def test_when_the_page_of_errors_fails_there_is_a_bare_one(
    client: WebClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_args: object, **_values: object) -> web.Response:
        raise IndexError("a template's fault")

    monkeypatch.setattr("web.pages.errors.render", fail)
    answer = await client.get("/khong-co")
    page = await answer.text()
    assert (answer.status, answer.content_type) == (500, "text/html")
    assert "Hệ thống gặp lỗi" in page
    assert "Content-Security-Policy" in answer.headers
    reference = page.partition("Xin báo mã ")[2][:8]
    assert reference in caplog.text


async def test_a_blank_name_of_long_ago_breaks_no_page(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    for account in await services.store.accounts.list():
        await services.store.accounts.update(dataclasses.replace(account, name=" "))
    for path in ("/", "/accounts", "/meetings", "/khong-co"):
        answer = await browser.get(path)
        assert answer.status in (200, 404), path
        assert "Hệ thống gặp lỗi" not in await answer.text()


async def test_a_store_that_is_away_fills_no_log(
    signed_in: SignedIn, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await signed_in("admin", "nam-po")
    await services.store.close()
    for _ in range(5):
        assert (await browser.get("/accounts")).status == 503
    assert caplog.text.count("GET /accounts not served") == 1


async def test_a_network_that_asks_far_too_much_is_told_so_and_who_is_signed_in_is_served(
    client: WebClient, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("admin", "nam-po")
    monkeypatch.setattr(request_turns, "NETWORK", Rate(0.01, 20))
    statuses = []
    for _ in range(30):
        answer = await client.get("/signin")
        statuses.append(answer.status)
    assert statuses[-1] == 429
    assert answer.headers["Connection"] == "close"
    assert int(answer.headers["Retry-After"]) > 0
    assert "Mạng này gửi quá nhiều yêu cầu" in await answer.text()
    assert (await browser.get("/accounts")).status == 200


@pytest.mark.parametrize("path", ["/", "/accounts/new", "/signin"])
async def test_a_method_not_taken_says_which_are(client: WebClient, path: str) -> None:
    answer = await client.delete(path)
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
    assert "Thao tác không được nhận" in await answer.text()


async def test_a_body_over_the_limit_is_refused_in_words(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await browser.post("/accounts/new", data={"name": "x" * 600_000})
    assert answer.status == 413
    assert "Nội dung quá lớn" in await answer.text()


async def test_a_signed_in_import_may_be_larger_than_a_form(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "central")
    upload = FormData({"csrf": await csrf(browser)})
    upload.add_field("file", b"x" * 600_000, filename="units.csv", content_type="text/csv")
    answer = await browser.post("/units/import", data=upload)
    assert answer.status != 413


MULTIPART = {
    "no boundary": ("multipart/form-data", b"hello"),
    "another boundary": ("multipart/form-data; boundary=abc", b"--xyz\r\n\r\n"),
    "cut short": (
        "multipart/form-data; boundary=abc",
        b'--abc\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n12',
    ),
    "no name": (
        "multipart/form-data; boundary=abc",
        b"--abc\r\nContent-Disposition: form-data\r\n\r\n12\r\n--abc--\r\n",
    ),
    "no header": ("multipart/form-data; boundary=abc", b"--abc\r\nnonsense\r\n\r\n\r\n--abc--\r\n"),
    "unknown transfer encoding": (
        "multipart/form-data; boundary=abc",
        b'--abc\r\nContent-Disposition: form-data; name="a"\r\n'
        b"Content-Transfer-Encoding: x-rot13\r\n\r\n12\r\n--abc--\r\n",
    ),
    "too many parts": (
        "multipart/form-data; boundary=abc",
        b'--abc\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 990 + b"--abc--\r\n",
    ),
}
PLAIN = {
    "unknown charset": ("application/x-www-form-urlencoded; charset=klingon", b"a=1"),
    "not text": ("application/x-www-form-urlencoded; charset=utf-8", b"a=\xff\xfe"),
    "too many fields": ("application/x-www-form-urlencoded", b"a=1&" * 5_000),
}
BROKEN = MULTIPART | PLAIN


@pytest.mark.parametrize("path", ["/accounts/new", "/units/import", "/signin", "/language"])
@pytest.mark.parametrize("case", BROKEN)
async def test_a_broken_form_is_refused_in_words(signed_in: SignedIn, path: str, case: str) -> None:
    browser = await signed_in("admin", "nam-po")
    content_type, body = BROKEN[case]
    answer = await browser.post(path, data=body, headers={"Content-Type": content_type})
    status = 413 if case.startswith("too many") else 400
    if case in MULTIPART and path != "/units/import":
        status = 415  # files are uploaded on the pages of imports alone
    assert answer.status == status, await answer.text()
    assert answer.content_type == "text/html"


@pytest.mark.parametrize("case", BROKEN)
async def test_a_broken_form_of_a_stranger_is_refused(client: WebClient, case: str) -> None:
    content_type, body = BROKEN[case]
    answer = await client.post("/signin", data=body, headers={"Content-Type": content_type})
    expected = 415 if case in MULTIPART else 413 if case == "too many fields" else 400
    assert answer.status == expected


async def _fail(_request: web.Request) -> web.Response:
    raise ZeroDivisionError


async def test_a_fault_of_ours_gives_a_reference_that_is_in_the_log(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    app = build_app(services)
    app.router.add_get("/fault", _fail)
    async with TestClient(TestServer(app)) as browser:
        answer = await browser.get("/fault", headers=JSON)
        body = await answer.json()
        page = await (await browser.get("/fault")).text()
    assert (answer.status, body["code"]) == (500, "internal")
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    reference = failures[0].getMessage().rsplit(" ", 1)[1]
    assert f"Xin báo mã {reference}" in body["detail"]
    assert [bool(failure.exc_info) for failure in failures] == [True, False]  # the cause once
    assert "ZeroDivisionError" in failures[1].getMessage()
    assert "ZeroDivisionError" not in page
    assert "Hệ thống gặp lỗi" in page


async def test_a_page_that_is_left_in_the_middle_of_a_request_is_no_fault_of_ours(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "web.middleware")
    # As a hub runs it: the servers of aiohttp's tests cancel handlers instead.
    runner = web.AppRunner(build_app(services))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        _reader, writer = await asyncio.open_connection(host, port)
        head = (
            "POST /signin HTTP/1.1",
            f"Host: {host}:{port}",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 1000",
        )
        writer.write("\r\n".join([*head, "", "login=thuky"]).encode())
        await writer.drain()
        writer.close()

        async def is_noted() -> bool:
            return "POST /signin: whoever asked went away" in caplog.text

        await until(is_noted)
    finally:
        await runner.cleanup()
    # A busy machine is told of by the watch over the loop; that is no fault of the request's.
    assert [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "monitoring.machine.loop_watch"
    ] == []


@pytest.mark.parametrize(
    "says",
    [
        RuntimeError("Connection closed."),  # aiohttp's reader of a body, over TLS
        ConnectionError("Connection lost"),  # and where more of an answer waits to be written
    ],
    ids=str,
)
async def test_whoever_is_gone_while_they_are_served_is_no_fault_of_ours(
    services: Services, caplog: pytest.LogCaptureFixture, says: Exception
) -> None:
    caplog.set_level(logging.DEBUG, "web.middleware")
    app = build_app(services)

    async def slow(request: web.Request) -> web.Response:
        async def is_gone() -> bool:
            return request.transport is None

        await until(is_gone)
        raise says

    app.router.add_post("/late", slow)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        _reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"POST /late HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\n".encode())
        await writer.drain()
        writer.close()

        async def is_noted() -> bool:
            return "/late" in caplog.text or "went away" in caplog.text

        await until(is_noted)
    finally:
        await runner.cleanup()
    assert "whoever asked went away" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_store_that_does_not_answer_is_a_busy_page_and_not_a_sign_out(
    services: Services,
) -> None:
    class Silent:
        async def sign_in(self, *_: object) -> None:
            raise Unavailable

    broken = dataclasses.replace(services)
    object.__setattr__(broken, "store", _with_accounts(services.store, Silent()))
    async with TestClient(TestServer(build_app(broken))) as browser:
        known = {"confhub": services.tokens.sign_ins.sign(b"x" * 32)}
        answer = await browser.get("/", cookies=known, allow_redirects=False)
        assert answer.status == 503
        assert "Hệ thống đang bận" in await answer.text()
        assert (await browser.get("/signin")).status == 200


def _with_accounts(store: object, accounts: object) -> object:
    class Store:
        def __getattr__(self, name: str) -> object:
            return accounts if name == "accounts" else getattr(store, name)

    return Store()


async def test_errors_speak_the_language_of_the_viewer(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    await submit(browser, "/language", {"language": "en", "next": "/"})
    answer = await browser.get("/accounts")
    assert answer.status == 403
    assert '<html lang="en">' in await answer.text()


async def test_who_asks_first_waits_for_nothing_that_is_read_once_a_start(
    services: Services,
) -> None:
    """Calendars of holidays and the hash of no password: each held the loop for a tenth of a
    second."""
    once = (working_days._holidays, passwords._decoy)
    for read in once:
        read.cache_clear()
    async with TestServer(build_app(services)):
        assert [read.cache_info().currsize for read in once] == [2, 1]
