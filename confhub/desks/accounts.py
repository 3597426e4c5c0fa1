"""Use cases of accounts: NotFound for one that the actor does not manage, Forbidden for one that
holds more than they could give."""

from __future__ import annotations

import dataclasses

from confhub.bus.news import ACCOUNTS_TOPIC, AccountNews
from confhub.desks import rights
from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors, Forbidden, NotFound
from confhub.people.account import Account, check_names, check_oneself
from confhub.people.actor import Actor
from confhub.people.person import Person, check_person, person_of
from confhub.people.policy import RIGHTS
from confhub.store import Store, Work
from confhub.trail.values import Table, changed
from confhub.words.languages import Language

# What of an account and its holder is on record; never a password's hash.
VALUES: Table[tuple[Account, Person]] = {
    "login": lambda one: one[0].login,
    "name": lambda one: one[0].name,
    "role": lambda one: one[0].role,
    "unit_id": lambda one: one[0].unit_id,
    "language": lambda one: one[0].language,
    "active": lambda one: one[0].active,
    "title": lambda one: one[1].title,
    "phone": lambda one: one[1].phone,
    "email": lambda one: one[1].email,
}
_OUTLASTS = N_("Vai trò quản trị của bạn ở đó có thời hạn, nên không giao được vai trò lâu hơn.")


class AlreadyReset(Conflict):
    """By the same form; of that password nobody knows more than its hash."""

    code = "already_reset"
    message = N_(
        "Mật khẩu đã được đặt lại từ trang này. Nếu chưa kịp ghi mật khẩu mới, xin đặt lại lần nữa."
    )


async def add(
    store: Store,
    actor: Actor,
    account: Account,
    password_hash: str,
    person: Person | None = None,
    *,
    detail: str = "",
) -> None:
    """A new account under an id of the caller's; Conflict if its login name is taken; FieldErrors.

    Forbidden for who manages no accounts at all.
    """
    async with store.work(actor) as work:
        if not actor.is_house:
            (await rights.mine(work)).require("manage_accounts")
        await _check(work, account, person)
        await work.accounts.add(account, password_hash, person)
        await _bound_post(work, account)
        held = account, person or person_of(account)
        await work.audit(
            "account.added",
            subject=account.id,
            detail=detail or _said(account),
            changes=changed(None, held, VALUES),
        )


async def change(
    store: Store, actor: Actor, account: Account, person: Person | None = None
) -> Account:
    """The account as given, with its new version; what it may no longer have open ends.

    Conflict if it is not of the stored version, or its login name is taken; FieldErrors.
    """
    async with store.work(actor) as work:
        before = await work.accounts.get(account.id)
        await rights.require_command(work, before)
        await _check(work, account, person, before)
        await _check_lasting(work, account, before)
        known = await work.accounts.person(account.id)
        stored = await work.accounts.update(account, person)
        await work.audit(
            "account.changed",
            subject=account.id,
            detail=_said(account),
            changes=changed((before, known), (stored, person or known), VALUES),
        )
        await _tell(work, account.id)
    return stored


async def reset_password(
    store: Store,
    actor: Actor,
    account_id: str,
    password_hash: str,
    *,
    issued: bool,
    detail: str = "",
    key: str | None = None,
) -> Account:
    """A password that somebody else made; whoever signed in with the old one is out, and calendars
    at secret addresses and access tokens that were made meanwhile open nothing any more.

    `issued`: it is to be changed at the first sign-in. Forbidden for one's own: an open desk would
    give the account away without the present password. AlreadyReset under a `key` that was used.
    """
    async with store.work(actor, key, sent=account_id) as work:
        if work.done:
            raise AlreadyReset
        return await reset_within(work, account_id, password_hash, issued=issued, detail=detail)


