"""Which SSRC of a member's send connection belongs to which track and layer.

RFC 8843 section 9.2: an unknown SSRC is placed by its mid (and rid, RFC 8852) extension, later
by the SSRC alone, because senders stop writing the extensions once they are acknowledged. One that
the description names (RFC 5576) needs no extensions at all.

A layer is one stream. Where a second one claims the same place, such as that of a second encoder,
the first goes on for as long as it is alive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from confhub.bucket import TokenBucket, each_second
from rooms.media.engine.interface import Fan
from rooms.media.receiving.track import Layer, Track
from rooms.media.rtp.packet import RtpHeader
from rooms.media.sdp.answer import AgreedTrack
from rooms.media.sdp.capabilities import MID, REPAIRED_RID, RID
from rooms.media.source import Source, SourceKey

# Four tracks of four layers, each with its RTX stream.
MAX_STREAMS = 32
# Packets of unknown streams that are looked at: a join brings MAX_STREAMS at once, and a few of
# each before the one that can be placed, such as retransmissions of what has not begun.
MAX_DISCOVERIES_PER_S = 8 * MAX_STREAMS


class IncomingStreams:
    """The tracks a member has agreed to send and their streams. Bounded."""

    def __init__(
        self,
        member_id: str,
        is_muted: Callable[[SourceKey], bool],
        on_layer: Callable[[], None],
        on_wanted: Callable[[Layer], None],
        make_fan: Callable[[], Fan],
    ) -> None:
        """`on_layer` is called when a layer begins, `on_wanted` when one needs a key frame."""
        self.tracks: dict[Source, Track] = {}
        self._member_id = member_id
        self._is_muted = is_muted
        self._on_layer = on_layer
        self._on_wanted = on_wanted
        self._make_fan = make_fan
        self._by_ssrc: dict[int, tuple[Layer, bool]] = {}
        self._discovery = TokenBucket(each_second(MAX_DISCOVERIES_PER_S))

    def __len__(self) -> int:
        return len(self._by_ssrc)

    def layers(self) -> list[Layer]:
        return [layer for track in self.tracks.values() for layer in track.layers.values()]

    def find(self, header: RtpHeader, now: float) -> tuple[Layer, bool] | None:
        """The layer of a packet, and whether it is a retransmission for it."""
        known = self._by_ssrc.get(header.ssrc)
        if known is not None:
            return known
        return self._discover(header, now) if self._discovery.take(now) else None

    def layer_of(self, ssrc: int) -> Layer | None:
        """The layer whose media (not RTX) has this SSRC."""
        layer, is_repair = self._by_ssrc.get(ssrc, (None, True))
        return None if is_repair else layer

    def adopt(self, agreed: Sequence[AgreedTrack]) -> None:
        """Keep the tracks that stay the same, drop others, add new ones."""
        wanted = {track.source: track for track in agreed}
        self.drop(
            [
                track
                for source, track in self.tracks.items()
                if source not in wanted or not _is_same(track.agreed, wanted[source])
            ]
        )
        for source, item in wanted.items():
            if source in self.tracks:
                self.tracks[source].agreed = item
                continue
            key = SourceKey(self._member_id, source)
            self.tracks[source] = Track(key, item, self._is_muted(key))
        for track in self.tracks.values():
            self._open_described(track)

    def drop(self, tracks: Sequence[Track]) -> None:
        for track in tracks:
            for layer in track.layers.values():
                self._close(layer)
            del self.tracks[track.key.source]

    def _open_described(self, track: Track) -> None:
        """The one stream of a track is known before it comes."""
        agreed = track.agreed
        if not agreed.rids and agreed.ssrcs and not track.layers:
            self._open(track, "", agreed.ssrcs[0])

    def _discover(self, header: RtpHeader, now: float) -> tuple[Layer, bool] | None:
        track = self._find_track(header)
        if track is None:
            return None
        agreed = track.agreed
        rid = _rid_of(agreed, header)
        if rid is None:
            return None
        layer = track.layers.get(rid)
        is_repair = header.extension(agreed.extensions.get(REPAIRED_RID, 0)) is not None
        if is_repair or header.payload_type == agreed.rtx_payload_type:
            if layer is not None and agreed.fid.get(layer.ssrc, header.ssrc) == header.ssrc:
                self._open_repair(layer, header.ssrc)
        elif header.payload_type in (agreed.payload_type, agreed.red_payload_type) and (
            layer is None or not layer.is_active(now)
        ):
            self._open(track, rid, header.ssrc)
        return self._by_ssrc.get(header.ssrc)

    def _find_track(self, header: RtpHeader) -> Track | None:
        candidates: list[Track] = []
        for track in self.tracks.values():
            agreed = track.agreed
            if header.ssrc in agreed.ssrcs or header.ssrc in agreed.fid.values():
                return track
            mid = header.extension(agreed.extensions.get(MID, 0))
            if mid is not None:
                if mid.decode("ascii", "replace") == agreed.mid:
                    return track
            elif header.payload_type in (
                agreed.payload_type,
                agreed.rtx_payload_type,
                agreed.red_payload_type,
            ):
                candidates.append(track)
        # Without a mid the payload type decides, if it can only mean one m-line.
        return candidates[0] if len(candidates) == 1 else None

    def _open(self, track: Track, rid: str, ssrc: int) -> None:
        if ssrc in self._by_ssrc:
            return
        old = track.layers.pop(rid, None)
        if old is not None:
            self._close(old)
        if len(self._by_ssrc) >= MAX_STREAMS:
            return
        layer = track.layers[rid] = Layer(track, rid, ssrc, self._on_wanted, self._make_fan)
        self._by_ssrc[ssrc] = (layer, False)
        repair = track.agreed.fid.get(ssrc)
        if repair is not None:
            self._open_repair(layer, repair)
        self._on_layer()

    def _open_repair(self, layer: Layer, ssrc: int) -> None:
        if ssrc in self._by_ssrc:
            return
        if layer.rtx_ssrc is not None:
            self._by_ssrc.pop(layer.rtx_ssrc, None)
        if len(self._by_ssrc) < MAX_STREAMS:
            layer.rtx_ssrc = ssrc
            self._by_ssrc[ssrc] = (layer, True)

    def _close(self, layer: Layer) -> None:
        layer.is_live = False
        self._by_ssrc.pop(layer.ssrc, None)
        if layer.rtx_ssrc is not None:
            self._by_ssrc.pop(layer.rtx_ssrc, None)


def _rid_of(agreed: AgreedTrack, header: RtpHeader) -> str | None:
    """The layer's name, "" without simulcast; None for what belongs to no layer."""
    if not agreed.rids:
        return ""
    if agreed.is_grouped:
        named = dict(zip(agreed.ssrcs, agreed.rids, strict=True))
        repaired = (media for media, repair in agreed.fid.items() if repair == header.ssrc)
        return named.get(header.ssrc) or named.get(next(repaired, -1))
    extensions = agreed.extensions
    value = header.extension(extensions.get(RID, 0))
    value = value or header.extension(extensions.get(REPAIRED_RID, 0))
    rid = (value or b"").decode("ascii", "replace")
    return rid if rid in agreed.rids else None


def _is_same(old: AgreedTrack, new: AgreedTrack) -> bool:
    return (old.mid, old.rids, old.payload_type, old.red_payload_type, old.ssrcs) == (
        new.mid,
        new.rids,
        new.payload_type,
        new.red_payload_type,
        new.ssrcs,
    )
