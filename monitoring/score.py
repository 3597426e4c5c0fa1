"""Judging one site's link: from what is known of it to a state with its reasons. Pure.

Sources of the limits
- Delay, mouth to ear: ITU-T G.114 (at most 400 ms; transparent up to 150 ms).
- Voice: ITU-T G.107 and G.109: below R 70 (MOS 3.6) "many users dissatisfied", below R 60
  (MOS 3.1) "nearly all". Delay 320 ms, concealment 3 % and 5 %, loss 10 % alone lead there.
- Loss: ITU-T G.1010 table I.1 asks under 3 % of conversational voice; over 10 % GCC
  (draft-ietf-rmcat-gcc, section 6) cuts its rate and Teams' call dashboard calls a stream poor.
- Jitter: 30 ms, the same dashboard. The jitter buffer takes it up and its delay is judged
  already, so jitter alone is never worse than fair.
Sound counts before picture: what spoils only the picture makes a link fair at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from confhub.quality import Devices, Digest, HubSide, LinkState, SitePresence
from monitoring.reading import Reading, read
from monitoring.reasons import RANK, Reason, ReasonCode, worst

# Three digests of 5 s: one may be late, two may be lost with a short break, three are a fault.
SILENT_S = 15.0
# Twice that: ICE consent would have expired too (30 s, RFC 7675 section 5.1).
LOST_S = 30.0
# ICE and DTLS take a fraction of a second; 10 s spans their retransmissions on a lossy line.
CONNECT_GRACE_S = 10.0

DELAY_MS = (320.0, 400.0)
LOSS_FRACTION = (0.03, 0.10)
CONCEALED_FRACTION = (0.03, 0.05)
MOS = (3.6, 3.1)
JITTER_MS = 30.0
# Opus at 32 kbit/s with RTP, SRTP, UDP and IP headers at 50 packets/s is 56 kbit/s; beside it
# the lowest layer of the picture takes about 150 kbit/s.
NARROW_BPS = (200_000.0, 64_000.0)
# One freeze in a 5 s digest. A single one also happens when a layer is switched: two digests in
# a row are not asked for, as hysteresis keeps a single one no longer than it is worth seeing.
FREEZES_PER_MIN = 12.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one site. Times are unix seconds."""

    presence: SitePresence | None = None
    digest: Digest | None = None
    digest_at: float = 0.0
    hub_side: HubSide | None = None
    hub_side_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    state: LinkState
    reasons: tuple[Reason, ...] = ()  # worst first
    reading: Reading = field(default_factory=Reading)


def judge(evidence: Evidence, now: float) -> Verdict:
    """The state at `now` (unix seconds), without memory; see steadiness.py for calm over time."""
    presence = evidence.presence
    if presence is None or presence.left:
        return Verdict("absent")
    if not presence.connected:
        ago = max(now - presence.since, 0.0)
        return Verdict("lost", (Reason("socket_lost", "lost", {"seconds": int(ago)}),))
    digest = evidence.digest if now - evidence.digest_at < SILENT_S else None
    hub_side = evidence.hub_side if now - evidence.hub_side_at < SILENT_S else None
    reading = read(digest, hub_side)
    found = [*_silence(evidence, now), *_transports(hub_side, presence, now)]
    for rule in RULES:
        found.extend(rule(reading))
    if digest is not None:
        found.extend(_sender(digest))
    reasons = tuple(sorted(found, key=lambda reason: -RANK[reason.state]))
    return Verdict(worst(reasons), reasons, reading)


def _silence(evidence: Evidence, now: float) -> Iterator[Reason]:
    presence = evidence.presence
    joined_at = presence.since if presence else 0.0
    # A device without a page never sends digests; its hub side stands for it.
    told_at = evidence.digest_at if evidence.digest else evidence.hub_side_at
    quiet_s = now - max(told_at, joined_at)
    if quiet_s < SILENT_S:
        return
    hub_quiet_s = now - max(evidence.hub_side_at, joined_at)
    lost = quiet_s >= LOST_S and hub_quiet_s >= LOST_S
    yield Reason("silent", "lost" if lost else "poor", {"seconds": int(quiet_s)})


