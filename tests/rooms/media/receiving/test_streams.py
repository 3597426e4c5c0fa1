from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rooms.media.engine.choice import make_engine
from rooms.media.engine.srtp import PacketBuffer
from rooms.media.receiving.streams import MAX_DISCOVERIES_PER_S, MAX_STREAMS, IncomingStreams
from rooms.media.receiving.track import ACTIVE_S, Layer
from rooms.media.rtp.packet import RtpHeader
from rooms.media.sdp.answer import AgreedTrack
from rooms.media.sdp.capabilities import MID, REPAIRED_RID, RID, send_codec
from rooms.media.source import Source, SourceKey
from tests.rooms.media.packets import rtp

NOW = 100.0

MICROPHONE = AgreedTrack(
    "0", "microphone", send_codec("audio"), 111, None, {MID: 1}, (), (1000,), {}
)
CAMERA = AgreedTrack(
    "1",
    "camera",
    send_codec("video"),
    96,
    97,
    {MID: 1, RID: 2, REPAIRED_RID: 3},
    ("l", "h"),
    (),
    {},
)
PLAIN_CAMERA = replace(CAMERA, rids=(), ssrcs=(2000,), fid={2000: 2001})


class Table(IncomingStreams):
    def __init__(self, *agreed: AgreedTrack, muted: frozenset[SourceKey] = frozenset()) -> None:
        self.began = 0
        make_fan = make_engine(PacketBuffer(), "python").fan
        super().__init__("a", muted.__contains__, self._note, lambda _layer: None, make_fan)
        self.adopt(agreed)

    def _note(self) -> None:
        self.began += 1


def header(ssrc: int, payload_type: int = 96, **extensions: bytes) -> RtpHeader:
    numbers = {"mid": 1, "rid": 2, "repaired": 3}
    return RtpHeader(
        rtp(
            ssrc=ssrc,
            sequence=1,
            timestamp=1,
            payload_type=payload_type,
            payload=b"x",
            extensions={numbers[name]: value for name, value in extensions.items()},
        )
    )


def look(table: IncomingStreams, item: RtpHeader, now: float = NOW) -> tuple[Layer, bool] | None:
    return table.find(item, now)


def found(table: IncomingStreams, item: RtpHeader) -> tuple[str, str, bool] | None:
    """(source, rid, is a retransmission)"""
    stream = look(table, item)
    return None if stream is None else (stream[0].track.key.source, stream[0].rid, stream[1])


def test_streams_are_placed_by_mid_and_rid_and_then_by_ssrc() -> None:
    table = Table(MICROPHONE, CAMERA)
    assert found(table, header(5, mid=b"1", rid=b"l")) == ("camera", "l", False)
    assert found(table, header(6, mid=b"1", rid=b"h")) == ("camera", "h", False)
    assert found(table, header(7, 97, mid=b"1", repaired=b"h")) == ("camera", "h", True)
    assert found(table, header(5)) == ("camera", "l", False)
    assert found(table, header(7, 97)) == ("camera", "h", True)
    assert len(table.layers()) == 3  # with the described voice


def test_streams_of_the_description_need_no_extensions() -> None:
    table = Table(MICROPHONE, PLAIN_CAMERA)
    assert found(table, header(1000, 111)) == ("microphone", "", False)
    assert found(table, header(2000)) == ("camera", "", False)
    assert found(table, header(2001, 97)) == ("camera", "", True)
    assert table.layer_of(2000) is table.tracks["camera"].layers[""]
    assert table.layer_of(2001) is None
    assert table.layer_of(9) is None


@pytest.mark.parametrize(
    "item",
    [
        header(5, mid=b"7", rid=b"l"),  # no such m-line
        header(5, mid=b"1", rid=b"x"),  # no such layer
        header(5, mid=b"1"),  # which layer?
        header(5, 100, mid=b"1", rid=b"l"),  # another payload type
        header(5, 97, mid=b"1", repaired=b"l"),  # a retransmission of nothing yet
        header(5, 97, mid=b"1", rid=b"l"),
        header(5, mid=b"1", rid=b"\xff\xfe"),
        header(5, 0),
    ],
)
def test_what_has_no_place_is_not_found_and_leaves_nothing(item: RtpHeader) -> None:
    table = Table(CAMERA)
    assert found(table, item) is None
    assert len(table) == 0


def test_without_a_mid_the_payload_type_decides_if_it_can_only_mean_one() -> None:
    voices = replace(MICROPHONE, ssrcs=())
    assert found(Table(voices, CAMERA), header(5, 111)) == ("microphone", "", False)
    both = Table(voices, replace(voices, mid="2", source="screen_audio"))
    assert found(both, header(5, 111)) is None
    assert found(both, header(5, 111, mid=b"2")) == ("screen_audio", "", False)


def test_a_layer_that_begins_anew_takes_the_place_of_the_old_one() -> None:
    table = Table(CAMERA)
    first = look(table, header(5, mid=b"1", rid=b"l"))
    look(table, header(50, 97, mid=b"1", repaired=b"l"))
    assert first is not None
    assert found(table, header(6, mid=b"1", rid=b"l")) == ("camera", "l", False)
    assert not first[0].is_live
    assert found(table, header(5)) is None
    assert found(table, header(50, 97)) is None
    assert len(table) == 1
    assert table.began == 2


