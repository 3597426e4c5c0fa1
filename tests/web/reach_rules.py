"""Who may reach what, by row of the URL table: reckoned anew on a plain tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.web.reach_world import Asked, Right, World

Rule = Callable[[World], Iterator[Asked]]


def ever(action: str, path: str) -> Rule:
    """A page that names no object: who may at all, and none of what lies out of reach."""

    def asked(world: World) -> Iterator[Asked]:
        yield Asked(path, not action or world.can(action))

    return asked


def both(*rules: Rule) -> Rule:
    """A row that names objects of several kinds."""

    def asked(world: World) -> Iterator[Asked]:
        for rule in rules:
            yield from rule(world)

    return asked


def nowhere(path: str) -> Rule:
    """What nobody in the world has, such as an address that is not theirs."""

    def asked(world: World) -> Iterator[Asked]:
        yield Asked(path, False)

    return asked


def of_units(action: str, path: str, field_name: str = "") -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for number in range(len(world.case.parents)):
            unit_id = world.id("u", number)
            form = {field_name: unit_id} if field_name else {}
            own = any(right.unit == number for right in world.held())  # stands on every page
            known = own or world.can("see_units", number)  # what is missing there may be told
            secrets = [] if known else [f"Unit {unit_id}"]
            yield Asked(path.format(unit_id), world.can(action, number), secrets, form)

    return asked


def of_sites(action: str, path: str) -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for number in range(len(world.case.parents)):
            site_id = world.id("s", number)
            yield Asked(path.format(site_id), world.can(action, number), [site_id])

    return asked


def of_people(path: str) -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for number in range(len(world.case.parents)):
            person_id = world.id("p", number)
            allowed = world.can("edit_people", number)
            yield Asked(path.format(person_id), allowed, [f"P{person_id}"])

    return asked


def of_patterns(may: Callable[[World, int], bool], path: str) -> Rule:
    """Each unit keeps one."""

    def asked(world: World) -> Iterator[Asked]:
        for number in range(len(world.case.parents)):
            pattern_id = world.id("l", number)
            yield Asked(path.format(pattern_id), may(world, number), [f"L{pattern_id}"])

    return asked


def blocks(world: World, unit: int) -> bool:
    return world.can("schedule", unit) or world.can("edit_sites", unit)


def of_blockings(path: str) -> Rule:
    """One of each site."""

    def asked(world: World) -> Iterator[Asked]:
        for number in range(len(world.case.parents)):
            known = world.id("b", number)
            yield Asked(path.format(known), blocks(world, number), [f"B{known}"])

    return asked


def of_blocked_units(world: World) -> Iterator[Asked]:
    for number in range(len(world.case.parents)):
        yield Asked(f"/blockings?unit={world.id('u', number)}", blocks(world, number))


def keeps(world: World, unit: int) -> bool:
    return world.can("schedule", unit)


def serves(world: World, unit: int) -> bool:
    """Its own unit and those below."""
    below = (one for one in range(len(world.case.parents)) if unit in world.up(one))
    return any(world.can("schedule", one) for one in below)


def of_meetings(may: Callable[[World, int], bool], path: str, **form: str) -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for number in range(len(world.case.meetings)):
            meeting_id = world.id("m", number)
            yield Asked(path.format(meeting_id), may(world, number), [f"T{meeting_id}"], form)

    return asked


def changes(world: World, meeting: int) -> bool:
    return world.can("schedule", world.case.meetings[meeting][0])


def of_answers(world: World) -> Iterator[Asked]:
    """For the rooms in which one may sit, and, of one's own meetings, all but those above."""
    for number, (host, invited) in enumerate(world.case.meetings):
        for unit in invited:
            is_above = unit != host and unit in world.up(host)
            plans = world.can("schedule", host) and not is_above
            path = f"/meetings/{world.id('m', number)}/sites/{world.id('s', unit)}/answer"
            secrets = [f"T{world.id('m', number)}"] if not world.sees(number) else []
            yield Asked(path, world.can("join", unit) or plans, secrets)


def of_series(world: World) -> Iterator[Asked]:
    for number in range(len(world.case.meetings)):
        secrets = [f"T{world.id('m', number)}"]
        yield Asked(f"/series/{world.id('r', number)}", world.sees(number), secrets)


def of_links(path: str) -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for link_id, (meeting, _) in world.links.items():
            meeting_id = world.id("m", meeting)
            where = path.format(meeting_id, link_id)
            yield Asked(where, changes(world, meeting), [f"T{meeting_id}"])

    return asked


def of_hosted_patterns(world: World) -> Iterator[Asked]:
    """A unit's list opens for those who schedule for a unit at or below it."""
    units = range(len(world.case.parents))
    for host, owner in ((host, owner) for host in units for owner in units):
        allowed = world.can("schedule", host) and owner in world.up(host)
        pattern_id = world.id("l", owner)
        path = f"/api/site-lists/{pattern_id}?host={world.id('u', host)}"
        yield Asked(path, allowed, [f"L{pattern_id}"])


