"""A run of a picture's packets (see engine/batch.py): what it needs to be told, what it leaves.

`Publisher.receive_rtp` does the same for one packet, and is what decides of those that a run
leaves to it.
"""

from __future__ import annotations

from rooms.media.engine.batch import Batch, Given, Run
from rooms.media.engine.srtp import SrtpSession
from rooms.media.receiving.sender_line import SenderLine
from rooms.media.receiving.track import Layer
from rooms.media.rtp.bucket import Bucket


def take_run(
    batch: Batch,
    at: int,
    layer: Layer,
    line: SenderLine,
    srtp: SrtpSession,
    media: Bucket,
    pictures: Bucket,
    now: float,
) -> Run | None:
    """Let datagram `at` and what follows it go through the core, and note what came of it; None
    where something has to be decided first. `media`, `pictures`: what may still pass."""
    reception, missing = layer.reception, layer.missing
    if missing is None or layer.track.muted or layer.is_cut or layer.waiting:
        return None
    highest = reception.highest
    if highest is None or missing.highest != highest or now >= missing.next_at:
        return None
    transit = reception.transit
    made, least_s = line.timing(layer)
    given = Given(
        layer.ssrc,
        reception.clock_rate,
        line.wide_id,
        highest + 1 & 0xFFFF,
        transit is not None,
        transit or 0,
        made is not None,
        made or 0,
        reception.jitter,
        least_s,
        *media.left(now),
        *pictures.left(now),
        *layer.shares.counted,
    )
    run = batch.run(at, srtp, layer.fans[0], now, given)
    if run.taken:
        layer.received_at = now
        layer.rate.count(run.bytes, run.frames)
        layer.shares.counted = run[-13:-8]
        reception.go_on(run.taken, run.payload_bytes, run.transit, run.jitter)
        missing.go_on(run.taken)
        media.leave(run.media_packets, run.media_bits)
        pictures.leave(run.picture_packets, run.picture_bits)
        line.go_on(layer, run.bytes, run.made, run.least_s)
        line.record(batch.numbers(run))
    return run
