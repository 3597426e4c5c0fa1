"""What the meeting form's page shows: choices, chosen sites, errors, warnings, others' changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web

from confhub.errors import N_, ConfhubError, Forbidden, NotFound
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import (
    AGENDA_ITEMS,
    NAME_LENGTH,
    PRESENTER_LENGTH,
    TITLE_LENGTH,
)
from confhub.meetings.sitting import MOST_SITTINGS
from confhub.planning.pattern import ListedPattern
from web.meetings.conflicts import Findings
from web.meetings.patterns import host_path, patterns_for
from web.pages.meetings.choices import form_choices
from web.pages.meetings.fields import Typed, shown_meeting
from web.pages.meetings.series.acts import series_of
from web.pages.meetings.series.view import repeat_choices
from web.pages.meetings.typed_times import beside_fields
from web.rendering.pages import render, words
from web.requests.auth import local_date
from web.services import SERVICES

LIMITS: Mapping[str, int] = {
    "title": TITLE_LENGTH,
    "name": NAME_LENGTH,
    "presenter": PRESENTER_LENGTH,
    "agenda": AGENDA_ITEMS,
    "sittings": MOST_SITTINGS,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed while the form was open. `label` is a msgid."""

    label: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not saved: fields to mend, or warnings to confirm; `trouble`: neither."""

    errors: Mapping[str, ConfhubError] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    trouble: ConfhubError | None = None

    @property
    def status(self) -> int:
        if self.trouble is not None:
            return self.trouble.http_status
        return 400 if self.errors else 409


async def show_form(
    request: web.Request,
    typed: Typed,
    *,
    key: str = "",
    meeting: Meeting | None = None,
    refusal: Refusal | None = None,
    overtaken: bool = False,
    said: Sequence[str] = (),
) -> web.Response:
    """The form with everything as typed. `overtaken`: `meeting` is newer than what was edited;
    `said`: what a form that was filled in by the house tells beside it."""
    services = request.app[SERVICES]
    differences, other_name = [], ""
    if overtaken and meeting is not None:
        stored = shown_meeting(meeting, services.zone)
        differences = await _differences(request, stored, typed)
        other_name = await _last_editor(request, meeting)
        typed = replace(typed, version=meeting.version, confirm="")
    in_series = meeting is not None and await series_of(request, meeting) is not None
    catalogue = words(request)
    why = refusal or Refusal()
    return await render(
        request,
        "meetings/form.html",
        status=409 if overtaken else refusal.status if refusal else 200,
        typed=typed,
        key=key,
        meeting=meeting,
        errors={
            name: catalogue.error(error)
            for name, error in beside_fields(why.errors, typed.date).items()
        },
        findings=why.findings,
        trouble=catalogue.error(why.trouble) if why.trouble else "",
        confirm=why.findings.seal,
        choices=await form_choices(request, typed),
        differences=differences,
        other_name=other_name,
        said=said,
        patterns=await _patterns(request, typed) if meeting is None else (),
        limits=LIMITS,
        in_series=in_series,
        repeating=repeat_choices(request, in_series=in_series),
    )


async def _patterns(request: web.Request, typed: Typed) -> list[ListedPattern]:
    """Patterns of whole meetings that serve the host; none for a host out of reach."""
    try:
        path = await host_path(request, typed.host_unit_id)
    except (Forbidden, NotFound):
        return []
    return [one for one in await patterns_for(request, path) if one.pattern.kind == "meeting"]


_LABELS: Mapping[str, str] = {
    "title": N_("Tên cuộc họp"),
    "date": N_("Ngày họp"),
    "start": N_("Bắt đầu"),
    "end": N_("Kết thúc"),
    "answer_date": N_("Hạn trả lời, ngày"),
    "answer_time": N_("Hạn trả lời, giờ"),
    "chair_name": N_("Người chủ trì"),
    "note": N_("Ghi chú"),
}


async def _differences(request: web.Request, stored: Typed, typed: Typed) -> list[Difference]:
    """Where the stored meeting and the typed form part, as texts."""
    found = [
        Difference(label, getattr(stored, name), getattr(typed, name))
        for name, label in _LABELS.items()
        if getattr(stored, name).strip() != getattr(typed, name).strip()
    ]
    if stored.host_unit_id != typed.host_unit_id:
        store = request.app[SERVICES].store.units
        ids = [stored.host_unit_id, typed.host_unit_id]
        names = await store.names(ids, local_date(request))
        found.append(Difference(N_("Đơn vị chủ trì"), *(names.get(one, "—") for one in ids)))
    if stored.is_public != typed.is_public:
        say = words(request).gettext
        both = (say("có") if one.is_public else "" for one in (stored, typed))
        found.append(Difference(N_("Họp công khai"), *both))
    if stored.sittings != typed.sittings:
        found.append(Difference(N_("Các phiên sau"), *map(_said_sittings, (stored, typed))))
    if stored.agenda != typed.agenda:
        agendas = ("; ".join(row.title for row in one.agenda) for one in (stored, typed))
        found.append(Difference(N_("Chương trình"), *agendas))
    if set(stored.site_ids) != set(typed.site_ids):
        found.append(await _site_difference(request, stored, typed))
    return found


def _said_sittings(typed: Typed) -> str:
    return "; ".join(f"{row.date} {row.start}–{row.end}" for row in typed.sittings)


async def _site_difference(request: web.Request, stored: Typed, typed: Typed) -> Difference:
    store = request.app[SERVICES].store.sites
    ids = {*stored.site_ids} ^ {*typed.site_ids}
    names = {site.id: site.name for site in await store.get_many(ids)}

    def only(here: Typed, there: Typed) -> str:
        extra = [names.get(one, one) for one in here.site_ids if one not in set(there.site_ids)]
        count = len(here.site_ids)
        text = words(request).ngettext("%(num)s điểm cầu", "%(num)s điểm cầu", count)
        text %= {"num": count}
        return (
            f"{text} (+ {', '.join(extra[:5])}{'…' if len(extra) > 5 else ''})" if extra else text
        )

    return Difference(N_("Điểm cầu"), only(stored, typed), only(typed, stored))


async def _last_editor(request: web.Request, meeting: Meeting) -> str:
    store = request.app[SERVICES].store
    for entry in await store.audit.recent(1, meeting.id, thing="meeting"):
        if entry.account_id:
            return (await store.accounts.get(entry.account_id)).name
    return ""
