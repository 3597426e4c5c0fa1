"""What is asked of synthetic sites and what they tell: messages between processes. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from rooms.load.synthetic.clip import USUAL, ClipPlan


class Seat(msgspec.Struct, frozen=True):
    """One site: the address of its seat's socket, what it sends and what its screen asks for.

    `rids` are layers of the clip, lowest first; without any the site only receives. `sampled`
    sites decrypt what they get and time it. Those that `comes_back` make a lost socket anew.
    """

    address: str
    rids: tuple[str, ...] = ()
    speaks: bool = False
    first_px: int = 720
    other_px: int = 180
    pictures: int = 5
    sampled: bool = False
    comes_back: bool = False


class Job(msgspec.Struct, frozen=True):
    """A worker's whole task. `together`: how many join at once."""

    seats: tuple[Seat, ...]
    together: int
    clip: ClipPlan = USUAL
    cores: tuple[int, ...] = ()


class Order(msgspec.Struct, frozen=True):
    """The next step. `upto`: how many of the job's seats shall be taken when `join` is done."""

    do: Literal["join", "reset", "collect", "leave"]
    upto: int = 0


class SiteReport(msgspec.Struct, frozen=True):
    """One site since `reset`. `own_drops` found our own socket full: no loss of the hub's.

    `first_media_s`: from the start of its join to the first picture it asked for, or the first
    sound; None when nothing came. `failed` says why it is not, or no longer, in.
    """

    joined_s: float
    first_media_s: float | None
    failed: str = ""
    packets: int = 0
    bytes: int = 0
    expected: int = 0
    received: int = 0
    own_drops: int = 0
    key_frame_requests: int = 0
    jitter_ms: float = 0.0
    sent_packets: int = 0
    nacks: int = 0
    sound_gap_ms: float = 0.0  # of `sampled` sites
    backs_s: tuple[float, ...] = ()  # from a lost socket to the next welcome


class Report(msgspec.Struct, frozen=True):
    """A worker's answer to any order. `delays_us` are of sampled packets, `late_ms` of its own
    timers: how late the process was, which is what it cannot have measured better."""

    sites: tuple[SiteReport, ...] = ()
    delays_us: tuple[int, ...] = ()
    late_ms: tuple[float, ...] = ()
    cpu_s: float = 0.0
    cipher: str = ""
