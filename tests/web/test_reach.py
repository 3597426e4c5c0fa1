"""Over random trees, rights and every row of the URL table: who may not, never sees; who may, is
never sent away.

What should be is reckoned here anew, from the words of docs/security.md, on a plain tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from tests.web import reach_rules
from tests.web.paper_reach import PAPER_RULES
from tests.web.reach_world import Asked, Case, Office, Right, World, cases
from tests.web.token_reach import TOKEN_RULES
from web.requests.route import BEARER
from web.routes import ROUTES

RULES = {**reach_rules.RULES, **PAPER_RULES, **TOKEN_RULES}
SIGNED_IN = [route for route in ROUTES if route.access == "signed_in"]
MOST_OBJECTS = 2  # of one row in one case: enough to meet both sides over the cases


def test_every_row_that_wants_a_sign_in_has_a_rule() -> None:
    assert {(route.method, route.path) for route in SIGNED_IN} == RULES.keys()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("reach"))
    made.loop.run_until_complete(made.open())
    yield made
    made.loop.run_until_complete(made.close())
    made.loop.close()


def picked(asked: Sequence[Asked], turn: int) -> list[Asked]:
    start = turn % max(1, len(asked))
    return [*asked[start:], *asked[:start]][:MOST_OBJECTS]


async def sweep(office: Office, case: Case) -> None:
    world = await office.build(case)
    token = await office.sign_in(world)
    # Whoever may not reads whom to ask and which role of theirs ended, whatever was asked for.
    told = {f"N{world.id('a', number)}" for number in world.asked_for_rights()}
    told |= {f"Unit {world.id('u', right.unit)}" for right in case.accounts[0]}
    # Reading first: what is then posted may end links and change meetings.
    for turn, route in enumerate(sorted(SIGNED_IN, key=lambda one: one.method)):
        for asked in picked(list(RULES[route.method, route.path](world)), turn):
            status, text = await office.ask(route, asked, token)
            said = f"{route.method} {asked.path}: {status} in {case}"
            assert status < 500, said
            if asked.allowed:
                assert status not in (401, 403, 404), said
            else:
                assert status in (403, 404), said
                shown = text.replace(asked.path, "")
                assert not any(secret in shown for secret in {*asked.secrets} - told), said
    await _look_at_lists(office, world)


async def _look_at_lists(office: Office, world: World) -> None:
    """No list, search or first page names what lies out of reach."""
    units = range(len(world.case.parents))
    # Stand on every page, or on that of a missing right: one's own roles, also past and to come.
    own = {right.unit for right in world.case.accounts[0]}
    unseen_units = [
        f"Unit {world.id('u', n)}" for n in units if not world.can("see_units", n) and n not in own
    ]
    unseen_sites = [f"Room {world.id('s', n)}" for n in units if not world.can("see_units", n)]
    unknown = [f"P{world.id('p', n)}" for n in units if not world.can("edit_people", n)]
    unwatched = [f"Room {world.id('s', n)}" for n in units if not world.can("see_board", n)]
    meetings = range(len(world.case.meetings))
    unseen = [f"T{world.id('m', n)}" for n in meetings if not world.sees(n)]
    # Whoever invites may invite rooms above their own.
    above = {above for n in units if world.can("see_units", n) for above in world.up(n)}
    out_of_tree = [f"Room {world.id('s', n)}" for n in units if n not in above]
    hosts = {f"Unit {world.id('u', world.case.meetings[n][0])}" for n in meetings if world.sees(n)}
    lists = {
        "/": unseen,
        "/meetings": unseen,
        "/meetings?view=month": unseen,
        "/meetings/week": unseen,
        "/meetings/leaving": unseen,
        "/meetings/asked": unseen,
        "/units?q=unit": unseen_units,
        f"/search?q=T{world.mark}": unseen,
        f"/search?q=P{world.mark}": unknown,
        f"/search?q={world.mark}": unseen_sites,
        "/search?q=unit": [name for name in unseen_units if name not in hosts],
        "/sites": unseen_sites,
        "/people": unknown,
        "/api/units/tree": out_of_tree,
        "/board": unwatched,
    }
    for path, secrets in lists.items():
        answer = await office.client.get(path)
        text = await answer.text()
        assert answer.status in (200, 403), path
        assert not [secret for secret in secrets if secret in text], (path, world.case)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # `explain` traces every line
)
@given(case=cases())
# Who administers everything for a time does not take over whom that outlasts.
@example(
    case=Case(
        [-1, 0, 0],
        [[Right("admin", 1), Right("admin", 0)], [Right("admin", 0)], [Right("admin", 0)]],
        [(0, [0]), (0, [0])],
    )
)
def test_who_may_not_never_sees_and_who_may_is_never_sent_away(office: Office, case: Case) -> None:
    office.loop.run_until_complete(sweep(office, case))


def test_a_cookie_opens_nothing_to_devices(office: Office) -> None:
    async def ask() -> None:
        case = Case([-1], [[Right("admin", 0)]] * 3, [(0, [0])] * 2)
        world = await office.build(case)
        await office.sign_in(world)
        for route in ROUTES:
            if route.access == BEARER and route.method != "OPTIONS" and route.method != "GET":
                path = re.sub(r"\{\w+\}", world.id("m", 0), route.path)
                answer = await office.client.request(route.method, path)
                assert answer.status in (401, 415), path

    office.loop.run_until_complete(ask())
