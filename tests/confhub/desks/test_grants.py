"""Giving, handing over and ending rights: asked within the transaction, written down with it."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import accounts
from confhub.desks import grants as desk
from confhub.errors import Conflict, FieldErrors, Forbidden, NotFound
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.people.grant import Grant, in_force
from confhub.store import Store
from tests.confhub.store.country import BEFORE, Country, account

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
DAY = dt.timedelta(days=1)
NOW = dt.datetime.combine(BEFORE, dt.time(1), dt.UTC)  # the district still stands
HOUSE = Actor(NOW)


async def people(store: Store, country: Country) -> tuple[Account, Account]:
    """An administrator of the district and its secretary."""
    admin = account(country.district, "quantri", role="admin")
    clerk = account(country.district)
    for one in (admin, clerk):
        await store.accounts.add(one, HASH)
    return admin, clerk


async def stand_in(store: Store, admin: Account, ends_at: dt.datetime) -> Account:
    """A technician whom the administrator has made one too, for a time."""
    helper = account(admin.unit_id, "giup", role="technician")
    await store.accounts.add(helper, HASH)
    lent = Grant("lent", helper.id, "admin", admin.unit_id, ends_at=ends_at)
    await desk.give(store, of_account(admin, NOW), lent)
    return helper


async def actions(store: Store, subject: str) -> list[str]:
    return [entry.action for entry in await store.audit.recent(9, subject)]


async def test_a_right_is_given_once_with_its_line_and_its_news(
    store: Store, country: Country
) -> None:
    admin, clerk = await people(store, country)
    grant = Grant("grant-1", clerk.id, "technician", country.district, given_by=admin.id)
    for _ in range(2):
        await desk.give(store, of_account(admin, NOW), grant)
    assert await actions(store, clerk.id) == ["grant.given"]
    assert [one.role for one in await store.grants.of(clerk.id)] == ["secretary", "technician"]


async def test_the_house_gives_everything_and_an_administrator_only_below(
    store: Store, country: Country
) -> None:
    admin, clerk = await people(store, country)
    above = Grant("grant-1", clerk.id, "site", country.province)
    with pytest.raises(FieldErrors) as refused:
        await desk.give(store, of_account(admin, NOW), above)
    assert set(refused.value.fields) == {"role"}
    assert await actions(store, clerk.id) == []
    await desk.give(store, HOUSE, above)
    with pytest.raises(NotFound):
        await desk.end(store, of_account(admin, NOW), "grant-1", NOW)
    await desk.end(store, HOUSE, "grant-1", NOW)
    with pytest.raises(Conflict):
        await desk.end(store, HOUSE, "grant-1", None)


async def test_an_administrator_whose_right_ended_a_moment_ago_gives_nothing(
    store: Store, country: Country
) -> None:
    admin, clerk = await people(store, country)
    await desk.end(store, HOUSE, admin.id, NOW)
    grant = Grant("grant-1", clerk.id, "technician", country.district)
    with pytest.raises(NotFound):
        await desk.give(store, of_account(admin, NOW), grant)


async def test_what_is_handed_over_is_what_the_giver_holds(store: Store, country: Country) -> None:
    admin, clerk = await people(store, country)
    (post,) = await store.grants.of(clerk.id)
    # Whatever else the caller says, role and unit are the source's.
    handed = Grant("grant-1", admin.id, "admin", country.province, None, NOW + DAY, source=post)
    await desk.hand_over(store, of_account(clerk, NOW), handed)
    stored = await store.grants.get("grant-1")
    assert (stored.role, stored.unit_id, stored.given_by) == (
        "secretary",
        country.district,
        clerk.id,
    )
    with pytest.raises(NotFound):
        await desk.hand_over(
            store, of_account(admin, NOW), dataclasses.replace(handed, id="grant-2")
        )
    onward = dataclasses.replace(handed, id="grant-3", account_id=clerk.id, source=stored)
    with pytest.raises(Forbidden):
        await desk.hand_over(store, of_account(admin, NOW), onward)
    await desk.end(store, of_account(admin, NOW), "grant-1", NOW)  # hands it back
    assert len(in_force(await store.grants.of(admin.id), NOW)) == 1


async def test_who_administers_for_a_day_gives_nothing_for_longer(
    store: Store, country: Country
) -> None:
    admin, clerk = await people(store, country)
    until = NOW + DAY
    helper = await stand_in(store, admin, until)
    actor = of_account(helper, NOW)
    for number, (taker, ends_at) in enumerate([(helper, None), (clerk, until + DAY)]):
        grant = Grant(f"long-{number}", taker.id, "secretary", country.district, ends_at=ends_at)
        with pytest.raises(FieldErrors) as refused:
            await desk.give(store, actor, grant)
        assert set(refused.value.fields) == {"last"}
    short = Grant("short", clerk.id, "technician", country.district, ends_at=until)
    await desk.give(store, actor, short)
    with pytest.raises(FieldErrors):
        await desk.end(store, actor, "short", None)
    await desk.end(store, of_account(admin, NOW), "short", None)
    # Nor does he get a lasting account by its password, or by making one.
    with pytest.raises(Forbidden):
        await accounts.reset_password(store, actor, clerk.id, HASH, issued=True)
    # Nor by moving one that he commands for good to where he serves for a time.
    below = account(country.cha_nua, "vanthu")
    await store.accounts.add(below, HASH)
    await desk.give(store, HOUSE, Grant("here", helper.id, "admin", country.cha_nua))
    moved = dataclasses.replace(below, role="admin", unit_id=country.district)
    with pytest.raises(FieldErrors) as refused:
        await accounts.change(store, actor, moved)
    assert set(refused.value.fields) == {"role"}
    made = account(country.district, "moi", role="admin")
    await accounts.add(store, actor, made, HASH)
    (post,) = await store.grants.of(made.id)
    assert post.ends_at == until
    assert not in_force([post], until)


async def test_who_administers_for_a_day_ends_nobody_s_post_and_takes_over_no_account(
    store: Store, country: Country
) -> None:
    admin, clerk = await people(store, country)
    actor = of_account(await stand_in(store, admin, NOW + DAY), NOW)
    for one in (admin, clerk):
        with pytest.raises(NotFound):
            await desk.end(store, actor, one.id, NOW)
    given = Grant("given", clerk.id, "technician", country.district, ends_at=NOW + DAY / 2)
    await desk.give(store, actor, given)
    await desk.end(store, actor, given.id, NOW)  # what they could give as it stands
    await desk.end(store, of_account(admin, NOW), clerk.id, NOW)
    with pytest.raises(Forbidden):  # holds nothing any more, and is no way in all the same
        await accounts.reset_password(store, actor, clerk.id, HASH, issued=True)
    await accounts.reset_password(store, of_account(admin, NOW), clerk.id, HASH, issued=True)


async def test_lending_again_and_again_never_shuts_the_taker_off(
    store: Store, country: Country
) -> None:
    admin, clerk = await people(store, country)
    (post,) = await store.grants.of(clerk.id)
    lender = of_account(clerk, NOW)

    def lent(name: str, after: dt.timedelta = dt.timedelta()) -> Grant:
        begins = NOW + after
        return Grant(
            name, admin.id, "secretary", country.district, begins, begins + DAY, source=post
        )

    await desk.hand_over(store, lender, lent("lent-0"))
    with pytest.raises(FieldErrors) as refused:
        await desk.hand_over(store, lender, lent("again"))
    assert set(refused.value.fields) == {"taker"}
    for n in range(desk.MOST_GRANTS + 2):
        await desk.end(store, lender, f"lent-{n}", NOW)
        await desk.hand_over(store, lender, lent(f"lent-{n + 1}"))
    assert len(await store.grants.of(admin.id)) == 1 + desk.MOST_LENT
    for n in range(1, desk.MOST_LENT_OF_ONE):
        await desk.hand_over(store, lender, lent(f"later-{n}", 2 * n * DAY))
    with pytest.raises(FieldErrors) as refused:  # days to come shut nobody off either
        await desk.hand_over(store, lender, lent("last", 9 * DAY))
    assert set(refused.value.fields) == {"taker"}
    await desk.give(store, HOUSE, Grant("more", admin.id, "technician", country.province))
