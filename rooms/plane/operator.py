"""Carries out a hub's commands on the media plane of this process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rooms.media.running import RunningRoom
from rooms.plane import commands as c
from rooms.plane.local import LocalPlane


class Operator:
    def __init__(self, plane: LocalPlane) -> None:
        self._plane = plane

    async def do(self, command: c.Command) -> object:
        """What the command is answered with; BadDescription, Unavailable, or whatever broke."""
        return await _HANDLERS[type(command)](self, command)

    async def _publish(self, said: c.Publish) -> str:
        return await self._plane.conference(said.room).publish(
            said.member, said.sdp, said.sources, pauses_unseen=said.pauses_unseen
        )

    async def _offer(self, said: c.Offer) -> str:
        return await self._plane.conference(said.room).offer(said.member)

    async def _accept(self, said: c.Accept) -> None:
        await self._plane.conference(said.room).accept(said.member, said.sdp)

    async def _play(self, said: c.Play) -> str:
        return await self._plane.conference(said.room).play(said.player, said.besides, said.sdp)

    async def _restart_ice(self, said: c.RestartIce) -> object:
        conference = self._plane.conference(said.room)
        return await conference.restart_ice(said.party, said.direction, said.remote)

    async def _restart(self, said: c.Restart) -> None:
        self._plane.conference(said.room).restart(said.member)

    async def _set_view(self, said: c.SetView) -> None:
        self._plane.conference(said.room).set_view(said.party, said.tiles)

    async def _set_muted(self, said: c.SetMuted) -> None:
        self._plane.conference(said.room).set_muted(said.member, said.source, said.muted)

    async def _remove(self, said: c.Remove) -> None:
        self._plane.conference(said.room).remove(said.party)

    async def _measure(self, said: c.Measure) -> None:
        self._plane.conference(said.room).ask_measurement()

    async def _stats(self, said: c.Stats) -> object:
        return self._plane.router.stats()

    async def _running(self, said: c.Running) -> list[RunningRoom]:
        if not said.room:
            return self._plane.router.running()
        found = await self._plane.conference(said.room).running()
        return [] if found is None else [found]

    async def _tell_again(self, said: c.TellAgain) -> None:
        self._plane.conference(said.room).tell_again()


_HANDLERS: dict[type[c.Command], Callable[[Operator, Any], Awaitable[object]]] = {
    c.Publish: Operator._publish,
    c.Offer: Operator._offer,
    c.Accept: Operator._accept,
    c.Play: Operator._play,
    c.RestartIce: Operator._restart_ice,
    c.Restart: Operator._restart,
    c.SetView: Operator._set_view,
    c.SetMuted: Operator._set_muted,
    c.Remove: Operator._remove,
    c.Measure: Operator._measure,
    c.Stats: Operator._stats,
    c.Running: Operator._running,
    c.TellAgain: Operator._tell_again,
}
