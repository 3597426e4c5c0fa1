"""Accounts and their server-side sessions in the store."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict, NotFound
from confhub.people.account import Account, SignIn
from confhub.people.person import Person
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.grants import post_row

Accounts: TypeAlias = list[Account]

_NOT_FOUND = N_("Không tìm thấy tài khoản.")
_LOGIN_IN_USE = N_("Tên đăng nhập này đã được dùng. Xin chọn tên khác.")

# An account that officers of many desks share, each with some browsers, has fewer.
MOST_SIGN_INS = 50

_ACCOUNT = [column for column in t.account.columns if column.name != "password_hash"]


class AccountStore:
    """Lists are by login name. Login names compare exactly; callers fold their case."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, account: Account, password_hash: str, person: Person | None = None) -> None:
        """Add an account with its post and its person; Conflict if its login name is taken."""
        row = _row(account) | {"password_hash": password_hash}
        async with self._database.write(_LOGIN_IN_USE) as connection:
            await connection.execute(insert(t.account).values(fitting(t.account, row)))
            await self._follow(connection, account, person)

    async def get(self, account_id: str) -> Account:
        """The account; NotFound."""
        found = await self._select(t.account.c.id == account_id)
        if not found:
            raise NotFound(_NOT_FOUND)
        return found[0]

    async def by_login(self, login: str) -> tuple[Account, str] | None:
        """The account and its password hash, active or not."""
        query = select(*_ACCOUNT, t.account.c.password_hash).where(t.account.c.login == login)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else (_account(row[:-1]), row.password_hash)

    async def by_logins(self, logins: Collection[str]) -> Accounts:
        """Those of the accounts that exist."""
        return await self._select(self._database.among(t.account.c.login, logins))

    async def unentered(self, logins: Collection[str]) -> Accounts:
        """Those of the accounts that are open, have a password that somebody else made, and into
        which nobody ever signed in, as far as the record goes back."""
        c, s, told = t.account.c, t.sign_in.c, t.audit.c
        entered = (told.subject == c.login, told.account_id == c.id, told.action == "signin.ok")
        return await self._select(
            self._database.among(c.login, logins),
            c.active,
            c.password_issued,
            ~exists().where(s.account_id == c.id),
            ~exists().where(*entered),
        )

    async def password_hashes(self) -> dict[str, str]:
        """Of every account, by login."""
        query = select(t.account.c.login, t.account.c.password_hash)
        async with self._database.read() as connection:
            return {row.login: row.password_hash for row in await connection.execute(query)}

    async def get_many(self, account_ids: Collection[str]) -> Accounts:
        """Those of the accounts that exist, by login."""
        return await self._select(self._database.among(t.account.c.id, account_ids))

    async def list(self, unit_ids: Collection[str] | None = None) -> Accounts:
        """Accounts of just these units; None: every account."""
        if unit_ids is None:
            return await self._select()
        return await self._select(self._database.among(t.account.c.unit_id, unit_ids))

    async def person(self, account_id: str) -> Person:
        """Who holds the account; NotFound."""
        found = await self.people([account_id])
        if account_id not in found:
            raise NotFound(_NOT_FOUND)
        return found[account_id]

    async def people(self, account_ids: Collection[str]) -> dict[str, Person]:
        """Who holds these accounts, by account."""
        a, p = t.account.c, t.person.c
        query = (
            select(a.id, a.name, p.title, a.unit_id, p.email, p.phone)
            .join_from(t.account, t.person, p.account_id == a.id, isouter=True)
            .where(self._database.among(a.id, account_ids))
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            # An account of a hub of before the persons has none.
            return {
                row.id: Person(
                    row.id, row.name, row.title or "", row.unit_id, row.email or "", row.phone or ""
                )
                for row in rows
            }

    async def set_person(self, person: Person) -> None:
        """Replace what is known of an account's holder; name and unit are the account's."""
        async with self._database.write() as connection:
            found = await connection.execute(
                select(*_ACCOUNT).where(t.account.c.id == person.id).with_for_update()
            )
            row = found.first()
            if row is None:
                raise NotFound(_NOT_FOUND)
            await self._follow(connection, _account(row), person)

    async def update(self, account: Account, person: Person | None = None) -> Account:
        """Replace an account, and its person if given; returns it with its new version. Conflict if
        it changed meanwhile.

        An account made inactive loses its sessions at once.
        """
        c = t.account.c
        values = fitting(t.account, _row(account)) | {"version": account.version + 1}
        del values["password_issued"]  # goes with the password: set_password
        same = (c.id == account.id, c.version == account.version)
        async with self._database.write(_LOGIN_IN_USE) as connection:
            done = await connection.execute(update(t.account).where(*same).values(values))
            if done.rowcount == 0:
                known = await connection.scalar(select(c.id).where(c.id == account.id))
                raise Conflict() if known else NotFound(_NOT_FOUND)
            await self._follow(connection, account, person)
            if not account.active:
                await connection.execute(
                    delete(t.sign_in).where(t.sign_in.c.account_id == account.id)
                )
        return dataclasses.replace(account, version=account.version + 1)

    async def set_password(
        self,
        account_id: str,
        password_hash: str,
        *,
        issued: bool = False,
        replaces: str | None = None,
    ) -> None:
        """Store a new password's hash; NotFound. Sessions stay: see end_sign_ins.

        `issued`: somebody else made it, and it is to be changed at the first sign-in. `replaces`:
        only in place of this hash; Conflict if the password was changed meanwhile.
        """
        c = t.account.c
        values = {"password_hash": password_hash, "password_issued": issued}
        row = fitting(t.account, values)
        query = update(t.account).where(c.id == account_id)
        if replaces is not None:
            query = query.where(c.password_hash == replaces)
        async with self._database.write() as connection:
            done = await connection.execute(query.values(row))
            if done.rowcount == 0:
                known = await connection.scalar(select(c.id).where(c.id == account_id))
                raise Conflict() if known else NotFound(_NOT_FOUND)

    async def add_sign_in(self, sign_in: SignIn, password_hash: str) -> None:
        """Start a session; sessions that had expired by then are swept away, and of the account's
        own the oldest beyond MOST_SIGN_INS.

        Conflict if its account is locked or `password_hash`, by which it was opened, is not the
        password's any more: who ends an account's sessions meets no later one of the old password.
        """
        c = t.account.c
        names = [column.name for column in t.sign_in.columns]
        row = fitting(t.sign_in, {name: getattr(sign_in, name) for name in names})
        # A change of the password waits for us, or we for it. SQLite has one writer anyway.
        opens = (
            select(c.id)
            .where(
                c.id == sign_in.account_id,
                c.password_hash == password_hash,
                c.active.is_(True),
            )
            .with_for_update(read=True)
        )
        async with self._database.write() as connection:
            if await connection.scalar(opens) is None:
                raise Conflict
            await connection.execute(
                delete(t.sign_in).where(t.sign_in.c.expires_at <= sign_in.created_at)
            )
            mine = t.sign_in.c.account_id == sign_in.account_id
            newest = (
                select(t.sign_in.c.id)
                .where(mine)
                .order_by(t.sign_in.c.created_at.desc(), t.sign_in.c.id)
                .limit(MOST_SIGN_INS - 1)
            )
            await connection.execute(delete(t.sign_in).where(mine, t.sign_in.c.id.not_in(newest)))
            await connection.execute(insert(t.sign_in).values(row))

    async def sign_in(self, sign_in_id: str, now: dt.datetime) -> tuple[SignIn, Account] | None:
        """A living session and its account; None if unknown, expired or the account inactive."""
        query = (
            select(*t.sign_in.columns, *_ACCOUNT)
            .join_from(t.sign_in, t.account)
            .where(
                t.sign_in.c.id == sign_in_id,
                t.sign_in.c.expires_at > now,
                t.account.c.active.is_(True),
            )
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        count = len(t.sign_in.columns)
        return SignIn(*row[:count]), _account(row[count:])

    async def touch(self, sign_in_id: str, now: dt.datetime) -> None:
        """Note that a session is in use."""
        async with self._database.write() as connection:
            await connection.execute(
                update(t.sign_in).where(t.sign_in.c.id == sign_in_id).values(last_seen_at=now)
            )

    async def end_sign_in(self, sign_in_id: str) -> None:
        """End one session; nothing happens if it is not there."""
        await self._end(t.sign_in.c.id == sign_in_id)

    async def end_sign_ins(self, account_id: str) -> None:
        """End every session of an account."""
        await self._end(t.sign_in.c.account_id == account_id)

    async def _follow(
        self, connection: AsyncConnection, account: Account, person: Person | None
    ) -> None:
        """Let the rows of the post and the person, and the sites that they look after, say what the
        account's does."""
        post = post_row(account) | {"given_by": "", "reason": ""}
        await connection.execute(
            self._database.insert(t.account_grant)
            .values(post)
            .on_conflict_do_update(index_elements=["id"], set_=post_row(account))
        )
        own = {"name": account.name, "unit_id": account.unit_id}
        if person is not None:
            told = {"title": person.title, "email": person.email, "phone": person.phone}
            own |= fitting(t.person, told)
        looks_after = {"technician_name": account.name}
        if person is not None and person.phone:
            looks_after["technician_phone"] = person.phone
        theirs = update(t.site).where(t.site.c.technician_id == account.id)
        await connection.execute(theirs.values(fitting(t.site, looks_after)))
        blank = {"id": account.id, "account_id": account.id, "title": "", "email": "", "phone": ""}
        await connection.execute(
            self._database.insert(t.person)
            .values(blank | own)
            .on_conflict_do_update(index_elements=["account_id"], set_=own)
        )

    async def _end(self, where: ColumnElement[bool]) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(t.sign_in).where(where))

    async def _select(self, *where: ColumnElement[bool]) -> Accounts:
        """A country has an account for each site, which live rooms must not wait."""
        query = select(*_ACCOUNT).where(*where).order_by(t.account.c.login)

        async def accounts(connection: AsyncConnection) -> Accounts:
            return [_account(row) for row in await connection.execute(query)]

        return await self._database.read_aside(accounts)


def _row(account: Account) -> dict[str, Any]:
    return {column.name: getattr(account, column.name) for column in _ACCOUNT}


def _account(row: Row[Any] | tuple[Any, ...]) -> Account:
    return Account(**{column.name: value for column, value in zip(_ACCOUNT, row, strict=True)})
