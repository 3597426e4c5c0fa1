"""Use cases of accounts. Whoever calls has checked that the actor may do it."""

from __future__ import annotations

import dataclasses

from confhub.bus.news import ACCOUNTS_TOPIC, AccountNews
from confhub.people.account import Account
from confhub.people.actor import Actor
from confhub.people.person import Person
from confhub.store import Store, Work
from confhub.words.languages import Language


async def add(
    store: Store,
    actor: Actor,
    account: Account,
    password_hash: str,
    person: Person | None = None,
    *,
    detail: str = "",
) -> None:
    """A new account under an id of the caller's; Conflict if its login name is taken."""
    async with store.work(actor) as work:
        await work.accounts.add(account, password_hash, person)
        await work.audit("account.added", subject=account.id, detail=detail or _said(account))


async def change(
    store: Store, actor: Actor, account: Account, person: Person | None = None
) -> Account:
    """The account as given, with its new version; what it may no longer have open ends.

    Conflict if it is not of the stored version, or its login name is taken.
    """
    async with store.work(actor) as work:
        changed = await work.accounts.update(account, person)
        await work.audit("account.changed", subject=account.id, detail=_said(account))
        await _tell(work, account)
    return changed


async def reset_password(
    store: Store,
    actor: Actor,
    account: Account,
    password_hash: str,
    *,
    issued: bool,
    detail: str = "",
) -> None:
    """A password that somebody else made; whoever signed in with the old one is out. NotFound.

    `issued`: it is to be changed at the first sign-in.
    """
    async with store.work(actor) as work:
        await work.accounts.set_password(account.id, password_hash, issued=issued)
        await work.accounts.end_sign_ins(account.id)
        said = detail or _said(account)
        await work.audit("account.password_reset", subject=account.id, detail=said)
        await _tell(work, account)


async def change_own_password(
    store: Store, actor: Actor, account: Account, password_hash: str, replaces: str
) -> None:
    """A password in the place of the present one, whose hash is `replaces`; all sign-ins end.

    Conflict if it was changed meanwhile. NotFound.
    """
    async with store.work(actor) as work:
        await work.accounts.set_password(account.id, password_hash, replaces=replaces)
        await work.accounts.end_sign_ins(account.id)
        await work.audit("account.password_changed", subject=account.id)
        await _tell(work, account)


async def choose_language(store: Store, actor: Actor, language: Language) -> None:
    """The language in which the actor is spoken to."""
    async with store.work(actor) as work:
        account = await work.accounts.get(actor.account_id)
        await work.accounts.update(dataclasses.replace(account, language=language))
        await work.audit("account.language_chosen", subject=account.id, detail=language)


async def leave(store: Store, actor: Actor, sign_in_id: str) -> None:
    """The actor signed out: whatever this sign-in has open ends."""
    async with store.work(actor) as work:
        await work.accounts.end_sign_in(sign_in_id)
        await work.audit("signin.ended", subject=actor.account_id)
        await work.tell(ACCOUNTS_TOPIC, AccountNews(actor.account_id))


def _said(account: Account) -> str:
    return f"{account.login} {account.role} {account.unit_id} active={account.active}"


async def _tell(work: Work, account: Account) -> None:
    """To the account, and to whom it handed rights over."""
    given = await work.grants.handed_over_by(account.id)
    for told in dict.fromkeys([account.id, *(grant.account_id for grant in given)]):
        await work.tell(ACCOUNTS_TOPIC, AccountNews(told))
