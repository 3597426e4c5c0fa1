"""What of a Cookie header is read."""

from __future__ import annotations

import pytest
from aiohttp import web_request
from aiohttp.test_utils import make_mocked_request

from tests.web.browser import SignedIn, WebClient, cookie, sign_in
from web.requests.cookies import sent_cookie


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("confhub=abc", "abc"),
        ("a=1; confhub=abc; b=2", "abc"),
        ("a=1;confhub=abc", "abc"),
        ("confhub=first; confhub=second", "second"),
        ('confhub="abc"', "abc"),
        ("confhub=W10=", "W10="),
        ("confhub=", ""),
        ("confhub", None),
        ("xconfhub=abc; confhubx=abc", None),
        ("a=confhub=abc", None),
        (";" * 8000, None),
        ("", None),
    ],
)
def test_a_cookie_is_found_among_others(header: str, value: str | None) -> None:
    request = make_mocked_request("GET", "/", headers={"Cookie": header})
    assert sent_cookie(request, "confhub") == value


@pytest.mark.parametrize("path", ["/", "/signin", "/healthz", "/nowhere"])
async def test_no_request_has_all_its_cookies_made_into_objects(
    client: WebClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(header: str) -> None:
        pytest.fail(f"parsed: {header}")

    monkeypatch.setattr(web_request, "parse_cookie_header", refuse)
    answer = await client.get(path, headers={"Cookie": "a;" * 4000}, allow_redirects=False)
    assert answer.status in (200, 303, 404)
    answer = await sign_in(client, "secretary.nam-po", Cookie="a;" * 4000)
    assert answer.status == 303


async def test_a_sign_in_is_known_among_many_other_cookies(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    others = "; ".join(f"_ga_{n}=GS1.1.{n}" for n in range(200))
    header = f"{others}; confhub={cookie(browser, 'confhub')}; {others}"
    answer = await browser.get("/", headers={"Cookie": header}, allow_redirects=False)
    assert answer.status == 200
