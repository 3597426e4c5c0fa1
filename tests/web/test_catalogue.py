"""Every text has its English, and pages in English say nothing in Vietnamese but names."""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message

from confhub.errors import ConfhubError
from confhub.people.account import Role
from rooms.protocol.farewell import FAREWELLS
from tests.web.browser import UNITS, Clock, SignedIn, WebClient, submit
from tests.web.meeting_pages import FORM, schedule
from tools.messages import ROOT, extract, read_english, untranslated
from web.services import Services

VIETNAMESE = re.compile(r"[À-ÖØ-öø-ỹ]")
# Packages whose every Vietnamese text somebody reads in a browser. In confhub/ there are also the
# words of commands, the headings of CSV files and the demo country.
SPOKEN = ("rooms", "monitoring", "web")
# Its words are those of a command too.
OF_COMMANDS = ROOT / "rooms" / "load"
# What is said in Vietnamese whatever the language: a language's own name, letters and words that
# code looks for in names, an example that shows the search, the two words a CSV file takes.
UNTRANSLATED = {"Tiếng Việt"}
KEPT = ("Tiếng Việt", "Nậm Pồ", "“có”", "“không”")

ENGLISH_PAGES: tuple[tuple[Role, str], ...] = (
    ("secretary", "/"),
    ("secretary", "/account/password"),
    ("secretary", "/meetings"),
    ("secretary", "/meetings?view=day&on=2026-12-02"),
    ("secretary", "/meetings?view=week&on=2026-12-02"),
    ("secretary", "/meetings?view=month&on=2026-12-02&unit=nam-po"),
    ("secretary", "/meetings/week?on=2026-12-02"),
    ("secretary", "/account/feeds?unit=nam-po"),
    ("secretary", "/meetings?q=khong-co"),
    ("secretary", "/meetings/new"),
    ("secretary", "/meetings/{meeting}"),
    ("secretary", "/meetings/{meeting}/edit"),
    ("secretary", "/meetings/{meeting}/postpone"),
    ("secretary", "/meetings/{meeting}/cancel"),
    ("secretary", "/meetings/{meeting}/invitations"),
    ("secretary", "/meetings/{meeting}/links"),
    ("secretary", "/meetings/{meeting}/sites/cha-nua-room/answer"),
    ("secretary", "/meetings/{meeting}/answers"),
    ("secretary", "/meetings/{meeting}/room"),
    ("site", "/meetings/{meeting}/room"),
    ("secretary", "/docs/api"),
    ("secretary", "/khong-co"),
    ("technician", "/board"),
    ("technician", "/sites"),
    ("technician", "/sites/nam-po-room"),
    ("technician", "/sites/nam-po-room/edit"),
    ("technician", "/sites/new"),
    ("technician", "/board/sites/nam-po-room"),
    ("admin", "/units"),
    ("admin", "/units?q=khong-co"),
    ("admin", "/units/nam-po"),
    ("admin", "/units/import"),
    ("admin", "/sites/import"),
    ("admin", "/accounts"),
    ("admin", "/accounts/new"),
    ("admin", "/accounts/secre-nam-po"),
)


@cache
def texts() -> Catalog:
    return extract()


@cache
def english() -> Catalog:
    return read_english()


def key(message: Message) -> tuple[object, object]:
    return message.id, message.context


def forms(text: object) -> tuple[str, ...]:
    """The singular and the plural of a text, or the text."""
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text),)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%(?:\(\w+\)[sd]|%)|\{\w*\}", text))


def scripts() -> Iterator[tuple[str, str]]:
    """Each script of ours without its comments."""
    for path in sorted((ROOT / "web" / "static" / "js").rglob("*.js")):
        source = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)
        yield str(path.relative_to(ROOT)), source


def python_texts() -> Iterator[tuple[str, str]]:
    """Each string in the packages that speak, docstrings left out, with its place."""
    for package in SPOKEN:
        for path in sorted((ROOT / package).rglob("*.py")):
            if OF_COMMANDS in path.parents:
                continue
            nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
            docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
            for node in nodes:
                if isinstance(node, ast.Constant) and id(node) not in docs:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", str(node.value)


def test_every_text_has_an_english_one() -> None:
    known = {key(message) for message in english()}
    assert [message.id for message in texts() if key(message) not in known] == []
    assert [message.id for message in untranslated(english())] == []


def test_no_translation_is_fuzzy_or_of_a_text_that_is_gone() -> None:
    said = {key(message) for message in texts()}
    assert [m.id for m in english() if m.id and (m.fuzzy or key(m) not in said)] == []
    assert list(english().obsolete) == []