def of_codes(world: World) -> Iterator[Asked]:
    for link_id, (meeting, unit) in world.links.items():
        host = world.case.meetings[meeting][0]
        is_above = unit != host and unit in world.up(host)
        allowed = world.can("see_links", unit) or (world.can("see_links", host) and not is_above)
        yield Asked(f"/meetings/{world.id('m', meeting)}/links/{link_id}/code.svg", allowed)


def of_accounts(may: Callable[[World, int], bool], path: str) -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for number in range(1, len(world.case.accounts)):
            account_id = world.id("a", number)
            allowed = world.can("manage_accounts") and may(world, number)
            yield Asked(path.format(account_id), allowed, [f"N{account_id}"])

    return asked


def manages(world: World, account: int) -> bool:
    return world.can("manage_accounts", world.case.accounts[account][0].unit)


def of_grants(path: str) -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for account in range(1, len(world.case.accounts)):
            for number, right in enumerate(world.case.accounts[account]):
                where = path.format(world.id("a", account), world.grant_id(account, number))
                lasts = number == 0 or right.time == "future"  # for good, as the viewer's post
                allowed = world.can("manage_accounts", right.unit, for_good=lasts)
                yield Asked(where, allowed, [f"N{world.id('a', account)}"])

    return asked


def of_own_grants(may: Callable[[int, int, Right], bool], path: str) -> Rule:
    def asked(world: World) -> Iterator[Asked]:
        for account, rights in enumerate(world.case.accounts):
            for number, right in enumerate(rights):
                allowed = may(account, number, right)
                secrets = [] if account == 0 else [f"N{world.id('a', account)}"]
                yield Asked(path.format(world.grant_id(account, number)), allowed, secrets)

    return asked


def is_handed_by_or_to_me(account: int, _number: int, right: Right) -> bool:
    return right.giver is not None and 0 in (account, right.giver)


def is_mine_to_hand_over(account: int, _number: int, right: Right) -> bool:
    own = account == 0 and right.giver is None
    return own and right.role != "site" and right.time == "now"


def no_site_leaves(world: World) -> Iterator[Asked]:
    """Every unit stands, and every site is in use: nobody has one to replace."""
    yield Asked("/meetings/leaving", allowed=False, form={"old_id": world.id("s", 0)})


def no_host_ends(world: World) -> Iterator[Asked]:
    form = {"old_id": world.id("u", 0)}
    yield Asked("/meetings/leaving/hosts", allowed=False, form=form)


def of_the_house(path: str) -> Rule:
    """What is the whole house's: who administers a part of it has no say."""

    def asked(world: World) -> Iterator[Asked]:
        runs = world.can("manage_accounts", 0)
        # Nothing was given up and no day is kept: there are no such rows.
        if not runs or not path.endswith(("again", "drop")):
            yield Asked(path, runs)

    return asked


