"""Requests that cannot be read: answered, and without a word of theirs in the log."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.e2e.hub_process import HubProcess
from tests.web.browser import WebClient

COOKIE, TOKEN, BEARER = "bi-mat-cua-phien", "ma-bi-mat-cua-diem-cau", "ma-bi-mat-cua-thiet-bi"
SECRETS = (COOKIE, TOKEN, BEARER)
HEADERS = f"Host: localhost\r\nCookie: confhub={COOKIE}\r\nAuthorization: Bearer {BEARER}\r\n"
LONG = "x" * 9000
MALFORMED = {
    "long cookie": f"GET / HTTP/1.1\r\nCookie: confhub={COOKIE}{LONG}\r\nHost: a\r\n\r\n",
    "long bearer": f"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {BEARER}{LONG}\r\n\r\n",
    "long line": f"GET /join/{TOKEN}{LONG} HTTP/1.1\r\n{HEADERS}\r\n",
    "long query": f"GET /join/{TOKEN}?{LONG} HTTP/1.1\r\n{HEADERS}\r\n",
    "long name": f"GET / HTTP/1.1\r\n{COOKIE}{LONG}: a\r\n{HEADERS}\r\n",
    "no version": f"GET /join/{TOKEN}\r\n{HEADERS}\r\n",
    "bad version": f"GET /join/{TOKEN} HTTP/9.9.{BEARER}\r\n{HEADERS}\r\n",
    "space in the path": f"GET /join/{TOKEN} {COOKIE} HTTP/1.1\r\n{HEADERS}\r\n",
    "unknown method": f"{TOKEN} / HTTP/1.1\r\n{HEADERS}\r\n",
    "no colon": f"GET / HTTP/1.1\r\nHost: a\r\nCookie {COOKIE}\r\n\r\n",
    "control sign": f"GET / HTTP/1.1\r\nHost: a\r\nCookie: {COOKIE}\0\r\n\r\n",
    "bare line feed": f"GET / HTTP/1.1\nHost: a\nCookie: {COOKIE}\n\n",
    "folded": f"GET / HTTP/1.1\r\nHost: a\r\nCookie: a\r\n {COOKIE}\r\n\r\n",
    "two lengths": f"POST /join/{TOKEN} HTTP/1.1\r\n{HEADERS}Content-Length: 1\r\n"
    "Content-Length: 2\r\n\r\nab",
    "bad length": f"POST /join/{TOKEN} HTTP/1.1\r\n{HEADERS}Content-Length: {BEARER}\r\n\r\n",
    "bad chunk": f"POST /signin HTTP/1.1\r\n{HEADERS}Transfer-Encoding: chunked\r\n"
    f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{COOKIE}\r\n",
    "two hosts": f"GET /join/{TOKEN} HTTP/1.1\r\n{HEADERS}Host: b\r\n\r\n",
    "no host": f"GET /join/{TOKEN} HTTP/1.1\r\nCookie: confhub={COOKIE}\r\n\r\n",
    "bad host": f"GET /join/{TOKEN} HTTP/1.1\r\nHost: [{BEARER}\r\n\r\n",
    "bad address": f"GET http://[{TOKEN}/ HTTP/1.1\r\n{HEADERS}\r\n",
    "connect": f"CONNECT {TOKEN}:1 HTTP/1.1\r\n{HEADERS}\r\n",
    "too many headers": "GET / HTTP/1.1\r\n" + f"Cookie: {COOKIE}\r\n" * 200 + "\r\n",
    "half an upgrade": f"GET /join/{TOKEN}/socket HTTP/1.1\r\n{HEADERS}Upgrade: websocket\r\n"
    f"Connection: Upgrade\r\nSec-WebSocket-Key: {BEARER}\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "bytes": f"GET /join/{TOKEN}\xff HTTP/1.1\r\n{HEADERS}Accept-Language: \xff\r\n\r\n",
    "expectation": f"GET /join/{TOKEN} HTTP/1.1\r\n{HEADERS}Expect: \xff{COOKIE}\r\n\r\n",
    "tls": f"\x16\x03\x01{TOKEN}\r\n\r\n",
    "after a good one": f"GET /healthz HTTP/1.1\r\n{HEADERS}\r\n{TOKEN} {COOKIE}\r\n\r\n",
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    made = HubProcess(
        tmp_path_factory.mktemp("hub"), access_log="true", log_level="debug", metrics_token="x"
    )
    made.start()
    yield made
    made.stop()


def say(hub: HubProcess, text: str) -> bytes:
    """What the hub answers until it closes the connection, or is asked for no more."""
    answer = b""
    with socket.create_connection(("127.0.0.1", hub.port), timeout=20) as client:
        client.sendall(text.encode("latin-1"))
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            while chunk := client.recv(65_536):
                answer += chunk
                client.settimeout(0.5)  # kept open for the next request
    return answer


@pytest.mark.parametrize("case", MALFORMED)
def test_no_secret_of_a_malformed_request_is_logged(hub: HubProcess, case: str) -> None:
    answer = say(hub, MALFORMED[case])
    assert b"HTTP/1.1 5" not in answer
    assert b"HTTP/1.0 5" not in answer
    assert answer
    say(hub, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    log = hub.log()
    for secret in SECRETS:
        assert secret not in log
    assert "Traceback" not in log
    assert "AssertionError" not in log


def test_no_answer_names_our_versions(hub: HubProcess) -> None:
    for text in (
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "x\r\n\r\n",
    ):
        answer = say(hub, text)
        assert b"\r\nServer: confhub\r\n" in answer
        assert b"ython" not in answer
        assert b"aiohttp" not in answer


ANY_BYTES = "a\udcff\udc80"
TOLD = ["Authorization", "Cookie", "Accept-Language", "Referer", "User-Agent", "X-Forwarded-For"]
TOLD += ["X-Forwarded-Proto", "X-Forwarded-Host", "Origin", "Accept", "Content-Type", "Upgrade"]
TOLD += ["If-Match", "X-CSRF-Token", "Sec-Fetch-Site", "Content-Encoding", "Host", "Expect"]


@pytest.mark.parametrize("name", TOLD)
async def test_headers_of_any_bytes_are_no_fault_of_ours(client: WebClient, name: str) -> None:
    values = [ANY_BYTES, f"Bearer {ANY_BYTES}", f"confhub={ANY_BYTES}; confhub-device={ANY_BYTES}"]
    for value in values:
        for method, path in (
            ("GET", "/signin"),
            ("GET", "/metrics"),
            ("GET", "/join/x"),
            ("GET", "/nowhere"),
            ("GET", "/board"),
            ("POST", "/signin"),
            ("POST", "/meetings/new"),
            ("POST", "/whip/m1"),
            ("PATCH", "/whep/m1/s1"),
        ):
            answer = await client.request(
                method, path, headers={name: value}, allow_redirects=False
            )
            assert answer.status < 500 or answer.status == 503, (method, path, value)
