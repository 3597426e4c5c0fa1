"""What a file does is written, in pieces where it is thousands of units or sites."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from confhub.desks.country_load import PAUSE_S
from confhub.desks.registry.plans import work_aside
from confhub.errors import N_, ConfhubError, Conflict
from confhub.people.actor import Actor
from confhub.people.policy import Action
from confhub.people.powers import Powers
from confhub.store import Store, Work
from confhub.trail.entry import Act

CUT = "import_cut"
_CUT = N_(
    "Mới nhập được %(done)s trong %(all)s mục thì phải dừng: có người vừa thay đổi danh mục, hoặc"
    " hệ thống đang bận. Phần đã nhập được giữ lại. Xin nhập lại chính tệp này để làm tiếp."
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file's plan that is written by itself, with a line on record for each of `size`
    units or sites."""

    size: int
    do: Callable[[Work], Awaitable[None]]
    acts: list[Act]


async def write(
    store: Store, actor: Actor, action: Action, powers: Powers | None, pieces: Sequence[Piece]
) -> None:
    """Each piece is one transaction. Conflict (CUT) where one fails after others are in."""
    done, size = 0, sum(piece.size for piece in pieces)
    for piece in pieces:
        if done:
            await asyncio.sleep(PAUSE_S)
        try:
            await _write(store, actor, action, powers, piece)
        except ConfhubError as error:
            if not done:
                raise
            raise Conflict(_CUT, code=CUT, values={"done": done, "all": size}) from error
        done += piece.size


async def _write(
    store: Store, actor: Actor, action: Action, powers: Powers | None, piece: Piece
) -> None:
    async def carry_out(work: Work) -> None:
        await piece.do(work)
        await work.audit_all(piece.acts)

    await work_aside(store, actor, action, powers, carry_out)
