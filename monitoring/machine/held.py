"""What held the event loop, read from the stack of its thread. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from types import FrameType

from confhub.parts import OURS

# Ours too, but in every request's stack: they hand on to what is worth naming.
_AROUND = frozenset(
    {"confhub.__main__", "confhub.commands", "confhub.hub.wiring", "web.middleware", "web.routes"}
)
_AROUND_FUNCTIONS = frozenset({"web.api.metrics.time_requests"})
UNKNOWN = "unknown"
# The loop itself is at work in no frame of Python below this one.
_IDLE = "asyncio.runners"
NOBODY = "nothing in this process (the machine was busy)"


@dataclass(frozen=True, slots=True)
class Holder:
    """`handler`: the outermost function of ours that was at work, such as
    `web.pages.registry.sites.list_page`; `at`: the innermost, of anybody's, with its line."""

    handler: str = UNKNOWN
    at: str = UNKNOWN


def name_holder(frame: FrameType | None) -> Holder:
    """Who is at work in a thread whose current frame this is."""
    handler = ""
    inner = frame
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        name = f"{module}.{frame.f_code.co_qualname}"
        if (
            module.partition(".")[0] in OURS
            and module not in _AROUND
            and name not in _AROUND_FUNCTIONS
        ):
            handler = name  # the last one found going outwards
        frame = frame.f_back
    if inner is None:
        return Holder()
    at = f"{inner.f_globals.get('__name__', '')}.{inner.f_code.co_qualname}:{inner.f_lineno}"
    if not handler and inner.f_globals.get("__name__") == _IDLE:
        return Holder(NOBODY, at)
    return Holder(handler or at, at)
