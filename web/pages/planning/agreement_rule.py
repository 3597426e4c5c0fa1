"""/units/{unit_id}/agreement: who has to confirm the times of the meetings that a unit hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from confhub.desks import agreements as desk
from confhub.errors import N_, FieldErrors
from confhub.planning.agreement.rule import MOST_DAYS, USUAL_DAYS, Rule, rule_for
from confhub.units.unit import Unit
from confhub.words.texts import small_number
from web.pages.registry.shared import path_in_reach
from web.rendering.pages import redirect, render, words
from web.requests.auth import actor_of, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

_KEPT = N_("Đã lưu. Các cuộc họp đang chờ được xử lý theo quy định mới trong ít phút.")


async def show(request: web.Request) -> web.Response:
    """GET"""
    path, rules = await _path_and_rules(request)
    own = rules.get(path[-1].id)
    typed = {"centre": _choice(own), "days": str(own.days if own else USUAL_DAYS)}
    return await _show(request, path, rules, typed)


async def keep(request: web.Request) -> web.Response:
    """POST"""
    path, rules = await _path_and_rules(request)
    unit_id = path[-1].id
    posted = await posted_form(request)
    typed = {name: str(posted.get(name, "")).strip() for name in ("centre", "days")}
    rule: Rule | None = None
    if typed["centre"] == "off":
        rule = Rule(unit_id, None)
    elif typed["centre"] != "above":
        # What is no number is no number of days either.
        rule = Rule(unit_id, typed["centre"], small_number(typed["days"] or "1") or 0)
    try:
        await desk.set_rule(request.app[SERVICES].store, actor_of(request), unit_id, rule)
    except FieldErrors as found:
        return await _show(request, path, rules, typed, found)
    return redirect(request, f"/units/{unit_id}/agreement", words(request).gettext(_KEPT))


async def _path_and_rules(request: web.Request) -> tuple[Sequence[Unit], Mapping[str, Rule]]:
    path = await path_in_reach(request, request.match_info["unit_id"], "edit_units")
    store = request.app[SERVICES].store
    return path, await store.agreements.rules([unit.id for unit in path])


async def _show(
    request: web.Request,
    path: Sequence[Unit],
    rules: Mapping[str, Rule],
    typed: Mapping[str, str],
    errors: FieldErrors | None = None,
) -> web.Response:
    ids = [unit.id for unit in path]
    names = {unit.id: unit.name for unit in path}
    above = rule_for(ids[:-1], rules)
    keeper = desk.keeper(ids, rules)
    catalogue = words(request)
    fields = errors.fields if errors else {}
    return await render(
        request,
        "planning/agreement_rule.html",
        status=400 if errors else 200,
        unit=path[-1],
        units=path,
        above=names.get(above.centre_id or "", "") if above else "",
        now=rule_for(ids, rules),
        names=names,
        keeper=names[keeper],
        may_keep=require_viewer(request).may("edit_units", ids[: ids.index(keeper) + 1]),
        typed=typed,
        most_days=MOST_DAYS,
        errors={name: catalogue.error(error) for name, error in fields.items()},
    )


def _choice(rule: Rule | None) -> str:
    if rule is None:
        return "above"
    return rule.centre_id or "off"
