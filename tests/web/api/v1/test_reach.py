"""Over random trees, rights and every row for access tokens: who may not, changes and sees nothing.

What should be is reckoned anew, on a plain tree (tests/web/reach_world.py).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from confhub.identity import secret_hash
from confhub.people.api_token import ALLOWS, ApiToken, Scope
from tests.web.browser import NOON
from tests.web.reach_world import Case, Office, World, cases
from web.requests.auth import SECRET_BYTES
from web.requests.route import TOKEN, Route
from web.routes import ROUTES

ROWS = [route for route in ROUTES if route.access == TOKEN]
OF_MEETINGS = [route for route in ROWS if "{meeting_id}" in route.path]
# Sites and papers of a meeting, which come after it.
PARTS = {"{site_id}", "{paper_id}"}
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("reach"))
    made.loop.run_until_complete(made.open())
    yield made
    made.loop.run_until_complete(made.close())
    made.loop.close()


def body_of(route: Route, site_id: str) -> dict[str, Any] | None:
    """What is sent there, and good."""
    if route.method == "GET":
        return None
    if route.path.endswith(("/cancel", "/postpone")):
        return {"reason": "x"}
    if route.path.endswith(("/invite", "/uninvite")):
        return {"site_ids": [site_id]}
    return {"state": "unsure"} if route.method == "PUT" else {"note": "changed"}


class Reckoned:
    """What a token of the unit `unit` may, that the viewer of a world made."""

    def __init__(self, world: World, unit: int, scopes: tuple[Scope, ...]) -> None:
        self.world, self.unit = world, unit
        self.actions = frozenset[str]().union(*(ALLOWS[scope] for scope in scopes))

    def can(self, action: str, unit: int) -> bool:
        below = self.unit in self.world.up(unit)
        return below and action in self.actions and self.world.can(action, unit)

    def sees(self, meeting: int) -> bool:
        host, invited = self.world.case.meetings[meeting]
        return any(self.can("see_meetings", unit) for unit in (host, *invited))


async def token_of(office: Office, world: World, unit: int, scopes: tuple[Scope, ...]) -> str:
    services, number = office.services, next(NUMBERS)
    secret = services.tokens.programs.sign(number.to_bytes(SECRET_BYTES, "big"))
    await services.store.api_tokens.add(
        ApiToken(
            f"t{number}",
            world.id("u", unit),
            world.id("a", 0),
            "Một cửa",
            secret_hash(secret),
            scopes,
            NOON,
            services.clock() + dt.timedelta(days=100),
        )
    )
    return secret


async def sweep(office: Office, case: Case, unit: int, scopes: tuple[Scope, ...]) -> None:
    world = await office.build(case)
    secret = await token_of(office, world, unit, scopes)
    may, store = Reckoned(world, unit, scopes), office.services.store
    office.client.session.cookie_jar.clear()
    for number, (host, invited) in enumerate(case.meetings):
        meeting_id = world.id("m", number)
        # Reading first: what is written then may call it off.
        for route in sorted(OF_MEETINGS, key=lambda one: (one.method, one.path)):
            before = await store.meetings.get(meeting_id)
            site_id = world.id("s", invited[-1])
            path = route.path.replace("{meeting_id}", meeting_id).replace("{site_id}", site_id)
            path = path.replace("{paper_id}", "none").replace("{number}", "1")
            answer = await office.client.request(
                route.method,
                path,
                json=body_of(route, site_id),
                headers={"Authorization": f"Bearer {secret}", "If-Match": "*"},
            )
            said = f"{route.method} {path}: {answer.status} in {case}, {unit}, {scopes}"
            assert answer.status < 500, said
            text = await answer.text()
            if answer.status >= 400:
                assert f"T{meeting_id}" not in text, said
            is_act, is_answer = route.method != "GET", route.method == "PUT"
            if route.scope not in scopes:
                assert answer.status in (401, 403), said
            elif not may.sees(number):
                assert answer.status in (401, 404), said
            elif is_act and not is_answer and not may.can("schedule", host):
                assert answer.status == 403, said
            elif not PARTS & set(route.path.split("/")):
                assert answer.status not in (401, 403, 404), said
            if is_answer and answer.status < 400:
                assert may.can("join", invited[-1]), said
            if is_act and not is_answer and answer.status >= 400:
                assert await store.meetings.get(meeting_id) == before, said


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(
    case=cases(),
    unit=st.integers(0, 6),
    scopes=st.lists(st.sampled_from(list(ALLOWS)), min_size=1, unique=True),
)
def test_a_token_opens_no_meeting_that_its_unit_and_its_maker_do_not(
    office: Office, case: Case, unit: int, scopes: list[Scope]
) -> None:
    of = unit % len(case.parents)
    office.loop.run_until_complete(sweep(office, case, of, tuple(scopes)))
