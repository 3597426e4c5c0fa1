"""Which tests run beside others, which in lanes, and which one after another.

Most wait for states and run beside others however long those take. Sound and pictures in a browser,
whole hubs and network namespaces go by the clock of the wall and share two cores badly: they run
alone. A browser that only shows pages waits for most of its time: those run in lanes, each in a
network of its own. A module is known by what it imports, itself or by another module of the tests,
so that nobody has to remember a mark.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import Literal

Turn = Literal["beside", "lanes", "alone"]

ROOT = Path(__file__).parents[1]
ALONE = frozenset(
    {
        "tests.e2e",
        "tests.rooms.media.browser",
        # These measure how fast something is done, or lose a packet where they get no core in time.
        "tests.rooms.hub.test_adoption",
        "tests.rooms.load.test_generator",
        "tests.rooms.media.test_busy_machine",
        "tests.rooms.media.test_rtcp_flood",
        "tests.rooms.media.test_stalled",
    }
)
LANES = frozenset({"playwright"})
# One hub that answers requests is a process like any other; nor does it matter who needs its port.
BESIDE = frozenset({"tests.e2e.hub_process"})
HOLD_SOCKETS = frozenset(
    {"tests.rooms.media.hall", "tests.rooms.media.peer", "tests.web.device_box"}
)


def turn_of(module: str) -> Turn:
    """Of the tests of `module`, a name such as tests.web.test_sockets."""
    if _reaches(module, ALONE):
        return "alone"
    return "lanes" if _reaches(module, LANES) else "beside"


def holds_sockets(module: str) -> bool:
    """Whether a test of `module` opens sockets of its own, and may leave one open."""
    return turn_of(module) != "beside" or _reaches(module, HOLD_SOCKETS)


@functools.cache
def _reaches(module: str, names: frozenset[str]) -> bool:
    if _is_named(module, BESIDE):
        return False
    if _is_named(module, names):
        return True
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    if not module.startswith("tests.") or not path.is_file():
        return False
    return any(_reaches(name, names) for name in _imports(path) if name != module)


def _is_named(module: str, names: frozenset[str]) -> bool:
    parts = module.split(".")
    return any(".".join(parts[: n + 1]) in names for n in range(len(parts)))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({f"{node.module}.{alias.name}" for alias in node.names})
            found.add(node.module)
    return found
