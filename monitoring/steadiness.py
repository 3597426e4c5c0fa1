"""A state that does not flap: worse at once, better only after a calm while. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from confhub.quality import LinkState
from monitoring.reasons import RANK, Reason

# Three good digests in a row. Shorter, and a link that breaks every 10 s would blink.
CALM_S = 15.0


@dataclass(frozen=True, slots=True)
class Steady:
    """The shown state, since when, and the worst seen since things began to look better."""

    state: LinkState = "absent"
    since: float = 0.0
    reasons: tuple[Reason, ...] = ()
    calm_from: float | None = None
    calm_worst: LinkState = "good"

    @property
    def due_at(self) -> float | None:
        """When the state gets better if nothing new is found; None: not waiting."""
        return None if self.calm_from is None else self.calm_from + CALM_S


def step(before: Steady, state: LinkState, reasons: tuple[Reason, ...], now: float) -> Steady:
    """Take in what was found at `now`.

    Coming, going, and getting worse show at once. Coming back from `lost` shows at once too
    (as `poor` until calm): a site that is in the room again must not be called lost.
    """
    if "absent" in (before.state, state):
        return _turn(before, state, reasons, now)
    if RANK[state] >= RANK[before.state]:
        return _turn(before, state, reasons, now)
    if before.state == "lost":
        if state == "poor":
            return Steady("poor", now, reasons)
        return Steady("poor", now, reasons, calm_from=now, calm_worst=state)
    calm_from = now if before.calm_from is None else before.calm_from
    calm_worst = state if before.calm_from is None else _worse(before.calm_worst, state)
    if now - calm_from >= CALM_S:
        return _turn(before, calm_worst, reasons, now)
    # The old reasons stay: they are why the state is still shown.
    return replace(before, calm_from=calm_from, calm_worst=calm_worst)


def _turn(before: Steady, state: LinkState, reasons: tuple[Reason, ...], now: float) -> Steady:
    return Steady(state, before.since if state == before.state else now, reasons)


def _worse(one: LinkState, other: LinkState) -> LinkState:
    return one if RANK[one] >= RANK[other] else other