async def reset_within(
    work: Work, account_id: str, password_hash: str, *, issued: bool, detail: str = ""
) -> Account:
    """`reset_password`, as a part of a work."""
    account = await work.accounts.get(account_id)
    await rights.require_command(work, account)
    if account.id == work.actor.account_id:
        raise Forbidden
    await work.accounts.set_password(account.id, password_hash, issued=issued)
    await work.accounts.end_sign_ins(account.id)
    for feed in await work.feeds.living(account.id):
        await work.feeds.end(feed.id, work.actor.now)
        await work.audit("feed.ended", subject=feed.id, detail=account.id)
    for token in await work.api_tokens.living(account.id, work.actor.now):
        await work.api_tokens.end(token.id, work.actor.now)
        changes = {"name": (token.name, None)}
        await work.audit("token.revoked", subject=token.unit_id, detail=token.id, changes=changes)
    said = detail or _said(account)
    await work.audit("account.password_reset", subject=account.id, detail=said)
    await _tell(work, account.id)
    return account


async def change_own_password(
    store: Store, actor: Actor, password_hash: str, replaces: str
) -> None:
    """A password in the place of the actor's present one, whose hash is `replaces`; all their
    sign-ins end.

    Conflict if it was changed meanwhile. NotFound.
    """
    async with store.work(actor) as work:
        await work.accounts.set_password(actor.account_id, password_hash, replaces=replaces)
        await work.accounts.end_sign_ins(actor.account_id)
        await work.audit("account.password_changed", subject=actor.account_id)
        await _tell(work, actor.account_id)


async def choose_language(store: Store, actor: Actor, language: Language) -> None:
    """The language in which the actor is spoken to. NotFound."""
    async with store.work(actor) as work:
        account = await work.accounts.get(actor.account_id)
        if account.language == language:
            return
        await work.accounts.update(dataclasses.replace(account, language=language))
        await work.audit("account.language_chosen", subject=account.id, detail=language)


async def leave(store: Store, actor: Actor, sign_in_id: str) -> None:
    """The actor signed out: whatever this sign-in of theirs has open ends. NotFound."""
    async with store.work(actor) as work:
        found = await work.accounts.sign_in(sign_in_id, actor.now)
        if found is None or found[1].id != actor.account_id:
            raise NotFound
        await work.accounts.end_sign_in(sign_in_id)
        await work.audit("signin.ended", subject=actor.account_id)
        await work.tell(ACCOUNTS_TOPIC, AccountNews(actor.account_id))


async def _check(
    work: Work, account: Account, person: Person | None, before: Account | None = None
) -> None:
    """FieldErrors, by the words of the account's fields: all at once."""
    problems: dict[str, ConfhubError] = {**check_person(person or person_of(account))}
    problems |= check_names(account.login, account.name)
    if not await rights.manages(work, account.unit_id):
        problems["unit_id"] = BadInput(N_("Xin chọn đơn vị của bạn hoặc đơn vị trực thuộc."))
        able = account.role in RIGHTS
    else:
        able = account.role in RIGHTS and await rights.may_give(work, account.role, account.unit_id)
    if not able:
        problems["role"] = BadInput(N_("Bạn không thể giao vai trò này."))
    if before is not None and before.id == work.actor.account_id:
        problems |= check_oneself(before, account)
    if problems:
        raise FieldErrors(problems)


async def _check_lasting(work: Work, account: Account, before: Account) -> None:
    """FieldErrors for a post elsewhere, or another one, that lasts longer than the right to it."""
    if (account.role, account.unit_id) == (before.role, before.unit_id):
        return
    post = next(one for one in await work.grants.of(account.id) if one.is_post)
    if not await rights.may_give_until(work, account.role, account.unit_id, post.ends_at):
        raise FieldErrors({"role": BadInput(_OUTLASTS)})


async def _bound_post(work: Work, account: Account) -> None:
    """Whoever administers for a time makes accounts for that time."""
    ends_at = await rights.gift_ends_at(work, account.role, account.unit_id)
    if ends_at is not None:
        (post,) = await work.grants.of(account.id)
        await work.grants.set_end(post, ends_at)


def _said(account: Account) -> str:
    return f"{account.login} {account.role} {account.unit_id} active={account.active}"


async def _tell(work: Work, account_id: str) -> None:
    """To the account, and to whom it handed rights over."""
    given = await work.grants.handed_over_by(account_id)
    for told in dict.fromkeys([account_id, *(grant.account_id for grant in given)]):
        await work.tell(ACCOUNTS_TOPIC, AccountNews(told))
