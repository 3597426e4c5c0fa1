"""What docs/architecture.md promises of the source: who imports whom, what is pure, how long."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
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
# Put a hub together: they see every part, and only commands see them.
SEES_ALL = ("confhub.__main__", "confhub.hub")
MAY_SEE_THE_HUB = ("confhub.__main__", "confhub.commands", "confhub.hub")
MOST_MODULES = 15  # what one can see at once; a package that grows beyond has parts inside
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
# Who writes to the store beside use cases and jobs: hubs about themselves, the queues about what
# they hold, a room its snapshot and log under its fence, the doors who came in.
PLAIN_WRITES = {
    "confhub.hub.house_key",
    "confhub.jobs.bags.people",
    "confhub.jobs.delivery",
    "confhub.jobs.intake",
    "confhub.jobs.postman",
    "confhub.jobs.runner",
    "rooms.hub.ownership",
    "rooms.running.stage",
    "web.api.device_sessions",
    "web.api.v1.acts",
    "web.pages.people.signin",
    "web.requests.auth",
    "web.requests.bearer",
}
# Whose tests stand where those of the package above do: they go by what is seen from outside.
TESTED_ABOVE = {
    "confhub.desks.answers": "one file, test_answers",
    "confhub.desks.letters": "one file, test_letters",
    "confhub.desks.mail": "mails are planned, sent and read by jobs: tests/confhub/jobs",
    "confhub.desks.papers": "one file, test_papers",
    "confhub.jobs.bags": "what postmen carry: test_postman, test_notices",
    "confhub.planning.agreement": "one file, test_agreement",
    "confhub.store.queue": "jobs and postmen take from the queues: tests/confhub/jobs",
    "confhub.store.tables": "the tables as migrations leave them: tests/confhub/store/database",
    "web.pages.answers": "three files test_answers…, which share a page with the board",
    "web.pages.meetings.letters": "test_letter, test_letterhead, test_issued_letters",
    "web.pages.meetings.mail": "test_mail, test_mail_replies, test_mail_texts",
    "web.pages.meetings.off": "called off and put off from the meeting: test_detail",
    "web.pages.meetings.series": "one file, test_series",
    "web.pages.papers": "pages that need a browser: test_papers_browser",
    "web.papers": "what carries papers to and from: tests/web/api, test_papers…",
}
MOST_LINES = 400
PUBLISHES = {("publish", bus) for bus in ("bus", "self._bus", "services.bus")}
# Who makes tasks of its own: short ones, each ended by the object that made it. Whatever lives
# longer than a request, a socket or a handshake is made by supervise().
MAKES_TASKS = {
    "confhub.supervision",
    "confhub.jobs.claiming",  # one claim, which a cancel must not lose
    "monitoring.directory",  # the laying out of one unit's sites, for all who ask meanwhile
    "rooms.devices.devices",  # one device's session
    "rooms.hub.hub",  # the opening and giving back of one room
    "rooms.hub.session",  # three for one socket
    "rooms.media.port.dtls",  # one handshake
    "rooms.media.port.transport",  # the end of one association
    "rooms.media.router",  # the end of one connection
    "rooms.running.stage",  # the end of one member's media
    "web.relay",  # the two directions of one socket
    "web.requests.connections",  # one TCP connection
}
MAKE_TASK = {"create_task", "ensure_future", "TaskGroup"}
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


def _is_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _ours(name: str) -> set[str]:
    """Our modules that this one imports; a package itself only where a name of its own is taken."""
    found: set[str] = set()
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(each if each in MODULES else str(node.module) for each in names)
    return found & MODULES.keys()


PACKAGES = {_module_name(path) for path in MODULES.values() if path.name == "__init__.py"} - {
    "confhub.store.migrations",
    "confhub.store.migrations.versions",
    "rooms.media.native",
}


def test_parts_know_only_the_parts_below_them() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name in MODULES
        if not _is_in(name, SEES_ALL)
        for imported in _imports(name)
        if (part := imported.split(".")[0]) in KNOWS
        and part != (own := name.split(".")[0])
        and part not in KNOWS[own]
    ]
    assert wrong == []


def test_what_programs_call_knows_no_pages() -> None:
    """Use cases know no HTTP at all, and what answers programs does not go through pages."""
    wrong = [
        f"{name} imports {imported}"
        for name in MODULES
        for imported in _ours(name)
        if (_is_in(name, ("web.api", "web.meetings")) and _is_in(imported, ("web.pages",)))
    ]
    wrong += [
        f"{name} imports {imported}"
        for name in MODULES
        for imported in _imports(name)
        if _is_in(name, ("confhub.desks",)) and imported.split(".")[0] in ("aiohttp", "web")
    ]
    assert wrong == []


def test_nobody_but_the_command_imports_what_sees_all() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name in MODULES
        if not _is_in(name, MAY_SEE_THE_HUB)
        for imported in _ours(name)
        if _is_in(imported, SEES_ALL)
    ]
    assert wrong == []


def test_a_package_is_seen_at_once() -> None:
    count = Counter(name.rpartition(".")[0] for name in MODULES if name not in PACKAGES)
    del count["confhub.store.migrations.versions"]  # one more each time, read by none but Alembic
    assert {package: many for package, many in count.items() if many > MOST_MODULES} == {}


def test_every_package_says_what_it_is() -> None:
    silent = [
        name
        for name, path in MODULES.items()
        if path.name == "__init__.py" and not ast.get_docstring(_tree(name))
    ]
    assert silent == []


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


def test_tasks_that_live_long_are_supervised_and_the_others_have_names() -> None:
    makers, nameless = set(), []
    for name in MODULES:
        if _is_in(name, ("rooms.load",)):  # a program of its own beside the hub
            continue
        for node in ast.walk(_tree(name)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                if called in MAKE_TASK:
                    makers.add(name)
                    if "name" not in {keyword.arg for keyword in node.keywords}:
                        nameless.append(f"{name}:{node.lineno}")
    assert makers == MAKES_TASKS
    assert nameless == []


def test_news_of_the_record_are_published_by_its_outbox_alone() -> None:
    """A use case tells in its own commit; reports of lines are no record."""
    publish = {
        name
        for name in MODULES
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr, ast.unparse(node.func.value)) in PUBLISHES
    }
    assert publish == {"confhub.jobs.delivery", "rooms.running.reports"}


def test_records_change_in_use_cases_alone() -> None:
    """Whatever else writes keeps no record of what people did: see PLAIN_WRITES."""
    # Of whatever mail it carries, a postman writes to the queue.
    writing, repositories = _writing_methods(), _repositories() | {"queue": "Outgoing"}
    plain = {
        name
        for name in MODULES
        if not _is_in(name, ("confhub.store",))
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if (of := ast.unparse(node.func.value)).partition(".")[0] != "work"
        if node.func.attr in writing.get(repositories.get(of.rpartition(".")[2], ""), ())
    }
    assert plain == PLAIN_WRITES


def _repositories() -> dict[str, str]:
    """The classes of the repositories, by the names under which a store or a work has them."""
    return {
        node.targets[0].attr: node.value.func.id
        for name in ("confhub.store", "confhub.store.repositories", "confhub.store.work")
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute)
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
    }


def _writing_methods() -> dict[str, set[str]]:
    """By class of the store: methods that write, themselves or by another of the class."""
    found: dict[str, set[str]] = {}
    for name in MODULES:
        for made in _tree(name).body if _is_in(name, ("confhub.store",)) else ():
            if isinstance(made, ast.ClassDef):
                texts = {
                    one.name: ast.unparse(one)
                    for one in made.body
                    if isinstance(one, ast.AsyncFunctionDef)
                }
                writing = {one for one, text in texts.items() if "_database.write" in text}
                own = {o for o, text in texts.items() if any(f"self.{w}(" in text for w in writing)}
                found[made.name] = writing | own
    return found


def test_tests_mirror_the_packages() -> None:
    filled = {_module_name(path).rpartition(".")[0] for path in MODULES.values()} & PACKAGES
    folders = {name: ROOT / "tests" / name.replace(".", "/") for name in filled}
    tested = {name for name, folder in folders.items() if any(folder.glob("test_*.py"))}
    assert filled - tested == TESTED_ABOVE.keys()
    for name in TESTED_ABOVE:
        assert any(folders[name].parent.glob("test_*.py")), name
    strange = [
        str(path.relative_to(ROOT))
        for part in KNOWS
        for path in (ROOT / "tests" / part).rglob("test_*.py")
        if not (ROOT / path.parent.relative_to(ROOT / "tests")).is_dir()
    ]
    assert strange == []


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


def test_marks_of_letters_are_put_in_order_where_their_number_is_bounded() -> None:
    """unicodedata.normalize takes the square of the marks over one letter."""
    bounded = {"confhub.words.texts", "confhub.people.passwords"}
    found = {name for name, path in MODULES.items() if "normalize(" in path.read_text("utf-8")}
    assert found == bounded


def test_text_is_split_at_line_feeds_alone() -> None:
    """str.splitlines ends lines at U+2028 and its like too, which people may write in a name."""
    kernel_files = {"rooms.load.processes"}
    for name, path in MODULES.items():
        if name not in kernel_files:
            assert ".splitlines(" not in path.read_text("utf-8"), name


def test_a_key_that_a_form_brings_goes_with_what_was_sent() -> None:
    """An id out of a request is no proof that just this was done under it."""
    bare = re.compile(r"\.work\([^()]*\.id\)")
    for name, path in MODULES.items():
        assert not bare.search(path.read_text("utf-8")), name
