"""Which hub runs a meeting's room, and the fence between hubs that follow each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from confhub.errors import N_, Conflict


class RoomTaken(Conflict):
    """Another hub runs the room by now: nothing may be written of the old one any more."""

    code = "room_taken"
    message = N_("Cuộc họp này nay đang chạy trên máy chủ khác.")


@dataclass(frozen=True, slots=True)
class Hub:
    """One run of a hub. Its id is its name and what was drawn when it started, `hub-1/4kq2x8mz`:
    two hubs with one name, or a hub before and after a restart, are not the same.

    `address` is its own for browsers, where it has one; `relay` where other hubs reach it.
    """

    name: str
    boot: str
    address: str = ""
    relay: str = ""

    @property
    def id(self) -> str:
        return f"{self.name}/{self.boot}"


@dataclass(frozen=True, slots=True)
class Fence:
    """The right to write of a room. Each taking of the room raises the epoch, and whoever comes
    with an older one is refused: a hub that slept through the taking cannot know better."""

    meeting_id: str
    epoch: int


def name_of(hub_id: str) -> str:
    """The name that people gave the hub."""
    return hub_id.partition("/")[0]