def _transports(hub_side: HubSide | None, presence: SitePresence, now: float) -> Iterator[Reason]:
    if hub_side is None:
        return
    states = {hub_side.send_state}
    if not hub_side.device:
        states.add(hub_side.receive_state)
    joined_s = now - presence.since
    if states & {"failed", "closed"}:
        yield Reason("media_failed", "lost")
    elif "disconnected" in states:
        yield Reason("media_interrupted", "poor")
    elif states & {"new", "connecting"}:
        if joined_s >= CONNECT_GRACE_S:
            yield Reason("media_blocked", "poor", {"seconds": int(joined_s)})
        else:
            yield Reason("connecting", "good")


def _grade(value: float, limits: tuple[float, float]) -> LinkState:
    """Fair from the first limit on, poor from the second; falling limits are lower bounds."""
    fair, poor = limits
    if fair < poor:
        return "poor" if value >= poor else "fair" if value >= fair else "good"
    return "poor" if value < poor else "fair" if value < fair else "good"


def _loss(reading: Reading) -> Iterator[Reason]:
    directions: tuple[tuple[ReasonCode, float | None], ...] = (
        ("loss_up", reading.loss_up_fraction),
        ("loss_down", reading.loss_down_fraction),
    )
    for code, fraction in directions:
        if fraction is not None and (state := _grade(fraction, LOSS_FRACTION)) != "good":
            yield Reason(code, state, {"percent": round(100 * fraction)})


def _delay(reading: Reading) -> Iterator[Reason]:
    delay_ms = reading.delay_ms
    if delay_ms is not None and (state := _grade(delay_ms, DELAY_MS)) != "good":
        yield Reason("delay", state, {"ms": round(delay_ms)})


def _concealment(reading: Reading) -> Iterator[Reason]:
    fraction = reading.concealed_fraction
    if fraction is not None and (state := _grade(fraction, CONCEALED_FRACTION)) != "good":
        yield Reason("concealment", state, {"percent": round(100 * fraction)})


def _voice(reading: Reading) -> Iterator[Reason]:
    """Several small impairments together, which no single limit catches."""
    mos = reading.mos
    if mos is None or (state := _grade(mos, MOS)) == "good":
        return
    single = (*_loss(reading), *_delay(reading), *_concealment(reading))
    if RANK[worst(single)] < RANK[state]:
        yield Reason("voice", state, {"mos": round(mos, 1)})


def _jitter(reading: Reading) -> Iterator[Reason]:
    values = (reading.jitter_up_ms, reading.jitter_down_ms)
    jitter_ms = max((value for value in values if value is not None), default=0.0)
    if jitter_ms >= JITTER_MS:
        yield Reason("jitter", "fair", {"ms": round(jitter_ms)})


def _width(reading: Reading) -> Iterator[Reason]:
    directions: tuple[tuple[ReasonCode, float | None], ...] = (
        ("narrow_up", reading.available_up_bps),
        ("narrow_down", reading.available_down_bps),
    )
    for code, bps in directions:
        if bps is not None and bps > 0 and (state := _grade(bps, NARROW_BPS)) != "good":
            yield Reason(code, state, {"kbps": round(bps / 1000)})


def _picture(reading: Reading) -> Iterator[Reason]:
    freezes = reading.freezes_per_min
    if freezes is not None and freezes >= FREEZES_PER_MIN:
        yield Reason("freezes", "fair", {"count": round(freezes)})


RULES: tuple[Callable[[Reading], Iterator[Reason]], ...] = (
    _concealment,
    _loss,
    _delay,
    _voice,
    _width,
    _jitter,
    _picture,
)


def _sender(digest: Digest) -> Iterator[Reason]:
    devices: Devices = digest.devices
    if not devices.microphone:
        # The link carries, but the site cannot answer when it is called.
        yield Reason("no_microphone", "fair")
    if digest.video_out.limitation == "cpu":
        yield Reason("cpu", "fair")
    elif digest.video_out.limitation == "bandwidth":
        yield Reason("bandwidth", "good")
    if not devices.camera:
        yield Reason("no_camera", "good")
