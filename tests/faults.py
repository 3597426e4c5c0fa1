"""Faults that nobody foresees, thrown into tasks where they wait."""

from __future__ import annotations

from typing import Any

from confhub.supervision import Supervised, ledger
from tests.waiting import until


class Fault(Exception):
    """Of no kind that anybody handles."""


async def throw_into(item: Supervised) -> None:
    """As if what the task waits for at this moment had failed, until it fails; it is at work again
    then. What it takes care of itself, such as a database that is away, is no failure of its."""
    before = ledger().failures[item.name]

    async def is_back() -> bool:
        if ledger().failures[item.name] > before:
            return not item._is_pausing
        # A task at work waits for nothing, but for moments only.
        waits_for: Any = getattr(item.task, "_fut_waiter", None)
        if type(waits_for).__name__ == "Future" and not waits_for.done():
            waits_for.set_exception(Fault(str(item)))
        return False

    try:
        await until(is_back)
    except TimeoutError:
        raise AssertionError(f"{item} did not fail, or is not back: {item.task!r}") from None
    assert ledger().failures[item.name] == before + 1
