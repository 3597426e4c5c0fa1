"""Who speaks: loudest voices and the dominant speaker from RFC 6464 levels. Pure.

Each voice has a smoothed loudness in dB above silence (0 .. 127, so -127 .. 0 dBov). It rises
fast, so a first word is heard, and falls slowly, so a breath does not hand over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rooms.media.source import SourceKey

SILENCE = 127
# Weights per 20 ms packet: three packets to rise, about half a second to fall.
RISE = 0.4
FALL = 0.05
# With DTX hardly anything is sent in silence; without packets a voice falls by itself.
QUIET_AFTER_S = 0.2
FALL_DB_PER_S = 60.0

# Opus at its lowest rate takes five bytes and more for what can be heard, and one to three for
# what its DTX sends in silence.
LEAST_VOICE_BYTES = 4

# Speech in a room is -20 to -40 dBov at the microphone, its noise below -55.
SPEAKING_DB = SILENCE - 42
STOPPED_DB = SILENCE - 52
STOPPED_AFTER_S = 0.8

# A challenger must be this much louder, for this long, to take a place.
MARGIN_DB = 6.0
CHALLENGE_S = 0.3
# A voice that has just got a place keeps it at least so long.
HOLD_S = 1.5


def believed_level(level: int, size: int) -> int:
    """The level of a packet of sound that claims `level`: so small a one holds no voice."""
    return level if size >= LEAST_VOICE_BYTES else SILENCE


@dataclass(slots=True)
class _Voice:
    loudness: float = 0.0
    heard_at: float = 0.0
    spoke_at: float = float("-inf")
    speaking: bool = False
    entered_at: float = float("-inf")
    louder_since: float | None = None
    dominating_since: float | None = None

    def at(self, now: float) -> float:
        silent_s = now - self.heard_at - QUIET_AFTER_S
        return (
            self.loudness if silent_s <= 0 else max(0.0, self.loudness - FALL_DB_PER_S * silent_s)
        )


@dataclass(slots=True)
class Speakers:
    """The voices of one conference.

    `hear` takes each packet's level, `update` judges a few times a second. `ranking` holds
    `places` voices and one in reserve (for those whose own voice is among the first);
    a voice leaves it only when another displaces it or it is gone.
    """

    places: int
    ranking: list[SourceKey] = field(default_factory=list)
    dominant: str | None = None
    _voices: dict[SourceKey, _Voice] = field(default_factory=dict)

    def hear(self, key: SourceKey, level: int, now: float) -> None:
        """A packet of `key` had this RFC 6464 level: 0 is the loudest, 127 silence."""
        voice = self._voices.get(key)
        if voice is None:
            return
        loudness = SILENCE - level
        present = voice.at(now)
        weight = RISE if loudness > present else FALL
        voice.loudness = present + weight * (loudness - present)
        voice.heard_at = now

    def update(self, present: Iterable[SourceKey], now: float) -> None:
        """Judge anew. `present`: the voices that may be heard, in a stable order."""
        keys = list(present)
        for key in keys:
            self._voices.setdefault(key, _Voice(heard_at=now))
        for gone in set(self._voices) - set(keys):
            del self._voices[gone]
        for voice in self._voices.values():
            self._judge(voice, now)
        self._rank(keys, now)
        self._choose_dominant(now)

    def speaking(self) -> tuple[str, ...]:
        """Members whose microphone carries speech now, loudest first."""
        speaking = [
            (-voice.loudness, key.member_id)
            for key, voice in self._voices.items()
            if voice.speaking and key.source == "microphone"
        ]
        return tuple(member_id for _, member_id in sorted(speaking))

    def levels_dbov(self, now: float) -> dict[str, float]:
        """Each member's microphone level, -127.0 (silence) to 0.0."""
        return {
            key.member_id: voice.at(now) - SILENCE
            for key, voice in self._voices.items()
            if key.source == "microphone"
        }

    @staticmethod
    def _judge(voice: _Voice, now: float) -> None:
        loudness = voice.at(now)
        if loudness >= (STOPPED_DB if voice.speaking else SPEAKING_DB):
            voice.speaking = True
            voice.spoke_at = now
        elif now - voice.spoke_at >= STOPPED_AFTER_S:
            voice.speaking = False

    def _rank(self, keys: list[SourceKey], now: float) -> None:
        ranking = [key for key in self.ranking if key in self._voices]
        waiting = [key for key in keys if key not in ranking]
        waiting.sort(key=lambda key: -self._voices[key].at(now))
        while waiting and len(ranking) <= self.places:
            ranking.append(waiting.pop(0))
            self._voices[ranking[-1]].entered_at = now
        # Outsiders challenge the reserve place, the reserve those before it.
        if waiting and len(ranking) > self.places:
            challenger = waiting[0]
            if self._wins(challenger, ranking[self.places], now):
                ranking[self.places] = challenger
                self._voices[challenger].entered_at = float("-inf")
        if len(ranking) > self.places:
            self._promote_reserve(ranking, now)
        self.ranking = ranking

    def _promote_reserve(self, ranking: list[SourceKey], now: float) -> None:
        places = self.places
        settled = [key for key in ranking[:places] if now - self._voices[key].entered_at >= HOLD_S]
        if not settled:
            return
        quietest = min(settled, key=lambda key: self._voices[key].at(now))
        if self._wins(ranking[places], quietest, now):
            at = ranking.index(quietest)
            ranking[at], ranking[places] = ranking[places], quietest
            self._voices[ranking[at]].entered_at = now

    def _wins(self, challenger: SourceKey, holder: SourceKey, now: float) -> bool:
        """Louder by the margin for long enough, or speaking where the holder is not."""
        mine, theirs = self._voices[challenger], self._voices[holder]
        if not mine.speaking or mine.at(now) < theirs.at(now) + MARGIN_DB:
            mine.louder_since = None
            return False
        if mine.louder_since is None:
            mine.louder_since = now
        if theirs.speaking and now - mine.louder_since < CHALLENGE_S:
            return False
        mine.louder_since = None
        return True

    def _choose_dominant(self, now: float) -> None:
        speaking = self.speaking()
        holder = next(
            (v for k, v in self._voices.items() if self._is_microphone_of(k, self.dominant)), None
        )
        if holder is None:
            self.dominant = None
        if not speaking or speaking[0] == self.dominant:
            return
        first = self._voices[SourceKey(speaking[0], "microphone")]
        if holder is None or not holder.speaking:
            self.dominant = speaking[0]
        elif first.at(now) >= holder.at(now) + MARGIN_DB:
            if first.dominating_since is None:
                first.dominating_since = now
            if now - first.dominating_since >= CHALLENGE_S:
                first.dominating_since = None
                self.dominant = speaking[0]
        else:
            first.dominating_since = None

    @staticmethod
    def _is_microphone_of(key: SourceKey, member_id: str | None) -> bool:
        return key.source == "microphone" and key.member_id == member_id