LINKS = "/meetings/{}/links/{}"
RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/"): ever("", "/"),
    ("GET", "/search"): ever("", "/search"),
    ("GET", "/account"): ever("", "/account"),
    ("POST", "/account"): ever("", "/account"),
    ("GET", "/account/password"): ever("", "/account/password"),
    ("POST", "/account/password"): ever("", "/account/password"),
    ("GET", "/accounts"): ever("manage_accounts", "/accounts"),
    ("GET", "/accounts/new"): ever("manage_accounts", "/accounts/new"),
    ("POST", "/accounts/new"): ever("manage_accounts", "/accounts/new"),
    ("GET", "/accounts/import"): ever("manage_accounts", "/accounts/import"),
    ("POST", "/accounts/import"): ever("manage_accounts", "/accounts/import"),
    ("GET", "/accounts/template.csv"): ever("manage_accounts", "/accounts/template.csv"),
    ("GET", "/units"): ever("see_units", "/units"),
    ("GET", "/units/{unit_id}"): of_units("see_units", "/units/{}"),
    ("GET", "/units/{unit_id}/rooms"): of_units("see_units", "/units/{}/rooms"),
    ("GET", "/units/{unit_id}/record.{form}"): of_units("manage_accounts", "/units/{}/record.csv"),
    ("GET", "/units/new"): ever("edit_units", "/units/new"),
    ("POST", "/units/new"): of_units("edit_units", "/units/new", "unit_id"),
    ("GET", "/sites"): ever("see_units", "/sites"),
    ("GET", "/sites/new"): ever("edit_sites", "/sites/new"),
    ("POST", "/sites/new"): of_units("edit_sites", "/sites/new", "unit_id"),
    ("GET", "/sites/{site_id}"): of_sites("see_units", "/sites/{}"),
    ("GET", "/meetings"): ever("see_meetings", "/meetings"),
    ("GET", "/meetings/week"): ever("see_meetings", "/meetings/week"),
    ("GET", "/meetings/new"): both(
        of_units("schedule", "/meetings/new?host={}"),
        of_meetings(changes, "/meetings/new?like={}"),
        of_patterns(serves, "/meetings/new?pattern={}"),
    ),
    ("POST", "/meetings/new"): ever("schedule", "/meetings/new"),
    ("GET", "/meetings/{meeting_id}"): of_meetings(World.sees, "/meetings/{}"),
    ("GET", "/meetings/{meeting_id}/room"): of_meetings(World.enters, "/meetings/{}/room"),
    ("GET", "/meetings/{meeting_id}/socket"): of_meetings(World.enters, "/meetings/{}/socket"),
    ("GET", "/api/units/tree"): of_units("see_units", "/api/units/tree?root={}"),
    ("GET", "/api/units/search"): of_units("see_units", "/api/units/search?root={0}&q=unit"),
    ("POST", "/api/meetings/conflicts"): of_units(
        "schedule", "/api/meetings/conflicts", "host_unit_id"
    ),
    ("POST", "/api/meetings/slots"): of_units("schedule", "/api/meetings/slots", "host_unit_id"),
    ("GET", "/board"): of_units("see_board", "/board?unit={}"),
    ("GET", "/board/stream"): of_units("see_board", "/board/stream?unit={}"),
    ("GET", "/board/sites/{site_id}"): of_sites("see_board", "/board/sites/{}"),
}
for kind, action in (("units", "edit_units"), ("sites", "edit_sites")):
    RULES["GET", f"/{kind}/template.csv"] = ever(action, f"/{kind}/template.csv")
    for method in ("GET", "POST"):
        RULES[method, f"/{kind}/import"] = ever(action, f"/{kind}/import")
for method in ("GET", "POST"):
    for name in ("rename", "move", "end", "agreement", "letters", "letterhead"):
        RULES[method, f"/units/{{unit_id}}/{name}"] = of_units("edit_units", f"/units/{{}}/{name}")
    RULES[method, "/units/{unit_id}/line"] = of_units("edit_sites", "/units/{}/line")
    RULES[method, "/sites/{site_id}/edit"] = of_sites("edit_sites", "/sites/{}/edit")
    for name in ("edit", "postpone", "cancel", "letter"):
        RULES[method, f"/meetings/{{meeting_id}}/{name}"] = of_meetings(
            changes, f"/meetings/{{}}/{name}"
        )
    for name in ("revoke", "renew"):
        RULES[method, f"/meetings/{{meeting_id}}/links/{{link_id}}/{name}"] = of_links(
            f"{LINKS}/{name}"
        )
    RULES[method, "/accounts/{account_id}/password"] = of_accounts(
        lambda world, one: world.commands(one), "/accounts/{}/password"
    )
    RULES[method, "/accounts/{account_id}/grants/new"] = of_accounts(
        manages, "/accounts/{}/grants/new"
    )
    RULES[method, "/accounts/{account_id}/grants/{grant_id}/end"] = of_grants(
        "/accounts/{}/grants/{}/end"
    )
    RULES[method, "/account/grants/{grant_id}/end"] = of_own_grants(
        is_handed_by_or_to_me, "/account/grants/{}/end"
    )
    RULES[method, "/account/grants/{grant_id}/handover"] = of_own_grants(
        is_mine_to_hand_over, "/account/grants/{}/handover"
    )
    RULES[method, "/people/{person_id}"] = of_people("/people/{}")
    RULES[method, "/people/{person_id}/end"] = of_people("/people/{}/end")
RULES["GET", "/meetings/leaving"] = ever("schedule", "/meetings/leaving")
RULES["POST", "/meetings/leaving"] = no_site_leaves
RULES["POST", "/meetings/leaving/hosts"] = no_host_ends
for method in ("GET", "POST"):
    RULES[method, "/meetings/asked"] = ever("confirm_times", "/meetings/asked")
    RULES[method, "/meetings/{meeting_id}/sites/{site_id}/answer"] = of_answers
    # Nobody is asked: there is nothing to answer, to take, or to ask again.
    RULES[method, "/meetings/{meeting_id}/answer"] = nowhere("/meetings/none/answer")
for kind in ("pdf", "docx"):  # no letter was issued
    file = f"/meetings/{{meeting_id}}/letters/{{letter_id}}.{kind}"
    RULES["GET", file] = nowhere(f"/meetings/none/letters/none.{kind}")
for name in ("answers", "answers.csv", "answers/stream"):
    RULES["GET", f"/meetings/{{meeting_id}}/{name}"] = of_meetings(
        World.sees, f"/meetings/{{}}/{name}"
    )
