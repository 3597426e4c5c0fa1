"""What a run of synthetic sites comes to. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rooms.load.plan import Report
from rooms.load.verdict import Spread, Summary


def spread(values: Sequence[float]) -> Spread:
    """Percentiles by the nearest rank."""
    if not values:
        return Spread()
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)

    return Spread(len(ordered), at(0.5), at(0.95), at(0.99), round(ordered[-1], 3))


def summarize(report: Report, window_s: float, hub_cpu_s: float | None) -> Summary:
    """`hub_cpu_s`: what the hub's process used within the window, None if it was not seen."""
    inside = [site for site in report.sites if not site.failed]
    packets_out = sum(site.packets for site in inside)
    expected = sum(site.expected for site in inside)
    missing = expected - sum(site.received for site in inside)
    own = min(max(0, missing), sum(site.own_drops for site in inside))
    first = [site.first_media_s * 1000 for site in inside if site.first_media_s is not None]
    per_packet = None
    if hub_cpu_s is not None and packets_out:
        per_packet = hub_cpu_s * 1e6 / packets_out
    return Summary(
        sites=len(inside),
        failed=tuple(sorted({site.failed for site in report.sites if site.failed})),
        window_s=round(window_s, 2),
        join_ms=spread([site.joined_s * 1000 for site in inside]),
        first_media_ms=spread(first),
        packets_in=sum(site.sent_packets for site in inside),
        packets_out=packets_out,
        mbit_out=sum(site.bytes for site in inside) * 8e-6 / window_s,
        loss=max(0, missing - own) / expected if expected else 0.0,
        own_loss=own / expected if expected else 0.0,
        key_frame_requests=sum(site.key_frame_requests for site in inside),
        nacks=sum(site.nacks for site in inside),
        jitter_ms=spread([site.jitter_ms for site in inside if site.packets]),
        delay_ms=spread([delay / 1000 for delay in report.delays_us]),
        sound_gap_ms=max((site.sound_gap_ms for site in inside), default=0.0),
        late_ms=spread(report.late_ms),
        load_cores=report.cpu_s / window_s,
        hub_cores=None if hub_cpu_s is None else hub_cpu_s / window_s,
        hub_us_per_packet=per_packet,
        cipher=report.cipher,
    )
