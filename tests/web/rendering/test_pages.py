"""Messages that show once, pages that are not stored, and escaping."""

from __future__ import annotations

import base64
import dataclasses
import re
from pathlib import Path

import pytest

from confhub.rounds import Place
from confhub.turns import Turns
from tests.web.browser import Making, SignedIn, WebClient, cookie, csrf, submit
from web.rendering import pages
from web.rendering.pages import TEMPLATE_DIR
from web.services import Services

FLASH = "confhub-flash"


async def test_a_message_after_a_form_shows_once(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    form = {"name": "Lò Văn Chung", "login": "secretary.nam-po", "role": "secretary"}
    form |= {"unit_id": "nam-po", "language": "vi", "active": "1", "version": "1"}
    answer = await submit(browser, "/accounts/secre-nam-po", form)
    assert answer.status == 303
    assert "Đã lưu tài khoản." in await (await browser.get("/accounts")).text()
    assert cookie(browser, FLASH) is None
    assert "Đã lưu tài khoản." not in await (await browser.get("/accounts")).text()


UNSIGNED = base64.urlsafe_b64encode(b'["good","<b>x</b>"]').decode()
NESTED = base64.urlsafe_b64encode(b"[" * 3000).decode()


@pytest.mark.parametrize(
    "value", ["", "x", "%%%", "W10=", UNSIGNED, NESTED, f"{UNSIGNED}.{NESTED}"]
)
async def test_what_we_did_not_sign_is_no_message(client: WebClient, value: str) -> None:
    answer = await client.get("/signin", cookies={FLASH: value})
    assert answer.status == 200
    assert 'class="flash' not in (await answer.text()).replace('class="flash flash-fair" data', "")


async def test_a_message_is_text_and_never_markup(client: WebClient, services: Services) -> None:
    value = services.tokens.said.sign("good <b>x</b> ế".encode())
    page = await (await client.get("/khong-co", cookies={FLASH: value})).text()
    assert "&lt;b&gt;x&lt;/b&gt; ế" in page


async def test_a_name_is_text_and_never_markup(signed_in: SignedIn, services: Services) -> None:
    name = "<script>alert(1)</script>\"' onload=x"
    account = await services.store.accounts.get("secre-nam-po")
    await services.store.accounts.update(dataclasses.replace(account, name=name))
    browser = await signed_in("admin", "nam-po")
    for path in ("/accounts", "/accounts/secre-nam-po"):
        page = await (await browser.get(path)).text()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39; onload=x" in page


async def test_pages_travel_compressed_and_tokens_do_not_repeat(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await browser.get("/accounts")
    assert answer.headers["Content-Encoding"] in ("gzip", "deflate")
    page = await answer.text()
    assert page.count(await csrf(browser)) == 0


@pytest.mark.parametrize("path", sorted(TEMPLATE_DIR.rglob("*.html")), ids=lambda path: path.name)
def test_no_form_leaves_its_faults_to_the_browser(path: Path) -> None:
    """A browser speaks its own language and not the page's."""
    for form in re.findall(r"<form.*?</form>", path.read_text("utf-8"), re.S):
        if re.search(r"\brequired\b(?!=false)|minlength", form.replace('class="required"', "")):
            assert "novalidate" in form.split(">")[0]


async def test_pages_are_filled_in_by_turns_of_those_who_ask(
    signed_in: SignedIn, new_client: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[Place] = []

    class Noted(Turns):
        async def _wait(self, place: Place) -> None:
            lines.append(place[:2])
            await super()._wait(place)

    known, stranger = await signed_in("secretary", "nam-po"), await new_client()
    monkeypatch.setattr(pages, "_RENDERING", Noted(2, 10))
    for browser in (known, stranger):
        assert (await browser.get("/account/password")).status == 200
    assert lines == [("account", "secre-nam-po"), ("address", "127.0.0.1")]
