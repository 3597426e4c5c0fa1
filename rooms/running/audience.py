"""The devices that play one room's meeting, and what each shows. Owned by the room's loop."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from confhub.errors import ConfhubError
from rooms.state.picture import Picture, Wish, choose_picture
from rooms.state.room import Room


class Listener(Protocol):
    """A device's session."""

    @property
    def wish(self) -> Wish: ...
    def show(self, picture: Picture | None) -> None: ...
    def recheck(self) -> None: ...
    def end(self) -> None: ...


class Audience:
    def __init__(self) -> None:
        self.dominant: str | None = None  # whose word it is
        self._shown: dict[Listener, Picture | None] = {}

    def __len__(self) -> int:
        return len(self._shown)

    def listeners(self, at: str | None = None) -> Collection[Listener]:
        """All, or those at one member's site."""
        return [one for one in self._shown if at in (None, one.wish.at)]

    def add(self, listener: Listener, room: Room) -> None:
        """Raise what keeps the device's site out of the room (SentOut)."""
        _admit(listener, room)
        self._shown[listener] = None
        self.direct(room)

    def remove(self, listener: Listener) -> None:
        self._shown.pop(listener, None)

    def direct(self, room: Room) -> None:
        """Show each device what is to be seen now; to be called whenever something changed.

        Those of a site that is kept out are sent away with it.
        """
        for listener, shown in list(self._shown.items()):
            try:
                _admit(listener, room)
            except ConfhubError:
                listener.end()
                continue
            picture = choose_picture(room, listener.wish, self.dominant)
            if picture != shown:
                self._shown[listener] = picture
                listener.show(picture)

    def close(self) -> None:
        """The room closes."""
        for listener in list(self._shown):
            listener.end()
        self._shown.clear()


def _admit(listener: Listener, room: Room) -> None:
    member = room.members.get(listener.wish.at)
    if member is not None:
        room.admit(member)
