from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.source import SourceKey
from rooms.media.speaker import CHALLENGE_S, HOLD_S, STOPPED_AFTER_S, Speakers

PACKET_S = 0.02
LOUD, SPEECH, NOISE = 10, 30, 70


def voice(member_id: str) -> SourceKey:
    return SourceKey(member_id, "microphone")


class Room:
    """Packets every 20 ms from all who are here, judged every 100 ms."""

    def __init__(self, names: str) -> None:
        self.speakers = Speakers(3)
        self.keys = [voice(name) for name in names]
        self.now = 0.0
        self.speakers.update(self.keys, self.now)

    def run(self, seconds: float, levels: Mapping[str, int]) -> None:
        """`levels` by name; those without one send nothing (DTX)."""
        for step in range(round(seconds / PACKET_S)):
            self.now += PACKET_S
            for name, level in levels.items():
                self.speakers.hear(voice(name), level, self.now)
            if step % 5 == 4:
                self.speakers.update(self.keys, self.now)

    def heard(self) -> str:
        return "".join(sorted(key.member_id for key in self.speakers.ranking[:3]))


def test_a_first_word_makes_a_speaker_within_a_fifth_of_a_second() -> None:
    room = Room("ab")
    room.run(0.2, {"a": SPEECH, "b": NOISE})
    assert room.speakers.speaking() == ("a",)
    assert room.speakers.dominant == "a"


def test_noise_is_no_speech() -> None:
    room = Room("ab")
    room.run(5.0, {"a": NOISE, "b": NOISE})
    assert room.speakers.speaking() == ()
    assert room.speakers.dominant is None


def test_a_breath_does_not_end_speech_but_silence_does() -> None:
    room = Room("a")
    room.run(1.0, {"a": SPEECH})
    room.run(0.3, {"a": NOISE})
    assert room.speakers.speaking() == ("a",)
    room.run(STOPPED_AFTER_S + 1.5, {"a": NOISE})
    assert room.speakers.speaking() == ()


def test_one_who_sends_nothing_falls_silent() -> None:
    room = Room("a")
    room.run(1.0, {"a": SPEECH})
    room.run(STOPPED_AFTER_S + 1.5, {})
    assert room.speakers.speaking() == ()
    assert room.speakers.levels_dbov(room.now) == {"a": -127.0}


def test_the_dominant_speaker_stays_through_an_interjection() -> None:
    room = Room("ab")
    room.run(2.0, {"a": SPEECH, "b": NOISE})
    room.run(0.1, {"a": SPEECH, "b": LOUD})
    assert room.speakers.dominant == "a"
    room.run(CHALLENGE_S + 0.5, {"a": SPEECH, "b": LOUD})
    assert room.speakers.dominant == "b"


def test_the_dominant_speaker_stays_after_the_last_word() -> None:
    room = Room("ab")
    room.run(1.0, {"a": SPEECH})
    room.run(10.0, {"a": NOISE, "b": NOISE})
    assert room.speakers.dominant == "a"
    room.run(0.5, {"b": SPEECH})
    assert room.speakers.dominant == "b"


def test_a_dominant_speaker_who_leaves_is_forgotten() -> None:
    room = Room("ab")
    room.run(1.0, {"a": SPEECH})
    room.keys = [voice("b")]
    room.run(0.2, {"b": NOISE})
    assert room.speakers.dominant is None
    assert set(room.speakers.levels_dbov(room.now)) == {"b"}


def test_a_fourth_who_speaks_takes_the_place_of_one_who_is_silent() -> None:
    room = Room("abcde")
    room.run(HOLD_S + 0.5, {"a": SPEECH, "b": SPEECH, "c": NOISE, "d": NOISE, "e": NOISE})
    room.run(1.0, {"a": SPEECH, "b": SPEECH, "c": NOISE, "d": NOISE, "e": SPEECH})
    assert room.heard() == "abe"


def test_three_who_speak_are_not_displaced_by_a_fourth_as_loud() -> None:
    room = Room("abcd")
    levels = dict.fromkeys("abc", SPEECH)
    room.run(3.0, levels)
    room.run(3.0, {**levels, "d": SPEECH})
    assert room.heard() == "abc"


def test_a_louder_fourth_takes_one_place() -> None:
    room = Room("abcd")
    levels = {"a": 20, "b": 22, "c": 36}
    room.run(3.0, levels)
    room.run(1.5, {**levels, "d": LOUD})
    assert room.heard() == "abd"


def test_those_who_are_alone_have_places_without_a_word() -> None:
    assert Room("ab").heard() == "ab"


def test_a_stranger_is_not_heard() -> None:
    room = Room("a")
    room.speakers.hear(voice("x"), LOUD, 0.0)
    assert set(room.speakers.levels_dbov(0.0)) == {"a"}


def test_screen_sound_has_a_place_but_does_not_speak() -> None:
    speakers = Speakers(3)
    key = SourceKey("a", "screen_audio")
    for step in range(50):
        speakers.update([key], step * 0.1)
        speakers.hear(key, LOUD, step * 0.1)
    assert speakers.ranking == [key]
    assert speakers.speaking() == ()
    assert speakers.dominant is None


NAMES = st.sets(st.sampled_from("abcdefgh"))
LEVELS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 127))


@given(st.lists(st.tuples(NAMES, LEVELS, st.floats(0, 2)), max_size=30))
def test_places_are_distinct_present_and_all_used(
    steps: list[tuple[set[str], dict[str, int], float]],
) -> None:
    speakers = Speakers(3)
    now = 0.0
    for names, levels, wait_s in steps:
        now += wait_s
        for name, level in levels.items():
            speakers.hear(voice(name), level, now)
        keys = [voice(name) for name in sorted(names)]
        speakers.update(keys, now)
        assert len(set(speakers.ranking)) == len(speakers.ranking) == min(4, len(keys))
        assert set(speakers.ranking) <= set(keys)
        assert set(speakers.speaking()) <= names
        assert speakers.dominant is None or speakers.dominant in names
        assert all(-127 <= level <= 0 for level in speakers.levels_dbov(now).values())
