"""Who sends a form again, whose answer was lost while the database went away, finds it done."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from confhub.errors import ConfhubError, Unavailable
from confhub.people.actor import Actor, of_account
from confhub.store import Store
from tests.confhub.desks.test_rights import World, use_cases, world
from tests.confhub.desks.test_twice import ask, ask_again, on_record
from tests.confhub.desks.twice_world import EARLY, PREPARED
from tests.confhub.store.lost_answers import CommitLine

__all__ = ["world"]

KEYED = re.compile(r"store\.work\(\s*actor, ")
# It keeps nothing of what the world here has for it: its own tests take a reply in twice.
KEEPS_NOTHING = {"mail.intake.take_in"}


@pytest.fixture
def store(far: Store) -> Store:
    """The one that is reached by the line."""
    return far


def keyed() -> list[tuple[str, Callable[..., Any]]]:
    """Those that are known again by a key."""
    found = [one for one in use_cases() if KEYED.search(inspect.getsource(one[1]))]
    return [one for one in found if one[0] not in KEEPS_NOTHING]


@pytest.mark.parametrize(("name", "call"), [pytest.param(*one, id=one[0]) for one in keyed()])
async def test_done_once_though_its_answer_was_lost(
    name: str,
    call: Callable[..., Any],
    world: World,
    line: CommitLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("confhub.store.database.database.RESOLVE_WITHIN_S", 0.5)
    more = dict(await PREPARED[name](world)) if name in PREPARED else {}
    clerk = await world.store.accounts.get(world.values["account_id"])
    before = await on_record(world.store)
    line.lose_answer(stays_down=True)
    actor = await _unanswered(call, world, more, [of_account(clerk, EARLY), Actor(EARLY)])
    assert line.broken == 1
    line.mend()
    done = await on_record(world.store)
    assert done != before
    await ask_again(call, world, actor, more)
    assert await on_record(world.store) == done


async def _unanswered(
    call: Callable[..., Any], world: World, more: dict[str, Any], actors: list[Actor]
) -> Actor:
    """The first who may do it, and hears nothing."""
    for actor in actors:
        try:
            await ask(call, world, actor, more)
        except Unavailable:
            return actor
        except ConfhubError:
            continue
    raise AssertionError("refused to all of them")


def test_what_is_known_by_a_key_is_found() -> None:
    assert len(keyed()) >= 10
