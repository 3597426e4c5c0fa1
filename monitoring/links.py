"""What is known of every site's link, kept up by reports and by the passing of time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from confhub.bus.news import MeetingNews, QualityReport
from confhub.meetings.admission import LIVE_AFTER_END
from confhub.quality import LinkState, SitePresence
from monitoring.history import History, Point
from monitoring.reading import Reading
from monitoring.reasons import Reason
from monitoring.score import CONNECT_GRACE_S, LOST_S, SILENT_S, Evidence, judge
from monitoring.steadiness import Steady, step

# A site that went and said so keeps its history as long as the history is.
GONE_KEPT_S = 300.0
# A lost site stays on the board until its meeting ends, which `hear` is told. Should that be
# missed, it goes when a meeting could not be running over any more.
LOST_KEPT_S = LIVE_AFTER_END.total_seconds()
# The whole country's sites twice over. More must be a fault of the sender: newcomers are not taken.
MAX_SITES = 25_000
# While a link is lost or silent its age is in its reasons; the words follow in these steps.
RETELL_S = 5.0
# A hub whose clock is ahead must not keep a link fresh after it has gone.
MAX_AHEAD_S = 5.0


@dataclass(frozen=True, slots=True)
class SiteLink:
    """A site's link as the board shows it. Times are unix seconds."""

    site_id: str
    meeting_id: str
    member_id: str
    state: LinkState
    since: float  # when the state began
    recovering: bool  # looks better already, shown so after a calm while
    reasons: tuple[Reason, ...]
    reading: Reading
    joined_at: float  # when its socket came (or was lost)
    seen_at: float  # last report
    microphone: bool | None
    camera: bool | None
    app_version: str
    candidate_type: str | None
    transport: str | None
    cipher: str | None
    device: bool = False  # a hardware encoder sends instead of a page


@dataclass(slots=True)
class _Entry:
    evidence: Evidence
    seen_at: float
    steady: Steady = field(default_factory=Steady)
    reading: Reading = field(default_factory=Reading)
    due_at: float = 0.0
    history: History = field(default_factory=History)


