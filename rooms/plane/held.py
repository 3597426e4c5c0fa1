"""What a worker holds, as far as its hub knows: connections, and the words that hold.

A word holds until another takes its place: what a party shows, whether a source is muted. Those are
told anew over each new link, since the last ones may have been on their way when the old one broke.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confhub.quality import TransportState
from rooms.media.events import TransportChanged
from rooms.media.running import RunningRoom
from rooms.plane import commands as c
from rooms.plane.commands import PartyKey

Kind = tuple[str, ...]  # which word a party's is: a newer one of the kind replaces it


class Held:
    """Of one run of a worker. It is as large as what the worker holds: `Remove` forgets a party."""

    def __init__(self) -> None:
        self.states: dict[PartyKey, TransportState] = {}
        # By room and party. A party stands here from the first command for it.
        self._words: dict[str, dict[str, dict[Kind, c.Command]]] = {}

    @property
    def rooms(self) -> list[str]:
        """In which the worker knows anybody, or will when it has heard all."""
        return list(self._words)

    def knows(self, room_id: str, party_id: str) -> bool:
        return party_id in self._words.get(room_id, {})

    def note(self, command: c.Command) -> None:
        """It is on its way to the worker."""
        if isinstance(command, c.Remove):
            for key in command.ends:
                self.states.pop(key, None)
            self.forget(command.room, command.party)
        elif isinstance(command, c.OfParty):
            words = self._words.setdefault(command.room, {}).setdefault(command.of, {})
            if isinstance(command, c.SetView):
                words["view",] = command
            elif isinstance(command, c.SetMuted):
                words["muted", command.source] = command

    def forget(self, room_id: str, party_id: str) -> None:
        parties = self._words.get(room_id, {})
        parties.pop(party_id, None)
        if not parties:
            self._words.pop(room_id, None)

    def refused(self, command: c.Command) -> None:
        """The worker has not done it: a player that is refused leaves nothing behind."""
        if isinstance(command, c.Play):
            self.forget(command.room, command.player)

    def hear(self, event: TransportChanged) -> None:
        key = (event.room_id, event.member_id, event.direction)
        if event.state == "closed":
            self.states.pop(key, None)
        else:
            self.states[key] = event.state

    def adopt(self, running: Sequence[RunningRoom]) -> None:
        """All of that goes on, from before this hub knew of it."""
        for room in running:
            for party_id in room.parties():
                self._words.setdefault(room.room_id, {}).setdefault(party_id, {})

    def left_over(self, running: Sequence[RunningRoom]) -> Iterator[c.Remove]:
        """The ends that the worker has not heard of what it still runs."""
        for room in running:
            for party_id in room.parties():
                if not self.knows(room.room_id, party_id):
                    yield c.Remove(room.room_id, party_id)

    def words(self) -> list[c.Command]:
        """Those that hold, to be told anew."""
        return [
            word
            for parties in self._words.values()
            for words in parties.values()
            for word in words.values()
        ]
