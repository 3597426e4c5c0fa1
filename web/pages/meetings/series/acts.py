"""What the pages of a meeting do to the series it stands in, or is to stand in: one use case each,
by what was chosen of this meeting alone, this and the following, or all that are ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from confhub.desks import meetings as desk
from confhub.desks.planning import series as series_desk
from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.planning.conflicts import Override
from confhub.planning.recurrence import Rule
from confhub.planning.series import STANDING, Occurrence, Series, content_of
from confhub.planning.series_edits import Scope
from web.meetings.repeat import TypedRepeat, rule_of, shown_rule
from web.paces import charge
from web.pages.meetings.fields import Typed
from web.requests.auth import actor_of
from web.services import SERVICES

# How a form names them; anything else is this meeting alone.
SCOPES: Mapping[str, Scope] = {"following": "following", "all": "all"}
# What one meeting of a series costs, in files (web/requests/route.py): 8 ms to make or change.
_MEETING = 10
_WEEKS_AHEAD, _MONTHS_AHEAD = 13, 3
_RULE_FIELDS = ("interval", "weekdays", "off_days", "until", "count")


async def series_of(request: web.Request, meeting: Meeting) -> tuple[Occurrence, Series] | None:
    """As what the meeting stands in which series; None: in none, or no more."""
    store = request.app[SERVICES].store.series
    one = await store.of_meeting(meeting.id)
    if one is None or not stands_in(one):
        return None
    return one, await store.get(one.series_id)


def stands_in(one: Occurrence) -> bool:
    """Whether the meeting is still one of its series."""
    return one.state in STANDING


async def with_rule(request: web.Request, typed: Typed, meeting: Meeting) -> Typed:
    """The form of a stored meeting, with how it comes again."""
    found = await series_of(request, meeting)
    if found is None:
        return typed
    one, series = found
    return replace(typed, repeat=shown_rule(series.owner(one.original).rule))


async def schedule(
    request: web.Request, typed: Typed, meeting_id: str, draft: Draft, override: Override
) -> None:
    """A new meeting, or a series of them; Conflict, Clashing, FieldErrors by the form's fields."""
    services, actor = request.app[SERVICES], actor_of(request)
    store, zone = services.store, services.zone
    if not typed.repeat.frequency:
        await desk.schedule(store, actor, meeting_id, draft, override)
        return
    rule = _rule(request, typed.repeat, draft)
    _charge(request, rule)
    try:
        await series_desk.schedule(store, actor, meeting_id, draft, rule, zone, override)
    except FieldErrors as error:
        raise _by_form(error) from None


async def was_made(request: web.Request, typed: Typed, draft: Draft, meeting: Meeting) -> bool:
    """Whether the meeting, or the series that it began, is just what was typed."""
    found = await series_of(request, meeting)
    if not typed.repeat.frequency:
        return found is None and draft.describes(meeting)
    if found is None:
        return False
    services = request.app[SERVICES]
    content = content_of(draft, await services.store.special_days.calendar(), services.zone)
    first = found[1].parts[0]
    return (first.rule, first.content) == (_rule(request, typed.repeat, draft), content)


async def change(
    request: web.Request, typed: Typed, meeting: Meeting, draft: Draft, override: Override
) -> None:
    """The meeting as typed, and of its series what was chosen; as `schedule`, and Overtaken."""
    services, actor = request.app[SERVICES], actor_of(request)
    store, zone = services.store, services.zone
    found = await series_of(request, meeting)
    scope = SCOPES.get(typed.scope)
    version = typed.version
    try:
        if found is None and typed.repeat.frequency:
            rule = _rule(request, typed.repeat, draft)
            _charge(request, rule)
            await series_desk.repeat(store, actor, meeting.id, version, draft, rule, zone, override)
        elif found is None or scope is None:
            await desk.change(store, actor, meeting.id, version, draft, override)
        else:
            new = _changed_rule(request, typed.repeat, draft, *found)
            _charge(request, new or _rule_of(*found))
            await series_desk.change(
                store, actor, meeting.id, version, draft, scope, new, zone, override=override
            )
    except FieldErrors as error:
        raise _by_form(error) from None


async def move(
    request: web.Request, changed: Meeting, scope_name: str, reason: str, override: Override
) -> Meeting:
    """The meeting at another time, with those of its series that go along; as `change`."""
    services, actor = request.app[SERVICES], actor_of(request)
    store, scope = services.store, SCOPES.get(scope_name)
    found = await series_of(request, changed) if scope is not None else None
    if scope is None or found is None:
        span = changed.coming.starts_at, changed.coming.ends_at
        return await desk.move(store, actor, changed.id, changed.version, *span, reason, override)
    _charge(request, _rule_of(*found))
    return await series_desk.change(
        store,
        actor,
        changed.id,
        changed.version,
        Draft.of(changed),
        scope,
        None,
        services.zone,
        reason,
        override,
    )


async def hold_over(
    request: web.Request, meeting: Meeting, scope_name: str, reason: str
) -> Meeting:
    """The meeting alone put off; FieldErrors (`scope`)."""
    if scope_name in SCOPES and await series_of(request, meeting) is not None:
        message = N_(
            "Hoãn chờ lịch sau chỉ làm cho từng buổi. Muốn dừng cả chuỗi, xin chọn Hủy họp."
        )
        raise FieldErrors({"scope": BadInput(message)})
    store = request.app[SERVICES].store
    return await desk.hold_over(store, actor_of(request), meeting.id, meeting.version, reason)


async def cancel(
    request: web.Request, meeting: Meeting, version: int | None, scope_name: str, reason: str
) -> bool:
    """The meeting called off, with those of its series that were chosen; whether it was more than
    this one. FieldErrors (`reason`), Overtaken."""
    services, actor, scope = request.app[SERVICES], actor_of(request), SCOPES.get(scope_name)
    found = await series_of(request, meeting) if scope is not None else None
    if scope is None or found is None:
        await desk.cancel(services.store, actor, meeting.id, version, reason)
        return False
    _charge(request, _rule_of(*found))
    await series_desk.end(services.store, actor, meeting.id, version, scope, reason, services.zone)
    return True


def _charge(request: web.Request, rule: Rule) -> None:
    """Count what is made or changed of a quarter's meetings; TooMany."""
    ahead = _MONTHS_AHEAD
    if rule.frequency == "week":
        ahead = _WEEKS_AHEAD * max(1, len(rule.weekdays))
    count = max(1, ahead // max(1, rule.interval))
    charge(request, _MEETING * min(count, rule.count or count))


def _rule_of(one: Occurrence, series: Series) -> Rule:
    return series.owner(one.original).rule


def _rule(request: web.Request, typed: TypedRepeat, draft: Draft) -> Rule:
    return rule_of(typed, draft.starts_at.astimezone(request.app[SERVICES].zone).date())


def _changed_rule(
    request: web.Request, typed: TypedRepeat, draft: Draft, one: Occurrence, series: Series
) -> Rule | None:
    """None where nobody changed what the form had shown."""
    if not typed.frequency or typed == shown_rule(_rule_of(one, series)):
        return None
    return _rule(request, typed, draft)


def _by_form(error: FieldErrors) -> FieldErrors:
    """The rule's fields by their names in the form."""
    fields: dict[str, ConfhubError] = {
        f"repeat_{name}" if name in _RULE_FIELDS else name: one
        for name, one in error.fields.items()
    }
    return FieldErrors(fields)
