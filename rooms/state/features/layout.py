"""The layout the secretary gives to all. Pure."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import msgspec

from confhub.bucket import Rate
from confhub.errors import N_, BadInput, NotFound
from rooms.protocol.envelope import ClientMessage
from rooms.protocol.messages import Layout, LayoutMode, MemberId, RoomChanged
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.driving import NOT_A_MEMBER, require_driver
from rooms.state.features.feature import Feature, Hall, Rule
from rooms.state.member import Member


class SetLayout(ClientMessage, tag="layout", frozen=True):
    """Secretary: the layout everybody sees; `focus` is a member for `single`."""

    mode: LayoutMode
    focus: MemberId | None = None


class Shown:
    """The layout of one room."""

    def __init__(self, layout: Layout | None = None) -> None:
        self.layout = layout or Layout()


def choose_layout(message: SetLayout, members: Container[str]) -> Layout:
    """The layout asked for; BadInput or NotFound if its focus is missing or unknown.

    Only `single` has a focus: in every other mode it is dropped.
    """
    if message.mode != "single":
        return Layout(message.mode)
    if message.focus is None:
        raise BadInput(N_("Xin chọn điểm cầu để hiển thị một hình."))
    if message.focus not in members:
        raise NotFound(NOT_A_MEMBER)
    return Layout("single", message.focus)


def set_layout(hall: Hall, member: Member, said: SetLayout, now: float) -> list[Effect]:
    require_driver(member)
    shown = hall.part(LAYOUT)
    layout = choose_layout(said, hall.members)
    if layout == shown.layout:
        return []
    shown.layout = layout
    hall.log("layout", member, now, mode=layout.mode, focus=layout.focus)
    return [fx.Broadcast(RoomChanged(hall.view())), fx.SaveSnapshot()]


def seat_gone(hall: Hall) -> list[Effect]:
    """The default layout when the one shown points at a seat that is no more."""
    shown = hall.part(LAYOUT)
    if shown.layout.focus is None or shown.layout.focus in hall.members:
        return []
    shown.layout = Layout()
    return [fx.Broadcast(RoomChanged(hall.view()))]


def _save(shown: Shown) -> Layout:
    return shown.layout


def _load(saved: Any) -> Shown:
    return Shown(msgspec.convert(saved, Layout))


def _room_view(shown: Shown) -> dict[str, Any]:
    return {"layout": shown.layout}


LAYOUT = Feature(
    name="layout",
    rules={SetLayout: Rule(set_layout, Rate(2, 10))},
    new=Shown,
    save=_save,
    load=_load,
    room_view=_room_view,
    seat_gone=seat_gone,
)
