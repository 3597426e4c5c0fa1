"""The layout the secretary gives to all. Pure."""

from __future__ import annotations

from collections.abc import Container

from confhub.errors import N_, BadInput, NotFound
from rooms.protocol.messages import Layout, SetLayout


def choose_layout(message: SetLayout, members: Container[str]) -> Layout:
    """The layout asked for; BadInput or NotFound if its focus is missing or unknown.

    Only `single` has a focus: in every other mode it is dropped.
    """
    if message.mode != "single":
        return Layout(message.mode)
    if message.focus is None:
        raise BadInput(N_("Xin chọn điểm cầu để hiển thị một hình."))
    if message.focus not in members:
        raise NotFound(N_("Không có điểm cầu này trong cuộc họp."))
    return Layout("single", message.focus)


def without_lost_focus(layout: Layout, members: Container[str]) -> Layout:
    """The default layout when the one shown points at a seat that is no more."""
    if layout.focus is not None and layout.focus not in members:
        return Layout()
    return layout
