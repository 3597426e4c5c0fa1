"""What held the event loop, read from the stack of its thread. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from confhub.parts import OURS

# Ours too, but in the stack of every request or task: they hand on to what is worth naming.
_AROUND = frozenset(
    {
        "confhub.__main__",
        "confhub.commands",
        "confhub.hub.wiring",
        "confhub.supervision",
        "web.middleware",
        "web.routing",
    }
)
_AROUND_FUNCTIONS = frozenset({"web.api.metrics.time_requests"})
UNKNOWN = "unknown"
# The loop itself is at work in no frame of Python below this one.
_IDLE = "asyncio.runners"
NOBODY = "nothing in this process (the machine was busy)"
# As faulthandler writes them.
_THREAD = re.compile(r"(?:Current thread|Thread) 0x([0-9a-f]+)")
_PLACE = re.compile(r'  File "(.+)", line (\d+) in (.+)')


@dataclass(frozen=True, slots=True)
class Holder:
    """`handler`: the outermost function of ours that was at work, such as
    `web.pages.registry.sites.list_page`; `at`: the innermost, of anybody's, with its line."""

    handler: str = UNKNOWN
    at: str = UNKNOWN


class Place(NamedTuple):
    """A line of code: `json.encoder`, `iterencode`, 258."""

    module: str
    function: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}.{self.function}:{self.line}"


def read_stack(dump: str, thread: int, roots: Sequence[str]) -> Sequence[Place]:
    """The stack of one thread, the innermost place first, in what `faulthandler` wrote of all.

    `roots` are the folders that modules are imported from. Empty: no such thread.
    """
    inside = False
    found: list[Place] = []
    for line in dump.split("\n"):
        head = _THREAD.match(line)
        if head:
            inside = int(head[1], 16) == thread
        elif inside and (place := _PLACE.match(line)):
            found.append(Place(_module(place[1], roots), place[3], int(place[2])))
    return found


def _module(path: str, roots: Sequence[str]) -> str:
    inside = [path.removeprefix(root) for root in roots if path.startswith(root)]
    short = min(inside, key=len, default=path).removesuffix(".py").removesuffix("/__init__")
    return short.strip("/").replace("/", ".")


def name_holder(stack: Sequence[Place]) -> Holder:
    """Who is at work in a thread whose stack this is."""
    if not stack:
        return Holder()
    inner = stack[0]
    handler = ""
    for place in stack:
        name = f"{place.module}.{place.function}"
        if (
            place.module.partition(".")[0] in OURS
            and place.module not in _AROUND
            and name not in _AROUND_FUNCTIONS
        ):
            handler = name  # the last one found going outwards
    if not handler and inner.module == _IDLE:
        return Holder(NOBODY, str(inner))
    return Holder(handler or str(inner), str(inner))