def test_translations_keep_the_placeholders() -> None:
    for message in english():
        if message.id:
            wanted = set.union(*map(placeholders, forms(message.id)))
            for said in forms(message.string):
                assert placeholders(said) == wanted, message.id
            assert list(message.check(english())) == []


def test_english_texts_are_free_of_vietnamese() -> None:
    for message in english():
        for said in forms(message.string) if message.id else ():
            assert VIETNAMESE.search(without(said, KEPT)) is None, said


def test_a_text_of_scripts_is_always_a_literal_so_that_extraction_finds_it() -> None:
    literal = re.compile(r'\btn?\(\s*"(?:[^"\\]|\\.)*"\s*[,)]')
    for path, source in scripts():
        if path.endswith("/i18n.js"):
            continue
        calls, literals = re.findall(r"(?<![\w.])tn?\(", source), literal.findall(source)
        assert len(calls) == len(literals), path


def test_scripts_say_vietnamese_only_through_the_catalogue() -> None:
    said = {form for message in texts() for form in forms(message.id)}
    for path, source in scripts():
        for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`', source):
            found = "".join(text)
            assert found in said or found == "đ" or not VIETNAMESE.search(found), (path, found)


def test_python_says_vietnamese_only_through_the_catalogue() -> None:
    said = {form for message in texts() for form in forms(message.id)} | UNTRANSLATED
    unmarked = [
        f"{place}: {text}"
        for place, text in python_texts()
        if VIETNAMESE.search(text) and text not in said
    ]
    assert unmarked == []


def test_templates_say_vietnamese_only_through_the_catalogue() -> None:
    for path in sorted((ROOT / "web" / "templates").rglob("*.html")):
        bare = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text("utf-8"), flags=re.S)
        assert VIETNAMESE.search(bare) is None, path.name


def errors(kind: type[ConfhubError] = ConfhubError) -> Iterator[type[ConfhubError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from errors(narrower)


@pytest.mark.parametrize("module", ["confhub.meetings.admission", "rooms.media.errors", "web.app"])
def test_every_error_has_its_words_in_the_catalogue(module: str) -> None:
    importlib.import_module(module)
    said = {message.id for message in english()}
    assert {error.message for error in errors()} <= said


def test_every_farewell_is_in_the_catalogue() -> None:
    said = {message.id for message in english()}
    assert {farewell.message for farewell in FAREWELLS.values()} <= said


NAMES = (
    *KEPT,
    *(f"Phòng họp {unit.name}" for unit in UNITS),
    *(unit.name for unit in UNITS),
    FORM["title"],
    FORM["chair_name"],
)


def without(text: str, words: tuple[str, ...]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


async def vietnamese_on(browser: WebClient, path: str) -> list[str]:
    """The lines of a page that hold Vietnamese letters; scripts' data carries msgids."""
    answer = await browser.get(path)
    html = await answer.text()
    assert not answer.history, f"{path} leads elsewhere"
    assert '<html lang="en"' in html, path
    shown = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    return [line for line in without(shown, NAMES).splitlines() if VIETNAMESE.search(line)]


async def test_the_sign_in_page_speaks_english_to_a_browser_that_asks_for_it(
    client: WebClient,
) -> None:
    client.session.headers["Accept-Language"] = "en"
    assert await vietnamese_on(client, "/signin") == []


@pytest.mark.parametrize(("role", "path"), ENGLISH_PAGES)
async def test_a_page_in_english_shows_no_vietnamese_but_names(
    signed_in: SignedIn, services: Services, clock: Clock, role: Role, path: str
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    meeting = await schedule(secretary, services)
    if path.endswith("/room"):
        clock.now = meeting.starts_at
    browser = await signed_in(role, "nam-po")
    await submit(browser, "/language", {"language": "en", "next": "/"})
    assert await vietnamese_on(browser, path.format(meeting=meeting.id)) == []


async def test_a_room_in_english_is_told_what_levels_are_called(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    meeting = await schedule(await signed_in("secretary", "nam-po"), services)
    clock.now = meeting.starts_at
    browser = await signed_in("site", "nam-po")
    told = {}
    for language in ("vi", "en"):
        await submit(browser, "/language", {"language": language, "next": "/"})
        html = await (await browser.get(f"/meetings/{meeting.id}/room")).text()
        found = re.search(r'<script[^>]*id="boot"[^>]*>(.*?)</script>', html, re.DOTALL)
        assert found is not None
        boot = json.loads(found[1])
        told[language] = (boot["level"], boot["levels"].get("Xã"))
    assert told == {"vi": ("Huyện", None), "en": ("District", "Commune")}
