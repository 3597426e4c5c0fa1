"""What synthetic sites saw of a hub: the numbers, and the words of `confhub load`. Pure."""

from __future__ import annotations

import msgspec


class Spread(msgspec.Struct, frozen=True):
    """Of many values: how many, the middle, the ends; zeros for none."""

    count: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    most: float = 0.0


class Summary(msgspec.Struct, frozen=True):
    """Losses are fractions of the packets that were due to all sites; times in milliseconds.

    `hub_*` are None when the hub's process was not seen. A packet counts as forwarded when a
    site got it. `delay_ms` is from a sender's socket to a receiver's, so the hub's own share is
    smaller; `sound_gap_ms` is the longest time between two packets of a voice, 20 at best.
    `own_loss` found the load's sockets full and is not part of `loss`.
    """

    sites: int
    failed: tuple[str, ...]
    window_s: float
    join_ms: Spread
    first_media_ms: Spread
    packets_in: int
    packets_out: int
    mbit_out: float
    loss: float
    own_loss: float
    key_frame_requests: int
    nacks: int
    jitter_ms: Spread
    delay_ms: Spread
    sound_gap_ms: float
    late_ms: Spread
    load_cores: float
    hub_cores: float | None
    hub_us_per_packet: float | None
    cipher: str


def describe(summary: Summary) -> str:
    """For a terminal, one fact a line."""
    delay, jitter, late = summary.delay_ms, summary.jitter_ms, summary.late_ms
    rows = [
        ("Điểm cầu", f"{summary.sites} đã vào, {summary.cipher or 'không có hình, tiếng'}"),
        ("Vào họp", _ends(summary.join_ms)),
        ("Hình, tiếng đầu", f"{_ends(summary.first_media_ms)}, {summary.first_media_ms.count} nơi"),
        ("Gửi lên", f"{summary.packets_in / summary.window_s:.0f} gói/s"),
        (
            "Nhận về",
            f"{summary.packets_out / summary.window_s:.0f} gói/s, {summary.mbit_out:.1f} Mbit/s",
        ),
        (
            "Mất gói",
            f"{summary.loss:.4%}; thêm {summary.own_loss:.4%} do chính máy phát tải không kịp đọc",
        ),
        ("Xin lại", f"{summary.key_frame_requests} khung chính, {summary.nacks} gói"),
        ("Biến động trễ", f"p50 {jitter.p50:.2f} ms, nơi kém nhất {jitter.most:.2f} ms"),
        ("Trễ qua máy chủ", f"p50 {delay.p50:.2f} ms, p99 {delay.p99:.2f} ms, {delay.count} gói"),
        (
            "Tiếng ngắt quãng",
            f"lâu nhất {summary.sound_gap_ms:.0f} ms giữa hai gói của một người nói",
        ),
        ("Máy phát tải", f"{summary.load_cores:.2f} nhân, chậm p99 {late.p99:.1f} ms"),
        ("Máy chủ họp", _hub(summary)),
        *(("Không vào được", reason) for reason in summary.failed),
    ]
    return "\n".join(f"{name:<18}{value}" for name, value in rows)


def _hub(summary: Summary) -> str:
    if summary.hub_cores is None:
        return "không thấy tiến trình của nó trên máy này"
    cost = summary.hub_us_per_packet
    each = "" if cost is None else f", {cost:.2f} us CPU cho mỗi gói chuyển đi"
    return f"{summary.hub_cores:.2f} nhân{each}"


def _ends(times: Spread) -> str:
    return f"p50 {times.p50:.0f} ms, p95 {times.p95:.0f} ms"
