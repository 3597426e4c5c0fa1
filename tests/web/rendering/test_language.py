"""Which language a page is in, for somebody who is not signed in."""

from __future__ import annotations

import pytest

from tests.web.browser import Making, WebClient


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "vi"),
        ("vi-VN,vi;q=0.9,en-US;q=0.8", "vi"),
        ("en-US,en;q=0.9,vi;q=0.8", "en"),
        ("en;q=0.1,vi;q=0.9", "vi"),
        ("fr-FR,fr;q=0.9", "vi"),
        ("en;q=0", "vi"),
        ("en;q=x,;;,\N{SNOWMAN}", "vi"),
        ("en," * 10_000, "en"),
    ],
)
async def test_the_browser_asks_for_a_language(
    client: WebClient, asked: str, language: str
) -> None:
    header = asked[:7000].encode("utf-8").decode("latin-1")
    page = await (await client.get("/signin", headers={"Accept-Language": header})).text()
    assert f'<html lang="{language}">' in page


async def test_the_setting_decides_for_browsers_that_ask_for_neither(new_client: Making) -> None:
    browser = await new_client(language="en")
    page = await browser.get("/signin", headers={"Accept-Language": "fr"})
    assert '<html lang="en">' in await page.text()


async def test_the_choice_outweighs_what_the_browser_asks_for(client: WebClient) -> None:
    await client.post("/language", data={"language": "vi", "next": "/signin"})
    page = await client.get("/signin", headers={"Accept-Language": "en"})
    assert '<html lang="vi">' in await page.text()
