"""What the documents promise: links lead somewhere, commands and settings exist, pictures fit,
`make bench-pages` measures every page.

That every setting and every metric is described stands in tests/confhub/test_config.py and
tests/monitoring/test_scrape.py; every message in tests/rooms/protocol/test_messages.py.
"""

from __future__ import annotations

import argparse
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.page_list import NOT_MEASURED, PAGES
from confhub.__main__ import LOAD, SERVE
from confhub.commands import build_parser, commands_of
from confhub.config import read_settings
from confhub.demo.logins import LOGINS, PASSWORD
from web.routes import ROUTES

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = sorted([README, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
COMMANDS = [SERVE, LOAD, *commands_of("")]
MOST_BYTES = 300_000  # of one picture: a page of documents opens on a commune's line
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}
SIZES = {"": (1366, 768), "-phone": (390, 844)}


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchor(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def links(path: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for found in re.finditer(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", found[1]):
            yield found[1]


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_links_lead_to_files_and_headings_that_exist(document: Path) -> None:
    for link in links(document):
        target, _, heading = link.partition("#")
        path = document.parent / target if target else document
        assert path.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
            assert heading in map(anchor, headings), link


@pytest.mark.parametrize(
    "document", [one for one in DOCUMENTS if one.name != "CHANGELOG.md"], ids=names
)
def test_modules_and_tests_that_documents_name_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    named = re.findall(
        r"`((?:benchmarks|confhub|docs|monitoring|rooms|tests|tools|web)/[\w./-]+)`", text
    )
    assert [path for path in named if not (ROOT / path).exists()] == []
    tests = set(re.findall(r"`(test_\w+)`", text))
    assert tests - TESTS == set()


def test_the_index_lists_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in links(index)}
    assert {*(ROOT / "docs").glob("*.md")} - {index} - listed == set()


def test_every_make_target_that_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(
            r"(?:`|^)make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE
        )
    }
    assert {"run", "test", "smoke", "wheel"} <= named
    assert named - targets == set()


def test_every_make_target_that_help_shows_exists_once() -> None:
    shown = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert len(shown) == len(set(shown))


def test_the_readme_names_every_command_and_no_other() -> None:
    text = README.read_text("utf-8")
    known = {command.name for command in COMMANDS}
    told = set()
    for words in re.findall(r"confhub(?: --[\w-]+ [\w/.]+)* ([a-z]+(?: [a-z]+)?)", text):
        first = words.split()[0]
        told |= {words, first} & known
    assert told == known
    table = re.findall(r"`confhub ([a-z]+(?: [a-z]+)?)", text)
    assert {words for words in table if not _is_command(words, known)} == set()


def _is_command(words: str, known: set[str]) -> bool:
    return words in known or words.split()[0] in known


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_options_of_serve_that_documents_show_are_taken(document: Path) -> None:
    parser = build_parser(COMMANDS)
    shown = re.findall(
        r"^\S*bin/confhub (.*\bserve\b.*)$", document.read_text("utf-8"), re.MULTILINE
    )
    for line in shown:
        options: argparse.Namespace = parser.parse_args(line.split(" #")[0].split())
        assert options.command is SERVE


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_settings_files_that_documents_show_are_valid(document: Path, tmp_path: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", document.read_text("utf-8"), re.DOTALL):
        path = tmp_path / "confhub.toml"
        path.write_text(block, "utf-8")
        read_settings(path, {})


def test_the_readme_names_the_demos_accounts_and_their_password() -> None:
    text = README.read_text("utf-8")
    roles = "|".join(sorted({login.split(".")[0] for login in LOGINS}))
    assert set(re.findall(rf"`((?:{roles})\.\w+)`", text)) == LOGINS
    assert f"`{PASSWORD}`" in text


@pytest.mark.parametrize(
    "name",
    ["sign-in", "schedule", "meeting-form", "device-check", "meeting", "board", "sites", "home"],
)
@pytest.mark.parametrize("suffix", SIZES)
def test_pictures_of_the_pages_have_their_size_and_stay_small(name: str, suffix: str) -> None:
    data = (ROOT / "docs" / "screenshots" / f"{name}{suffix}.png").read_bytes()
    assert struct.unpack(">II", data[16:24]) == SIZES[suffix]  # IHDR
    assert len(data) < MOST_BYTES


def test_the_readme_names_every_skip_of_a_test() -> None:
    """Whoever reads that tests were skipped finds there which, and why."""
    skips = re.compile(r"mark\.skip|pytest\.skip|importorskip|mark\.xfail")
    text = README.read_text("utf-8")
    found = [
        path
        for path in sorted((ROOT / "tests").rglob("*.py"))
        # The first tests the runner with skips in texts; the second looks for them.
        if path.name not in ("test_run_tests.py", "test_docs.py")
        and skips.search(path.read_text("utf-8"))
    ]
    assert found
    assert [names(path) for path in found if f"`{names(path)}" not in text] == []


def test_every_page_is_measured_or_said_not_to_be() -> None:
    measured = {re.sub("{unit_id}", "{unit}", page.path).partition("?")[0] for page in PAGES}
    there = {row.path.replace("{unit_id}", "{unit}") for row in ROUTES if row.method == "GET"}
    assert measured <= there
    excused = {path for path in there if any(part in f"{path}$" for part in NOT_MEASURED)}
    assert there - measured - excused == set(), "see benchmarks/page_list.py"
    assert measured & excused == set()
