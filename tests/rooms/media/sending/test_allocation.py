"""What the pictures of one receiver are aimed at, given tracks and a budget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rooms.media.engine.interface import ALL_TEMPORAL
from rooms.media.receiving.track import RATE_KNOWN_AFTER_S, Layer, Track
from rooms.media.sdp.answer import AgreedTrack
from rooms.media.sdp.capabilities import send_codec
from rooms.media.sdp.offer import AcceptedSlot
from rooms.media.sending.allocation import PictureAllocation, find_wanted_bps, list_choices
from rooms.media.sending.layers import UP_HEADROOM
from rooms.media.sending.slot import VideoSlot
from rooms.media.source import Source, SourceKey, Tile
from tests.rooms.media.engine_line import Line

RATES = {"q": (180, 150_000), "h": (360, 500_000), "f": (720, 1_500_000)}
NOW = 100.0


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line("auto")
    yield made
    made.close()


def make_track(line: Line, member: str, source: Source = "camera", rids: str = "qhf") -> Track:
    """A track whose layers have been arriving for long, the smallest in three temporal ones."""
    codec = send_codec("video")
    names = tuple(rids) if source == "camera" else ()
    agreed = AgreedTrack("1", source, codec, codec.payload_type, None, {}, names, (), {})
    track = Track(SourceKey(member, source), agreed, muted=False)
    for rid in names or ("",):
        layer = Layer(track, rid, 1, lambda _layer: None, line.engine.fan)
        layer.height_px, bitrate_bps = RATES.get(rid, (1080, 800_000))
        send(layer, bitrate_bps, NOW - RATE_KNOWN_AFTER_S - 1, NOW)
        for temporal, size in ((0, 400), (1, 200), (2, 400)):
            layer.shares.count(temporal, size)
        track.layers[rid] = layer
    return track


def send(layer: Layer, bitrate_bps: float, since: float, until: float) -> None:
    now = since
    while now <= until:
        layer.received_at = now
        layer.rate.count(int(bitrate_bps / 80))
        layer.measure_rate(now)
        now += 0.1


def make_slot(line: Line, track: Track) -> VideoSlot:
    slot = VideoSlot("v0", line.make_stream)
    slot.accept(AcceptedSlot("v0", 1, 2, 0, True))
    slot.assign(track.key)
    return slot


def test_a_picture_can_be_each_layer_and_the_smallest_with_fewer_frames(line: Line) -> None:
    choices = list_choices(make_track(line, "a"), NOW)
    assert [(one.layer.rid, one.temporal) for one in choices] == [
        ("q", 0),
        ("q", 1),
        ("q", ALL_TEMPORAL),
        ("h", ALL_TEMPORAL),
        ("f", ALL_TEMPORAL),
    ]
    rates = [one.option.bitrate_bps for one in choices]
    assert rates == pytest.approx([60_000, 90_000, 150_000, 500_000, 1_500_000], rel=0.1)


def test_a_layer_that_has_only_begun_is_taken_at_what_it_usually_takes(line: Line) -> None:
    track = make_track(line, "a", rids="q")
    layer = Layer(track, "f", 2, lambda _layer: None, line.engine.fan)
    layer.height_px, layer.received_at = 720, NOW
    layer.measure_rate(NOW)
    track.layers["f"] = layer
    assert list_choices(track, NOW)[-1].option.bitrate_bps == 1_500_000


def test_what_is_wanted_counts_layers_that_have_yet_to_come(line: Line) -> None:
    track = make_track(line, "a", rids="qhf")
    del track.layers["h"], track.layers["f"]
    choices = list_choices(track, NOW)
    assert find_wanted_bps(track, choices, 720) == 1_500_000
    assert find_wanted_bps(track, choices, 180) == pytest.approx(150_000, rel=0.1)
    assert find_wanted_bps(None, [], 720) == 0.0
    assert find_wanted_bps(track, [], 720) == 0.0


def test_a_paused_layer_is_still_a_choice_at_its_former_rate(line: Line) -> None:
    track = make_track(line, "a")
    layer = track.layers["f"]
    layer.watch.judge(False, True, 0.0)
    layer.watch.judge(False, True, NOW)
    layer.measure_rate(NOW + 60)
    choice = list_choices(track, NOW + 60)[-1]
    assert choice.layer is layer
    assert choice.option.bitrate_bps == pytest.approx(1_500_000, rel=0.1)


def test_a_screen_is_served_before_tiles_and_the_first_picture_before_it(line: Line) -> None:
    tracks = [make_track(line, "a"), make_track(line, "b"), make_track(line, "c", "screen")]
    slots = [make_slot(line, track) for track in tracks]
    allocation = PictureAllocation({track.key: track for track in tracks}.get)
    tiles = [Tile("a", "camera", 720), Tile("b", "camera", 180), Tile("c", "screen", 1080)]
    allocation.share_out(tiles, slots, 1_500_000, NOW)
    assert slots[0].target is tracks[0].layers["h"]
    assert (slots[1].target, slots[1].temporal) == (tracks[1].layers["q"], 1)  # half its frames
    assert slots[2].target is tracks[2].layers[""]
    assert allocation.wanted_bps == pytest.approx(UP_HEADROOM * 2_450_000, rel=0.1)


@pytest.mark.parametrize(
    ("budget_bps", "takers", "rid"),
    [(1_000_000, 1, "h"), (600_000, 0, "h"), (120_000, 0, "q")],
)
def test_a_layer_that_is_far_too_much_ends_before_the_next_begins(
    line: Line, budget_bps: float, takers: int, rid: str
) -> None:
    """Up to twice what there is goes on with its fewest frames instead."""
    track = make_track(line, "a")
    slot = make_slot(line, track)
    allocation = PictureAllocation({track.key: track}.get)
    tiles = [Tile("a", "camera", 720)]
    top = track.layers["f"]
    slot.target = slot.current = top
    top.fans[0].add(slot.stream)
    allocation.share_out(tiles, [slot], budget_bps, NOW)
    assert slot.target is track.layers[rid]
    assert len(top.fans[0]) == takers


def test_a_muted_or_unknown_source_has_no_picture(line: Line) -> None:
    track = make_track(line, "a")
    slot = make_slot(line, track)
    allocation = PictureAllocation({track.key: track}.get)
    allocation.share_out([Tile("a", "camera", 720)], [slot], 1e7, NOW)
    assert slot.target is not None
    track.muted = True
    allocation.share_out([Tile("a", "camera", 720)], [slot], 1e7, NOW)
    assert slot.target is None
    allocation.share_out([Tile("z", "camera", 720)], [slot], 1e7, NOW)
    assert allocation.wanted_bps == 0.0
