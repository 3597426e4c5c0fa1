"""The voices of one receiver: which of them have a slot, and which of those the line carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rooms.media.receiving.track import Layer, Track
from rooms.media.sending.slot import AudioSlot
from rooms.media.sending.voices import Voice, VoiceChooser
from rooms.media.source import SourceKey

# Opus at its usual 32 kbit/s with headers: what is kept free for each voice.
AUDIO_BPS = 48_000


class VoiceOwner(Protocol):
    @property
    def dominant(self) -> str | None:
        """The member whose word it is."""

    def find_track(self, key: SourceKey) -> Track | None: ...


class VoiceAllocation:
    """Owned by a Subscriber. `wanted_bps` is what all voices of its slots take, carried or not."""

    def __init__(self, owner: VoiceOwner) -> None:
        self.wanted_bps = 0.0
        self._owner = owner
        self._chooser = VoiceChooser()
        self._ranking: Sequence[SourceKey] = ()

    def assign(self, slots: Sequence[AudioSlot], ranking: Sequence[SourceKey]) -> None:
        """A voice that is among the first keeps its slot; others take what is free."""
        self._ranking = wanted = ranking[: len(slots)]
        for slot in slots:
            if slot.key is not None and (slot.key not in wanted or not slot.is_accepted):
                slot.assign(None, None)
        held = {slot.key for slot in slots}
        waiting = [key for key in wanted if key not in held]
        for slot in slots:
            if slot.key is None and slot.is_accepted and waiting:
                slot.key = waiting.pop(0)

    def carry(self, slots: Sequence[AudioSlot], budget_bps: float, now: float) -> float:
        """Let slots carry their voices as far as the line has room; returns what those take."""
        heard = [(slot, layer) for slot in slots if (layer := self._voice_of(slot)) is not None]
        heard.sort(key=lambda one: self._importance(one[0].key))
        voices = [Voice(slot.key, layer.sent.bitrate_bps) for slot, layer in heard]
        picks = self._chooser.choose(voices, budget_bps, now)
        self.wanted_bps = carried_bps = 0.0
        for (slot, layer), voice, is_carried in zip(heard, voices, picks, strict=True):
            slot.assign(slot.key, layer if is_carried else None)
            taken_bps = max(AUDIO_BPS, voice.bitrate_bps)
            self.wanted_bps += taken_bps
            carried_bps += taken_bps if slot.current is not None else 0.0
        for slot in slots:
            if all(slot is not other for other, _ in heard):
                slot.assign(slot.key, None)
        return carried_bps

    def _voice_of(self, slot: AudioSlot) -> Layer | None:
        track = self._owner.find_track(slot.key) if slot.key is not None else None
        return track.audio_layer if track is not None and not track.muted else None

    def _importance(self, key: SourceKey | None) -> tuple[bool, int]:
        """The less, the more important: who has the word, then the order of the ranking."""
        place = self._ranking.index(key) if key in self._ranking else len(self._ranking)
        return key is None or key.member_id != self._owner.dominant, place
