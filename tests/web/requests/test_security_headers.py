"""What every answer tells the browser to refuse."""

from __future__ import annotations

import re

import pytest

from tests.web.browser import Making, SignedIn, WebClient

PAGES = ["/", "/signin", "/accounts", "/nowhere", "/healthz", "/api/units/tree"]


def policy_of(header: str) -> dict[str, list[str]]:
    parts = (part.split() for part in header.split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_carries_the_headers(signed_in: SignedIn, path: str) -> None:
    browser = await signed_in("admin", "nam-po")
    headers = (await browser.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "Content-Security-Policy" in headers


async def test_the_policy_allows_no_inline_script_and_no_other_origin(client: WebClient) -> None:
    answer = await client.get("/signin")
    policy = policy_of(answer.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'self'"]
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    for kind in ("script-src", "style-src"):
        assert len(policy[kind]) == 2
        assert policy[kind][0] == "'self'"
        assert re.fullmatch(r"'nonce-[\w-]{22}'", policy[kind][1])
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_a_nonce_is_used_once(client: WebClient) -> None:
    nonces = {(await client.get("/signin")).headers["Content-Security-Policy"] for _ in range(5)}
    assert len(nonces) == 5


async def test_sockets_of_our_own_host_only(client: WebClient) -> None:
    host = f"{client.host}:{client.port}"
    answer = await client.get("/signin")
    policy = policy_of(answer.headers["Content-Security-Policy"])
    assert policy["connect-src"] == ["'self'", f"ws://{host}"]


async def test_tls_is_remembered_where_there_is_tls_only(new_client: Making) -> None:
    plain = await (await new_client()).get("/signin")
    assert "Strict-Transport-Security" not in plain.headers
    tls = await (await new_client(public_origin="https://hop.example")).get("/signin")
    assert tls.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "wss://hop.example" in tls.headers["Content-Security-Policy"]


async def test_a_trial_does_not_bind_browsers_beyond_itself(new_client: Making) -> None:
    trial = await (await new_client(public_origin="https://hop.example", tls="lab")).get("/signin")
    assert "Strict-Transport-Security" not in trial.headers
