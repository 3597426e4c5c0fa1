"""What nobody watches is paused at its sender, and comes back for whoever looks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rooms.media.events import LayersWanted
from rooms.media.receiving import watching
from rooms.media.rtp import rtcp
from rooms.media.source import Tile
from tests.rooms.media.hall import HIGH, LOW, Hall, Sender, headers, open_hall, said, until

PAUSE_S = 0.3


@pytest.fixture
async def hall(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    monkeypatch.setattr(watching, "PAUSE_AFTER_S", PAUSE_S)
    async with open_hall() as opened:
        yield opened


async def obedient_sender(hall: Hall, member_id: str) -> Sender:
    sender = await hall.sender(member_id)
    hall.conference.publisher(member_id).pauses_unseen = True
    return sender


def wanted(hall: Hall) -> list[tuple[str, ...]]:
    return [event.rids for event in hall.events if isinstance(event, LayersWanted)]


def send_both(sender: Sender, *, key: bool = False) -> None:
    sender.frame(key=key)
    sender.frame(key=key, layer=HIGH, height=720)


async def test_the_layer_that_nobody_watches_is_paused(hall: Hall) -> None:
    sender = await obedient_sender(hall, "a")
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])

    def is_paused() -> bool:
        send_both(sender, key=True)
        return bool(wanted(hall))

    await until(is_paused, "the upper layer is not wanted")
    assert wanted(hall) == [("l",)]
    assert headers(viewer, 96)


async def test_with_no_viewer_nothing_is_sent_and_a_viewer_gets_a_key_frame_at_once(
    hall: Hall,
) -> None:
    sender = await obedient_sender(hall, "a")

    def is_paused() -> bool:
        send_both(sender)
        return wanted(hall)[-1:] == [()]

    await until(is_paused, "nothing is wanted")
    asked = len(said(sender.peer, rtcp.KeyFrameRequest))
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    await until(lambda: wanted(hall)[-1] == ("l",), "the lowest layer is wanted")
    await until(lambda: len(said(sender.peer, rtcp.KeyFrameRequest)) > asked, "a key frame too")
    assert said(sender.peer, rtcp.KeyFrameRequest)[-1].ssrc == LOW
    sender.frame(key=True)
    await until(lambda: headers(viewer, 96), "the picture")


async def test_a_larger_view_brings_the_upper_layer_back(hall: Hall) -> None:
    sender = await obedient_sender(hall, "a")
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])

    def is_paused() -> bool:
        send_both(sender, key=True)
        return bool(wanted(hall))

    await until(is_paused, "the upper layer is not wanted")
    hall.conference.subscriber("b").set_view([Tile("a", "camera", 720)])
    await until(lambda: wanted(hall)[-1] == ("l", "h"), "it is wanted again")
    seen = len(headers(viewer, 96))
    sender.frame()
    await until(lambda: len(headers(viewer, 96)) > seen, "the lower one goes on meanwhile")
    slot = hall.conference.subscriber("b")._video[0]

    def is_shown() -> bool:
        send_both(sender, key=True)
        return slot.current is not None and slot.current.rid == "h"

    await until(is_shown, "the upper layer")


async def test_a_sender_that_begins_anew_sends_all_and_is_told_so(hall: Hall) -> None:
    sender = await obedient_sender(hall, "a")

    def is_paused() -> bool:
        send_both(sender)
        return wanted(hall)[-1:] == [()]

    await until(is_paused, "nothing is wanted")
    await hall.sender("a")
    assert wanted(hall)[-1] == ("l", "h")


async def test_a_device_is_told_nothing(hall: Hall) -> None:
    sender = await hall.sender("a")
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    upper = hall.conference.publisher("a").tracks["camera"].layers

    def is_long_unseen() -> bool:
        send_both(sender, key=True)
        return len(headers(viewer, 96)) > 100

    await until(is_long_unseen, "many frames of the lower layer")
    assert wanted(hall) == []
    assert not upper["h"].watch.is_paused