for name in ("ask", "take"):
    RULES["POST", f"/meetings/{{meeting_id}}/{name}"] = nowhere(f"/meetings/none/{name}")
RULES["GET", "/accounts/{account_id}/history"] = of_accounts(manages, "/accounts/{}/history")
RULES["GET", "/sites/{site_id}/history"] = of_sites("edit_sites", "/sites/{}/history")
RULES["GET", "/units/{unit_id}/history"] = of_units("edit_units", "/units/{}/history")
RULES["POST", "/meetings/{meeting_id}/mail/replies/{reply_id}"] = nowhere(
    "/meetings/none/mail/replies/none"
)
for name in ("mail", "mail/again", "mail/replies"):
    RULES["POST", f"/meetings/{{meeting_id}}/{name}"] = of_meetings(
        changes, f"/meetings/{{}}/{name}"
    )
for name in ("links", "invitations", "invitations.csv"):
    RULES["GET", f"/meetings/{{meeting_id}}/{name}"] = of_meetings(
        lambda world, m: world.sees(m) and world.can("see_links"), f"/meetings/{{}}/{name}"
    )
for name in ("links.pdf", "links.docx"):
    RULES["GET", f"/meetings/{{meeting_id}}/{name}"] = of_meetings(  # of a site that is not there
        lambda world, m: world.sees(m) and world.can("see_links"),
        f"/meetings/{{}}/{name}?site=none",
    )
RULES["GET", "/meetings/{meeting_id}/history"] = of_meetings(changes, "/meetings/{}/history")
RULES["GET", "/blockings"] = RULES["POST", "/blockings"] = of_blocked_units
RULES["GET", "/blockings/{blocking_id}"] = of_blockings("/blockings/{}")
RULES["POST", "/blockings/{blocking_id}/end"] = of_blockings("/blockings/{}/end")
RULES["GET", "/patterns"] = of_units("schedule", "/patterns?unit={}")
RULES["GET", "/patterns/new"] = both(
    of_units("schedule", "/patterns/new?unit={}"),
    of_meetings(changes, "/patterns/new?kind=sites&meeting={}"),
)
RULES["POST", "/patterns/new"] = of_units("schedule", "/patterns/new", "host_unit_id")
RULES["POST", "/patterns/draft"] = ever("schedule", "/patterns/draft")
for method in ("GET", "POST"):
    RULES[method, "/patterns/{pattern_id}"] = of_patterns(keeps, "/patterns/{}")
RULES["POST", "/patterns/{pattern_id}/end"] = of_patterns(keeps, "/patterns/{}/end")
RULES["GET", "/api/site-lists"] = of_units("schedule", "/api/site-lists?host={}")
RULES["GET", "/api/site-lists/{pattern_id}"] = of_hosted_patterns
RULES["GET", "/meetings/{meeting_id}/links/{link_id}/code.svg"] = of_codes
RULES["GET", "/series/{series_id}"] = of_series
RULES["POST", "/api/meetings/dates"] = ever("schedule", "/api/meetings/dates")
for method in ("GET", "POST"):
    RULES[method, "/account/feeds"] = ever("see_meetings", "/account/feeds")
for name in ("renew", "end"):
    RULES["POST", f"/account/feeds/{{feed_id}}/{name}"] = nowhere(f"/account/feeds/none/{name}")
RULES["GET", "/people"] = ever("edit_people", "/people")
RULES["GET", "/people/new"] = ever("edit_people", "/people/new")
RULES["POST", "/people/new"] = ever("edit_people", "/people/new")
RULES["GET", "/jobs"] = of_the_house("/jobs")
RULES["POST", "/jobs/{what}/{letter_id}/again"] = of_the_house("/jobs/job/none/again")
RULES["GET", "/working-days"] = ever("see_meetings", "/working-days")
RULES["POST", "/working-days"] = of_the_house("/working-days")
RULES["POST", "/working-days/{day}/drop"] = of_the_house("/working-days/2026-09-02/drop")
RULES["GET", "/accounts/{account_id}"] = of_accounts(manages, "/accounts/{}")
RULES["POST", "/accounts/{account_id}"] = of_accounts(World.commands, "/accounts/{}")


def drives(world: World, meeting: int) -> bool:
    return world.can("drive", world.case.meetings[meeting][0])


for name in ("extend", "reopen"):
    RULES["POST", f"/api/meetings/{{meeting_id}}/{name}"] = of_meetings(
        drives, f"/api/meetings/{{}}/{name}", minutes="15"
    )
RULES["POST", "/api/meetings/{meeting_id}/move"] = of_meetings(
    changes, "/api/meetings/{}/move", version="1"
)
RULES["POST", "/meetings/{meeting_id}/reopen"] = of_meetings(drives, "/meetings/{}/reopen")
