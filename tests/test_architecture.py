"""What docs/architecture.md promises of the source: who imports whom, what is pure, how long."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
# Each part, and the parts it may know besides itself.
KNOWS: dict[str, set[str]] = {
    "confhub": set(),
    "rooms": {"confhub"},
    "monitoring": {"confhub"},
    "web": {"confhub", "rooms", "monitoring"},
}
SEES_ALL = {"confhub.__main__", "confhub.hub.wiring"}
# What makes a result differ from one call to the next, or waits for the world.
IMPURE = {
    "aiohttp",
    "asyncio",
    "os",
    "random",
    "redis",
    "secrets",
    "socket",
    "sqlalchemy",
    "ssl",
    "subprocess",
    "threading",
    "time",
}
# Makes ids, for the default values of new things; tests and callers give their own.
GIVEN_TO_PURE = {"confhub.identity"}
MOST_LINES = 400
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=|javascript:", re.IGNORECASE)
# Bodies are read by web/requests/form_body.py alone, which bounds them by route and in time.
BODY_READERS = {"post", "multipart", "read", "json", "text"}
UNSAFE_DOM = re.compile(r"\.(innerHTML|outerHTML)\b|insertAdjacentHTML|document\.write")


def _module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {
    _module_name(path): path for part in KNOWS for path in sorted((ROOT / part).rglob("*.py"))
}


@functools.cache
def _imports(name: str) -> frozenset[str]:
    """Modules and names that a module imports, wherever in it; relative imports are not used."""
    found: set[str] = set()
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


@functools.cache
def _tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


def _pure_modules() -> list[str]:
    """The table rows `| pure in confhub/ | a, b |` of the document."""
    rows = re.findall(r"^\| pure in `([\w/]+)/` \| (.+) \|$", DOCUMENT.read_text("utf-8"), re.M)
    assert rows
    return [
        f"{folder.replace('/', '.')}.{word.strip(' `')}"
        for folder, words in rows
        for word in words.split(",")
    ]


def test_parts_know_only_the_parts_below_them() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name in MODULES
        if name not in SEES_ALL
        for imported in _imports(name)
        if (part := imported.split(".")[0]) in KNOWS
        and part != (own := name.split(".")[0])
        and part not in KNOWS[own]
    ]
    assert wrong == []


def test_nobody_but_the_command_imports_what_sees_all() -> None:
    wrong = [
        name for name in MODULES if _imports(name) & SEES_ALL and name not in {"confhub.__main__"}
    ]
    assert wrong == []


@pytest.mark.parametrize("name", _pure_modules())
def test_a_pure_module_reads_no_clock_and_waits_for_nothing(name: str) -> None:
    assert name in MODULES, f"{DOCUMENT.name} names {name}, which is not there"
    impure = {word for word in _imports(name) if word.split(".")[0] in IMPURE}
    assert impure == set()
    clocks = [
        ast.unparse(node)
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        if isinstance(node.value, ast.Name | ast.Attribute)
        and ast.unparse(node.value) in {"dt.datetime", "dt.date", "datetime", "date"}
    ]
    assert clocks == []


@pytest.mark.parametrize("name", _pure_modules())
def test_a_pure_module_stands_on_pure_modules(name: str) -> None:
    # A folder's __init__ that imports nothing is only a name on the way.
    ours = {imported for imported in _imports(name) if imported in MODULES and _imports(imported)}
    assert ours - set(_pure_modules()) - GIVEN_TO_PURE == set()


def test_no_source_file_is_longer_than_one_can_hold_in_mind() -> None:
    folders = [*KNOWS, "tests", "tools", "benchmarks"]
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in folders
        for suffix in ("py", "js")
        for path in (ROOT / folder).rglob(f"*.{suffix}")
        if "vendor" not in path.parts
        and (lines := path.read_text("utf-8").count("\n")) > MOST_LINES
    }
    assert long == {}


def test_bodies_of_requests_are_read_in_one_place() -> None:
    wrong = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name in MODULES
        if name.startswith("web.")
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Attribute) and node.attr in BODY_READERS
        if isinstance(node.value, ast.Name) and node.value.id == "request"
    ]
    assert wrong == []


def test_pages_are_built_from_text_never_from_markup_in_script() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "web" / "static" / "js").rglob("*.js")
        if UNSAFE_DOM.search(path.read_text("utf-8"))
    ]
    assert wrong == []


def test_templates_hold_no_script_of_their_own() -> None:
    # The content security policy would refuse it, silently for who reads the page.
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "web" / "templates").rglob("*.html")
        if HANDLER.search(path.read_text("utf-8"))
    ]
    assert wrong == []


def test_text_is_split_at_line_feeds_alone() -> None:
    """str.splitlines ends lines at U+2028 and its like too, which people may write in a name."""
    kernel_files = {"rooms.load.processes"}
    for name, path in MODULES.items():
        if name not in kernel_files:
            assert ".splitlines(" not in path.read_text("utf-8"), name