class LinkBook:
    """Reports in, links out. Every `now` is unix seconds; the hubs' clocks are kept by NTP."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._shown: dict[str, SiteLink] = {}

    def take(self, report: QualityReport, now: float) -> bool:
        """Learn from one report; True if what is shown of the site changed."""
        entry = self._entries.get(report.site_id)
        if entry is None:
            if len(self._entries) >= MAX_SITES:
                return False
            entry = self._entries[report.site_id] = _Entry(Evidence(), now)
        evidence = _learn(entry.evidence, report, min(report.at, now + MAX_AHEAD_S))
        if evidence is entry.evidence:
            return False
        entry.evidence, entry.seen_at = evidence, now
        self._look(report.site_id, entry, now)
        return True

    def hear(self, news: MeetingNews, now: float) -> frozenset[str]:
        """A meeting that is over has no sites: those changed."""
        if news.what not in ("ended", "cancelled"):
            return frozenset()
        changed = set()
        for site_id, entry in self._entries.items():
            presence = entry.evidence.presence
            if presence and presence.meeting_id == news.meeting_id and not presence.left:
                gone = SitePresence(
                    site_id, news.meeting_id, presence.member_id, False, now, left=True
                )
                entry.evidence = Evidence(gone)
                self._look(site_id, entry, now)
                changed.add(site_id)
        return frozenset(changed)

    def tick(self, now: float) -> frozenset[str]:
        """Let time pass: sites whose shown link changed with nobody reporting, or was dropped."""
        changed = set()
        for site_id, entry in list(self._entries.items()):
            if now < entry.due_at:
                continue
            if self._expired(entry, now):
                del self._entries[site_id], self._shown[site_id]
                changed.add(site_id)
                continue
            before = (entry.steady, entry.reading)
            self._look(site_id, entry, now)
            if before != (entry.steady, entry.reading):
                changed.add(site_id)
        return frozenset(changed)

    def link(self, site_id: str) -> SiteLink | None:
        """None: absent, and nothing is known of it."""
        return self._shown.get(site_id)

    def links(self) -> Mapping[str, SiteLink]:
        """A living, read-only view: copy it before awaiting over it."""
        return MappingProxyType(self._shown)

    def history(self, site_id: str, now: float) -> list[Point]:
        entry = self._entries.get(site_id)
        return [] if entry is None else entry.history.points(now)

    def __len__(self) -> int:
        return len(self._entries)

    def _look(self, site_id: str, entry: _Entry, now: float) -> None:
        verdict = judge(entry.evidence, now)
        entry.steady = step(entry.steady, verdict.state, verdict.reasons, now)
        entry.reading = verdict.reading
        if entry.steady.state != "absent":
            entry.history.write(now, entry.steady.state, verdict.reading)
        entry.due_at = min(_deadlines(entry, now))
        self._shown[site_id] = _shown(site_id, entry)

    def _expired(self, entry: _Entry, now: float) -> bool:
        kept_s = GONE_KEPT_S if entry.steady.state == "absent" else LOST_KEPT_S
        return now - entry.seen_at >= kept_s


def _learn(known: Evidence, report: QualityReport, at: float) -> Evidence:
    """The evidence with the report's parts; `known` itself if it tells nothing to go by."""
    presence = known.presence
    told = report.presence
    if told is not None:
        if presence and presence.meeting_id != told.meeting_id and not told.connected:
            return known  # it left a meeting other than the one it is in
        if presence is None or presence.meeting_id != told.meeting_id or not told.connected:
            known = Evidence(told)
        else:
            known = replace(known, presence=told)
    elif presence is None or (presence.left and report.meeting_id != presence.meeting_id):
        # The board came later than the site: who measures is there.
        known = Evidence(SitePresence(report.site_id, report.meeting_id, "", True, at))
    elif presence.meeting_id != report.meeting_id:
        return known
    elif not presence.connected:
        if report.digest is None or at <= presence.since:
            return known  # the hub measures a seat whose socket is away
        # Digests come over the socket: it is back, and the news of it was dropped on the way.
        known = Evidence(
            SitePresence(report.site_id, report.meeting_id, presence.member_id, True, at)
        )
    if report.digest is not None:
        known = replace(known, digest=report.digest, digest_at=at)
    if report.hub_side is not None:
        known = replace(known, hub_side=report.hub_side, hub_side_at=at)
    return known


def _deadlines(entry: _Entry, now: float) -> Iterator[float]:
    """Moments after `now` at which the link may change by itself."""
    if entry.steady.state == "absent":
        yield entry.seen_at + GONE_KEPT_S
        return
    yield entry.seen_at + LOST_KEPT_S
    if entry.steady.due_at is not None:
        yield max(entry.steady.due_at, now)
    evidence, presence = entry.evidence, entry.evidence.presence
    if presence is None:
        return
    if not presence.connected or any(r.code == "silent" for r in entry.steady.reasons):
        yield now + RETELL_S
    for told_at in (evidence.digest_at, evidence.hub_side_at, presence.since):
        for limit_s in (CONNECT_GRACE_S, SILENT_S, LOST_S):
            if told_at + limit_s > now:
                yield told_at + limit_s


def _shown(site_id: str, entry: _Entry) -> SiteLink:
    evidence, steady = entry.evidence, entry.steady
    presence, digest, hub_side = evidence.presence, evidence.digest, evidence.hub_side
    there = steady.state != "absent" and presence is not None
    return SiteLink(
        site_id=site_id,
        meeting_id=presence.meeting_id if there and presence else "",
        member_id=presence.member_id if there and presence else "",
        state=steady.state,
        since=steady.since,
        recovering=steady.calm_from is not None,
        reasons=steady.reasons,
        reading=entry.reading,
        joined_at=presence.since if presence else 0.0,
        seen_at=entry.seen_at,
        microphone=digest.devices.microphone if digest else None,
        camera=digest.devices.camera if digest else None,
        app_version=digest.app_version if digest else "",
        candidate_type=digest.path.candidate_type if digest else None,
        transport=digest.path.transport if digest else None,
        cipher=hub_side.cipher if hub_side else None,
        device=hub_side.device if hub_side else False,
    )
