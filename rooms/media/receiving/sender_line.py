"""What a sender is told of its line: when its packets came, and how much it may send."""

from __future__ import annotations

from collections.abc import Iterable

from rooms.media.receiving.feedback import ArrivalRecorder
from rooms.media.receiving.track import Layer
from rooms.media.receiving.uplink import Uplink
from rooms.media.rtp import rtcp
from rooms.media.rtp.packet import RtpHeader

# A limit that was lost on its way is told again.
LIMIT_INTERVAL_S = 0.5


class SenderLine:
    """Of one send connection. `ssrc` is the hub's own in what it tells."""

    def __init__(self, ssrc: int) -> None:
        self.wide_id = 0  # of the transport-wide number; 0 without transport-cc
        self.media_ssrc = 0  # of a stream that feedback is said to be about
        self._ssrc = ssrc
        self._arrivals = ArrivalRecorder()
        self._uplink = Uplink()
        self._told_bps: float | None = None
        self._told_at = 0.0

    def restart(self) -> None:
        """Another peer begins with numbers of its own."""
        self._arrivals = ArrivalRecorder()
        self._uplink = Uplink()

    def receive(self, header: RtpHeader, came_at: float) -> None:
        """Any packet of the connection's."""
        self._uplink.count(len(header.data))
        if self.wide_id:
            value = header.extension(self.wide_id)
            if value is not None and len(value) == 2:
                self._arrivals.record(value[0] << 8 | value[1], int(came_at * 1_000_000))

    def receive_media(self, layer: Layer, timestamp: int, came_at: float) -> None:
        """One of media that was not sent again."""
        self._uplink.receive(layer.ssrc, timestamp, layer.reception.clock_rate, came_at)

    def timing(self, layer: Layer) -> tuple[int | None, float]:
        """Of a stream's packets so far: see Uplink.timing."""
        return self._uplink.timing(layer.ssrc)

    def go_on(self, layer: Layer, size: int, made: int, least_s: float) -> None:
        """Packets of media have come, of so many bytes."""
        self.media_ssrc = layer.ssrc
        self._uplink.count(size)
        self._uplink.go_on(layer.ssrc, made, least_s)

    def record(self, arrivals: Iterable[tuple[int, int]]) -> None:
        """Transport-wide numbers, and when each came."""
        for sequence, came_us in arrivals:
            self._arrivals.record(sequence, came_us)

    def tell(self, layers: Iterable[Layer], now: float) -> list[bytes]:
        """What is due; several times a second."""
        packets = self._arrivals.flush(self._ssrc, self.media_ssrc)
        receptions = [layer.reception for layer in layers]
        expected = sum(one.expected for one in receptions)
        self._uplink.look(expected, sum(one.packets for one in receptions), now)
        limit_bps = self._uplink.limit_bps
        # Once told, a limit holds until it is taken back; so "none" is told again too.
        is_known = limit_bps is None and self._told_bps is None
        is_due = limit_bps != self._told_bps or now - self._told_at >= LIMIT_INTERVAL_S
        if not is_known and is_due:
            self._told_bps, self._told_at = limit_bps or rtcp.NO_LIMIT_BPS, now
            ssrcs = [one.ssrc for one in receptions]
            packets.append(rtcp.build_remb(self._ssrc, self._told_bps, ssrcs))
        return packets
