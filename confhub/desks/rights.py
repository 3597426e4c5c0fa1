"""What the actor of a use case may do: each asks here before it changes anything.

It is asked of the record within the use case's transaction, so a right that ended a moment ago
gives nothing. The house itself (the command line, jobs) may everything.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from confhub.errors import N_, BadInput, Forbidden, NotFound
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import OUT_OF_REACH
from confhub.people import policy
from confhub.people.account import Account, Role
from confhub.people.api_token import narrowed
from confhub.people.grant import Grant, in_force, is_over
from confhub.people.policy import Action, may_command, may_grant, may_grant_until
from confhub.people.powers import Held, NotAllowed, Powers
from confhub.store import Work
from confhub.store.repositories import Repositories
from confhub.units.unit import Unit

HOLDS_MORE = N_(
    "Người này còn có vai trò ngoài phạm vi của bạn, nên chỉ quản trị cấp trên đổi được tài khoản."
)


@dataclass(frozen=True, slots=True)
class Sight:
    """A meeting as somebody sees it."""

    host_path: Sequence[Unit]  # from the top to the host
    own_sites: frozenset[str]  # ids of the meeting's sites in their units and below


async def powers_of(record: Repositories, account_id: str, now: dt.datetime) -> Powers:
    """The account's grants in force at `now`, in units that stand on its day."""
    grants = in_force(await record.grants.of(account_id), now)
    unit_ids, today = {grant.unit_id for grant in grants}, now.date()
    if len(unit_ids) > 1:
        paths = await record.units.paths(unit_ids, today)
    else:  # nearly everybody: one query
        paths = {}
        for unit_id in unit_ids:
            try:
                paths[unit_id] = await record.units.path(unit_id, today)
            except NotFound:
                continue
    return Powers(
        tuple(Held(one, tuple(paths[one.unit_id])) for one in grants if one.unit_id in paths)
    )


async def powers_by_token(record: Repositories, token_id: str, now: dt.datetime) -> Powers:
    """What a program may by this access token: of its maker's powers at `now` those of its scopes,
    on its unit and below. Empty: the token, its unit or its maker's account has ended."""
    token = await record.api_tokens.find(token_id)
    if token is None or not token.holds(now):
        return Powers(())
    try:
        path = await record.units.path(token.unit_id, now.date())
    except NotFound:
        return Powers(())
    return narrowed(await powers_of(record, token.account_id, now), token, path)


async def path_to(record: Repositories, unit_id: str, on: dt.date) -> Sequence[Unit]:
    """From the root to a unit, as it stands or stood last; empty: there is none."""
    try:
        return await record.units.path(unit_id, on, ended=True)
    except NotFound:
        return ()


async def see(record: Repositories, powers: Powers, meeting: Meeting, on: dt.date) -> Sight:
    """The meeting for who may see meetings in its host or above, and for those of whose units one,
    or one below it, is invited. NotFound: for everybody else it does not exist."""
    host_path = await path_to(record, meeting.host_unit_id, on)
    own = await own_sites(record, powers, meeting, "see_meetings", on)
    if not own and not powers.may("see_meetings", host_path):
        raise NotFound
    return Sight(host_path, own)


async def own_sites(
    record: Repositories, powers: Powers, meeting: Meeting, action: Action, on: dt.date
) -> frozenset[str]:
    """The meeting's sites in the units, and below, where `powers` allow the action."""
    own: frozenset[str] = frozenset()
    for one in powers.scopes(action):
        own |= await record.sites.ids_within(meeting.invited, one.unit.id, on, alone=one.alone)
    return own


async def linked_sites(
    record: Repositories, powers: Powers, meeting: Meeting, host_path: Sequence[Unit], on: dt.date
) -> frozenset[str]:
    """The meeting's sites whose links `powers` may see: all for officers of the host, but for those
    of units above it, in whose seats only their own people sit; others those of their own units."""
    own = await own_sites(record, powers, meeting, "see_links", on)
    if not powers.may("see_links", host_path):
        return own
    return await _not_above(record, meeting, host_path, own, on)


async def answered_sites(
    record: Repositories, powers: Powers, meeting: Meeting, host_path: Sequence[Unit], on: dt.date
) -> frozenset[str]:
    """The meeting's sites for which `powers` may say who comes: those in whose seats they may sit,
    and for who plans the meeting all but those of units above its host."""
    own = await own_sites(record, powers, meeting, "join", on)
    if not powers.may("schedule", host_path):
        return own
    return await _not_above(record, meeting, host_path, own, on)


async def _not_above(
    record: Repositories,
    meeting: Meeting,
    host_path: Sequence[Unit],
    own: frozenset[str],
    on: dt.date,
) -> frozenset[str]:
    """The meeting's sites without those of units above its host, but for one's own."""
    invited, above = meeting.invited, frozenset[str]()
    for unit in host_path[:-1]:
        above |= await record.sites.ids_within(invited - own, unit.id, on, alone=True)
    return invited - above


