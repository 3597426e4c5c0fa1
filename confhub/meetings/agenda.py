"""An agenda that is changed: which items are the ones it had. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from confhub.identity import new_id
from confhub.meetings.meeting import AgendaItem
from confhub.same_parts import same_parts

# A form that knows the ids sends them; who does not know them means an item by its title.
_ALIKE = (
    lambda item: item.id or None,
    lambda item: (item.title, item.presenter),
    lambda item: item.title,
)


def with_ids(old: Sequence[AgendaItem], new: Sequence[AgendaItem]) -> tuple[AgendaItem, ...]:
    """`new`, each item with the id that it had in `old`, else with a new one."""
    return tuple(
        replace(item, id=known.id if known else new_id())
        for item, known in zip(new, same_parts(old, new, _ALIKE), strict=True)
    )
