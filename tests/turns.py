"""Which tests run one after another: those that go by the clock of the wall.

A browser, sound and pictures in real time, a hub process or a network namespace share two cores
badly. Such a module is known by what it imports, itself or by another module of the tests, so that
nobody has to remember a mark.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Each drives something that goes by the clock of the wall.
TAKES_THE_MACHINE = frozenset(
    {
        "playwright",
        "tests.e2e",
        "tests.rooms.media.hall",
        "tests.rooms.media.peer",
        "tests.web.device_box",
    }
)


@functools.cache
def takes_the_machine(module: str) -> bool:
    """Whether the tests of `module`, a name such as tests.web.test_sockets, run alone."""
    if _is_named(module):
        return True
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    if not module.startswith("tests.") or not path.is_file():
        return False
    return any(takes_the_machine(name) for name in _imports(path) if name != module)


def _is_named(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[: n + 1]) in TAKES_THE_MACHINE for n in range(len(parts)))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found