@pytest.mark.parametrize(
    ("agreed", "own", "other"),
    [
        (CAMERA, header(5, mid=b"1", rid=b"l"), header(6, mid=b"1", rid=b"l")),
        (replace(CAMERA, rids=()), header(5, mid=b"1"), header(6, mid=b"1")),
        (PLAIN_CAMERA, header(2000), header(6, mid=b"1")),
        (replace(MICROPHONE, ssrcs=()), header(5, 111), header(6, 111)),
    ],
)
def test_the_first_of_two_streams_goes_on_for_as_long_as_it_is_alive(
    agreed: AgreedTrack, own: RtpHeader, other: RtpHeader
) -> None:
    table = Table(agreed)
    first = look(table, own)
    assert first is not None
    first[0].received_at = NOW
    assert look(table, other) is None
    assert look(table, other, NOW + ACTIVE_S - 0.1) is None
    assert look(table, own) == first
    assert len(table.layers()) == 1
    second = look(table, other, NOW + ACTIVE_S)
    assert second is not None
    assert not first[0].is_live
    second[0].received_at = NOW + ACTIVE_S
    assert look(table, own, NOW + ACTIVE_S) is None


def test_a_described_stream_that_never_comes_leaves_its_place() -> None:
    table = Table(replace(PLAIN_CAMERA, ssrcs=(2000, 3000), fid={2000: 2001, 3000: 3001}))
    assert found(table, header(3001, 97)) is None  # that of the other stream
    assert found(table, header(3000)) == ("camera", "", False)
    assert found(table, header(3001, 97)) == ("camera", "", True)
    assert found(table, header(2001, 97)) is None
    assert len(table.layers()) == 1


def test_grouped_streams_are_layers() -> None:
    grouped = replace(
        CAMERA, rids=("0", "1", "2"), ssrcs=(10, 20, 30), fid={20: 21}, is_grouped=True
    )
    other = replace(PLAIN_CAMERA, mid="2", source="screen")
    table = Table(grouped, other)
    assert found(table, header(30)) == ("camera", "2", False)
    assert found(table, header(10)) == ("camera", "0", False)
    assert found(table, header(21, 97)) is None  # of a layer that has not come
    assert found(table, header(20)) == ("camera", "1", False)
    assert found(table, header(21, 97)) == ("camera", "1", True)
    assert found(table, header(40, mid=b"1")) is None  # a fourth
    assert found(table, header(2000)) == ("screen", "", False)
    assert list(table.tracks["camera"].layers) == ["2", "0", "1"]


@pytest.mark.parametrize(
    "make",
    [
        lambda ssrc: header(ssrc, mid=b"1", rid=b"l"),
        lambda ssrc: header(ssrc, 97, mid=b"1", repaired=b"l"),
        lambda ssrc: header(ssrc, mid=b"1", rid=str(ssrc).encode()),
        lambda ssrc: header(ssrc),
    ],
)
def test_ever_new_ssrcs_are_bounded(make: Callable[[int], RtpHeader]) -> None:
    table = Table(MICROPHONE, CAMERA)
    look(table, header(9, mid=b"1", rid=b"l"))
    for ssrc in range(10_000, 10_500):
        look(table, make(ssrc))
        assert len(table) <= 4
    assert len(table.layers()) <= 3


def test_four_full_tracks_fit() -> None:
    rids = ("a", "b", "c", "d")
    sources: list[Source] = ["camera", "screen", "microphone", "screen_audio"]
    tracks = [
        replace(CAMERA, mid=str(index), source=source, rids=rids)
        for index, source in enumerate(sources)
    ]
    table = Table(*tracks)
    ssrc = 0
    for track in tracks:
        for rid in rids:
            ssrc += 2
            look(table, header(ssrc, mid=track.mid.encode(), rid=rid.encode()))
            look(table, header(ssrc + 1, 97, mid=track.mid.encode(), repaired=rid.encode()))
    assert len(table) == MAX_STREAMS


def test_streams_begin_among_packets_of_unknown_ones_but_not_in_a_flood_of_them() -> None:
    table = Table(CAMERA)
    for ssrc in range(MAX_DISCOVERIES_PER_S - 1):
        look(table, header(100 + ssrc, mid=b"7"))
    assert found(table, header(5, mid=b"1", rid=b"l")) == ("camera", "l", False)
    for ssrc in range(MAX_DISCOVERIES_PER_S):
        assert look(table, header(5)) is not None  # what is known costs none
        look(table, header(100 + ssrc, mid=b"7"))
    other = header(6, mid=b"1", rid=b"h")
    assert found(table, other) is None
    assert look(table, other, NOW + 1) is not None


def test_an_ssrc_of_zero_is_a_stream_like_others() -> None:
    table = Table(CAMERA)
    look(table, header(0, mid=b"1", rid=b"l"))
    look(table, header(8, mid=b"1", rid=b"h"))
    look(table, header(9, mid=b"1", rid=b"h"))  # closes 8, which has no retransmissions
    assert found(table, header(0)) == ("camera", "l", False)


def test_tracks_that_stay_the_same_keep_their_layers() -> None:
    table = Table(MICROPHONE, CAMERA)
    layer = look(table, header(5, mid=b"1", rid=b"l"))
    table.adopt([CAMERA])
    assert list(table.tracks) == ["camera"]
    assert look(table, header(5)) == layer
    assert found(table, header(1000, 111)) is None
    table.adopt([replace(CAMERA, rids=("l",))])
    assert found(table, header(5)) is None
    assert len(table) == 0


def test_a_track_of_a_muted_source_begins_muted() -> None:
    table = Table(MICROPHONE, CAMERA, muted=frozenset({SourceKey("a", "camera")}))
    assert {source: track.muted for source, track in table.tracks.items()} == {
        "microphone": False,
        "camera": True,
    }


def test_layers_are_dropped_with_their_track() -> None:
    table = Table(MICROPHONE, PLAIN_CAMERA)
    layers: list[Layer] = table.layers()
    table.drop(list(table.tracks.values()))
    assert (len(table), table.tracks) == (0, {})
    assert not any(layer.is_live for layer in layers)
