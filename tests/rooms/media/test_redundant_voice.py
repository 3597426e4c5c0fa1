"""Voices with copies of themselves, up to the hub and down from it, with small clients."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rooms.media.rtp import rtcp
from rooms.media.rtp.red import Copy, build_red, parse_red
from rooms.media.rtp.rtcp import ReportBlock
from tests.rooms.media.hall import VOICE, Hall, Sender, headers, open_hall, payload_of, until
from tests.rooms.media.peer import Peer

OPUS, RED = 111, 63


@pytest.fixture(params=["native", "python"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    async with open_hall(request.param) as opened:
        yield opened


class Speaker:
    """Says one word a packet; `lost` ones are numbered and do not arrive."""

    def __init__(self, sender: Sender, *, red: bool = True) -> None:
        self.sender = sender
        self.red = red
        self.words: list[bytes] = []

    def say(self, *, copies: int = 1, lost: bool = False) -> None:
        self.words.append(b"word %d" % len(self.words))
        if lost:
            self.sender.sequences[VOICE] += 1
            return
        if not self.red:
            self.sender.voice(payload=self.words[-1])
            return
        before = self.words[:-1][-copies:] if copies else []
        repeated = [Copy(960 * (len(before) - at), word) for at, word in enumerate(before)]
        payload = build_red(OPUS, self.words[-1], repeated)
        self.sender._send(VOICE, RED, payload, {1: b"0", 2: bytes([30])}, 960)


async def meet(hall: Hall, *, red: bool = True) -> tuple[Speaker, Peer]:
    """Somebody who speaks, and one who hears the first word."""
    sender = await hall.sender("a", camera=False, red=red)
    listener = await hall.receiver("b")
    speaker = Speaker(sender, red=red)
    speaker.say()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    speaker.say()
    await until(lambda: headers(listener, OPUS), "a voice")
    return speaker, listener


def heard(listener: Peer) -> list[bytes]:
    return [payload_of(header) for header in headers(listener, OPUS)]


def report_loss(hall: Hall, listener: Peer, percent: int) -> None:
    """Two reports of the listener, between which that much was lost."""
    slot = hall.conference.subscriber("b")._audio[0]
    for lost, highest in ((0, 100), (percent, 200)):
        block = ReportBlock(slot.ssrc, 0, lost, highest, 0, 0, 0)
        listener.send_rtcp(rtcp.build_rr(1, [block]))


async def test_a_lost_packet_is_filled_from_the_next_one(hall: Hall) -> None:
    speaker, listener = await meet(hall)
    speaker.say(lost=True)
    speaker.say()
    speaker.say(lost=True)
    speaker.say(lost=True)
    speaker.say(copies=2)
    await until(lambda: len(heard(listener)) == 6, "all but nothing lost")
    assert heard(listener) == speaker.words[1:]
    packets = headers(listener, OPUS)
    first = packets[0].sequence
    assert [(item.sequence - first) & 0xFFFF for item in packets] == list(range(6))
    measured = hall.conference.publisher("a").measure(0.0)
    assert measured.voice_filled == 3
    assert measured.loss_fraction is not None
    assert measured.loss_fraction > 0.3  # what the line lost stays to be seen


async def test_a_packet_that_comes_late_after_its_copy_is_not_sent_twice(hall: Hall) -> None:
    speaker, listener = await meet(hall)
    speaker.say(lost=True)
    speaker.say()
    await until(lambda: len(heard(listener)) == 3, "the copy")
    speaker.sender.sequences[VOICE] -= 2
    late = build_red(OPUS, speaker.words[2], [])
    speaker.sender._send(VOICE, RED, late, {1: b"0", 2: bytes([30])}, 960)
    speaker.sender.sequences[VOICE] += 1
    speaker.say()
    await until(lambda: len(heard(listener)) == 4, "the word after")
    assert heard(listener) == speaker.words[1:]
    assert not hall.router.stats().srtp_failures


@pytest.mark.parametrize("red", [True, False])
async def test_a_listener_who_loses_gets_copies_whatever_the_speaker_sends(
    hall: Hall, red: bool
) -> None:
    speaker, listener = await meet(hall, red=red)
    report_loss(hall, listener, 5)
    await until(lambda: hall.conference.subscriber("b")._audio[0].copies == 1, "copies")
    speaker.say()
    speaker.say()
    await until(lambda: len(headers(listener, RED)) == 2, "voice with copies")
    found = [parse_red(payload_of(item), OPUS) for item in headers(listener, RED)]
    assert [item.primary for item in found] == speaker.words[-2:]
    assert [item.copies for item in found] == [
        (Copy(960, speaker.words[-3]),),
        (Copy(960, speaker.words[-2]),),
    ]
    both = headers(listener, OPUS)[-1:] + headers(listener, RED)
    steps = [(item.sequence - both[0].sequence) & 0xFFFF for item in both]
    assert steps == [0, 1, 2]  # one stream, whatever its packets carry
    assert [item.extension(3) for item in both] == [bytes([30])] * 3


async def test_a_speaker_may_go_over_to_plain_voice_and_back(hall: Hall) -> None:
    speaker, listener = await meet(hall)
    for red in (False, True, False):
        speaker.red = red
        speaker.say()
    await until(lambda: len(heard(listener)) == 4, "all words")
    assert heard(listener) == speaker.words[1:]


async def test_what_is_neither_is_counted_and_leaves_no_hole(hall: Hall) -> None:
    speaker, listener = await meet(hall)
    speaker.sender._send(VOICE, 13, b"comfort noise", {1: b"0"}, 960)
    speaker.sender._send(VOICE, RED, b"\xff", {1: b"0"}, 960)
    speaker.words.append(b"not heard")
    speaker.say(copies=0)
    await until(lambda: len(heard(listener)) == 2, "the next word")
    bad = hall.router.stats().bad_datagrams
    assert (bad["unknown_payload_type"], bad["rtp_malformed"]) == (1, 1)
    one, two = headers(listener, OPUS)
    assert two.sequence - one.sequence == 2  # the malformed one counts as lost
