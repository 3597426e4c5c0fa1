"""Use case of letterheads: how a unit's letters begin; handed down to the units below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confhub.desks import rights
from confhub.errors import NotFound
from confhub.letters.forms import HEAD, TEXTS, LetterForm, in_force
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.store.repositories import Repositories


async def keep(store: Store, actor: Actor, unit_id: str, letter_form: LetterForm | None) -> None:
    """By who administers the unit; None: it has nothing of its own. NotFound."""
    async with store.work(actor) as work:
        if not await rights.path_to(work, unit_id, actor.today):
            raise NotFound
        await rights.require_reach(work, "edit_units", unit_id)
        known = (await work.letter_forms.of_units([unit_id])).get(unit_id)
        if known == letter_form:
            return
        await work.letter_forms.put(unit_id, letter_form)
        await work.audit("letterhead.kept", subject=unit_id, changes=_changes(known, letter_form))


async def form_of(record: Repositories, path: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """What the letters of the path's last unit begin with: by field the unit whose it is, and the
    text."""
    return in_force(path, await record.letter_forms.of_units(path))


def _changes(old: LetterForm | None, new: LetterForm | None) -> dict[str, tuple[object, object]]:
    before, after = (one.fields if one is not None else {} for one in (old, new))
    changes: dict[str, tuple[object, object]] = {
        f"letter_{name}": (before.get(name), after.get(name))
        for name in (*HEAD, *TEXTS)
        if before.get(name) != after.get(name)
    }
    handed = tuple(one.hands_down if one is not None else False for one in (old, new))
    if handed[0] != handed[1]:
        changes["letter_handed_down"] = (handed[0], handed[1])
    return changes
