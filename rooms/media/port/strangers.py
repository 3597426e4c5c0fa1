"""Connections by which no authentic check has come yet, and which of them makes room. Pure."""

from __future__ import annotations

from itertools import chain
from typing import Generic, Protocol, TypeVar

from confhub.networks import network_of
from rooms.media.port.path import Path

# A whole province may come from one address, but each connection is a stranger for one round
# trip only. The oldest stranger makes room, one that has said nothing first, so that late ones and
# silent ones, not new ones, are shut out: a newcomer's check by a satellite, 700 ms away, comes in
# time beside 700 silent connections a second from its address.
MAX_STRANGERS = 1024
MAX_STRANGERS_PER_ADDRESS = 512


class Stranger(Protocol):
    @property
    def path(self) -> Path: ...
    @property
    def origin(self) -> str:
        """See origin_of."""


Somebody = TypeVar("Somebody", bound=Stranger)


class Queue(Generic[Somebody]):
    """Connections in the order of their coming, all of them and those of each origin. Adding and
    taking out cost the same however many there are."""

    def __init__(self) -> None:
        self.all: dict[Path, Somebody] = {}
        self._by_origin: dict[str, dict[Path, Somebody]] = {}

    def near(self, origin: str) -> dict[Path, Somebody]:
        return self._by_origin.get(origin, {})

    def add(self, connection: Somebody) -> None:
        self.all[connection.path] = connection
        self._by_origin.setdefault(connection.origin, {})[connection.path] = connection

    def discard(self, connection: Somebody) -> bool:
        """Whether it was there."""
        if self.all.pop(connection.path, None) is None:
            return False
        near = self._by_origin[connection.origin]
        del near[connection.path]
        if not near:
            del self._by_origin[connection.origin]
        return True


class Strangers(Generic[Somebody]):
    """Connections by which no authentic check has come yet: those that have said nothing, and
    those that have."""

    def __init__(self) -> None:
        self._silent: Queue[Somebody] = Queue()
        self._heard: Queue[Somebody] = Queue()

    def add(self, connection: Somebody) -> None:
        self._silent.add(connection)

    def heard(self, connection: Somebody) -> None:
        if self._silent.discard(connection):
            self._heard.add(connection)

    def discard(self, connection: Somebody) -> None:
        _ = self._silent.discard(connection) or self._heard.discard(connection)

    def in_the_way(self, origin: str, *, is_full: bool = False) -> Somebody | None:
        """Who has to go before another one comes from there: of where too many are the oldest
        silent one, or else the oldest.

        `is_full`: there is no room for anybody more.
        """
        near = self._silent.near(origin), self._heard.near(origin)
        everybody = self._silent.all, self._heard.all
        if sum(map(len, near)) >= MAX_STRANGERS_PER_ADDRESS:
            return next(chain(*(queue.values() for queue in near)))
        if is_full or sum(map(len, everybody)) >= MAX_STRANGERS:
            return next(chain(*(queue.values() for queue in everybody)), None)
        return None


def origin_of(address: tuple[object, ...]) -> str:
    """Who is behind an address: with IPv6 whoever has its /64 has all of it."""
    return network_of(str(address[0]))