async def mine(work: Work) -> Powers:
    """The actor's, as they stand when a work first asks for them."""
    if work.powers is None:
        actor = work.actor
        if actor.token_id:
            work.powers = await powers_by_token(work, actor.token_id, actor.now)
        else:
            work.powers = await powers_of(work, actor.account_id, actor.now)
    return work.powers


async def allows(work: Work, action: Action, unit_id: str) -> bool:
    """Whether the actor may act on the unit."""
    if work.actor.is_house:
        return True
    path = await path_to(work, unit_id, work.actor.today)
    return (await mine(work)).may(action, path)


async def require(work: Work, action: Action, unit_id: str) -> None:
    """Forbidden, where the actor may know of the unit."""
    if not await allows(work, action, unit_id):
        raise NotAllowed(action, await path_to(work, unit_id, work.actor.today))


async def require_reach(work: Work, action: Action, unit_id: str) -> None:
    """NotFound: what lies out of reach looks like what does not exist."""
    if not await allows(work, action, unit_id):
        raise NotFound


async def require_meeting(work: Work, action: Action, meeting: Meeting) -> None:
    """Forbidden for who only sees the meeting, NotFound for who does not."""
    if not work.actor.is_house:
        powers = await mine(work)
        sight = await see(work, powers, meeting, work.actor.today)
        powers.require(action, sight.host_path)


async def manages(work: Work, unit_id: str) -> bool:
    """Whether the actor administers the accounts of the unit."""
    return await allows(work, "manage_accounts", unit_id)


async def may_give(work: Work, role: Role, unit_id: str) -> bool:
    """Whether the actor may give, change or take `role` in the unit."""
    if work.actor.is_house:
        return True
    grants, path = await _giving(work, unit_id)
    return may_grant(grants, role, unit_path=path)


async def may_give_until(work: Work, role: Role, unit_id: str, ends_at: dt.datetime | None) -> bool:
    """As `may_give`, of a right that lasts until then; None: for good."""
    if work.actor.is_house:
        return True
    grants, path = await _giving(work, unit_id)
    return may_grant_until(grants, role, ends_at, unit_path=path)


async def gift_ends_at(work: Work, role: Role, unit_id: str) -> dt.datetime | None:
    """Until when at most the actor may give a role that they may give; None: for good."""
    if work.actor.is_house:
        return None
    grants, path = await _giving(work, unit_id)
    return policy.gift_ends_at(grants, role, unit_path=path)


async def _giving(work: Work, unit_id: str) -> tuple[Sequence[Grant], list[str]]:
    """What the actor gives by, and the way to the unit that it is given in."""
    path = [unit.id for unit in await path_to(work, unit_id, work.actor.today)]
    return (await mine(work)).grants, path


async def commands(
    record: Repositories, powers: Powers, grants: Sequence[Grant], now: dt.datetime
) -> bool:
    """Whether `powers` could give everything that an account of these grants has, or will.

    One that holds nothing any more is judged by its post, as if that had no end: who administers
    for a day takes over nobody's account because its rights have ended.
    """
    return bool(await commanded(record, powers, {"": grants}, now))


async def commanded(
    record: Repositories, powers: Powers, held: Mapping[str, Sequence[Grant]], now: dt.datetime
) -> set[str]:
    """As `commands`, of many accounts by id: those of which it holds."""
    lasting = {account_id: _lasting(grants, now) for account_id, grants in held.items()}
    unit_ids = {one.unit_id for grants in lasting.values() for one in grants}
    paths = await record.units.paths(unit_ids, now.date(), ended=True)
    ids = {unit_id: [unit.id for unit in path] for unit_id, path in paths.items()}
    mine = powers.grants
    return {one for one in lasting if may_command(mine, lasting[one], unit_paths=ids)}


def _lasting(grants: Sequence[Grant], now: dt.datetime) -> Sequence[Grant]:
    lasting = [grant for grant in grants if not is_over(grant, now)]
    return lasting or [dataclasses.replace(one, ends_at=None) for one in grants if one.is_post]


async def require_command(work: Work, account: Account) -> None:
    """NotFound for an account that the actor does not manage; Forbidden where it holds rights out
    of their reach."""
    if work.actor.is_house:
        return
    await require_reach(work, "manage_accounts", account.unit_id)
    held = await work.grants.of(account.id)
    if not await commands(work, await mine(work), held, work.actor.now):
        raise Forbidden(HOLDS_MORE, code="holds_more")


async def uninvitable(work: Work, host_unit_id: str, site_ids: Collection[str]) -> BadInput | None:
    """Says which of the sites a host may not invite: those that are neither of it nor of a unit
    below or above it."""
    beside = set(site_ids)
    beside -= await work.sites.ids_within(beside, host_unit_id, work.actor.today)
    above = {unit.id for unit in await path_to(work, host_unit_id, work.actor.today)}
    for site in await work.sites.get_many(beside):
        if site.unit_id not in above:
            return BadInput(OUT_OF_REACH, values={"name": site.name})
    return None


async def require_the_house(work: Work) -> None:
    """Forbidden for who administers less than everything."""
    if not work.actor.is_house and not (await mine(work)).runs_the_house:
        raise Forbidden
