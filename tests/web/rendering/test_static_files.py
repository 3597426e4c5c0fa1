"""Static files: under a path that changes with them, kept by browsers, small on the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.web.browser import WebClient
from web.rendering.static_files import STATIC, StaticFiles


def url(client: WebClient, name: str) -> str:
    assert client.app is not None
    return client.app[STATIC].url(name)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("js/frame.js", "text/javascript"),
        ("css/base.css", "text/css"),
        ("images/mark.svg", "image/svg+xml"),
        ("vendor/fonts/be-vietnam-pro-latin-400-normal.woff2", "font/woff2"),
    ],
)
async def test_a_file_is_kept_for_a_year_under_its_versions_path(
    client: WebClient, name: str, content_type: str
) -> None:
    answer = await client.get(url(client, name))
    assert (answer.status, answer.content_type) == (200, content_type)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_page_opened_before_an_upgrade_still_finds_its_files(client: WebClient) -> None:
    answer = await client.get("/static/000000000000/js/frame.js")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")


async def test_text_travels_compressed_to_those_who_can_read_it(client: WebClient) -> None:
    address = url(client, "css/base.css")
    async with ClientSession(auto_decompress=False) as session:
        whole = client.make_url(address)
        small = await session.get(whole, headers={"Accept-Encoding": "gzip, br"})
        plain = await session.get(whole, headers={"Accept-Encoding": "identity"})
        assert small.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        assert len(await small.read()) < len(await plain.read()) / 2


async def test_a_file_already_there_is_not_sent_again(client: WebClient) -> None:
    address = url(client, "js/frame.js")
    etag = (await client.get(address)).headers["ETag"]
    answer = await client.get(address, headers={"If-None-Match": etag})
    assert (answer.status, await answer.read()) == (304, b"")


async def test_head_names_the_size_without_the_file(client: WebClient) -> None:
    answer = await client.head(url(client, "vendor/icons.svg"))
    assert (answer.status, await answer.read()) == (200, b"")


@pytest.mark.parametrize(
    "name", ["../web/app.py", "%2e%2e/app.py", "..%2fapp.py", "js/none.js", "js/", "%00"]
)
async def test_nothing_else_can_be_read(client: WebClient, name: str) -> None:
    version = url(client, "js/frame.js").split("/")[2]
    answer = await client.get(f"/static/{version}/{name}")
    assert answer.status == 404
    assert "no-store" in answer.headers["Cache-Control"]


def test_any_change_of_any_file_changes_every_address(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js/one.js").write_text("import './two.js';")
    (tmp_path / "js/two.js").write_text("1")
    before = StaticFiles(tmp_path).url("js/one.js")
    (tmp_path / "js/two.js").write_text("2")
    assert StaticFiles(tmp_path).url("js/one.js") != before
    assert StaticFiles(tmp_path).url("js/one.js") == StaticFiles(tmp_path).url("js/one.js")


def test_a_template_naming_no_file_fails_loudly(tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        StaticFiles(tmp_path).url("js/none.js")


def test_hidden_files_are_not_served(tmp_path: Path) -> None:
    (tmp_path / ".secret").write_text("x")
    with pytest.raises(LookupError):
        StaticFiles(tmp_path).url(".secret")
