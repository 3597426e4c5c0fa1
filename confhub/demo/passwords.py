"""The demo's published password: good on the machine itself, never for who comes from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from confhub.demo.logins import LOGINS, PASSWORD
from confhub.desks import accounts as desk
from confhub.errors import N_, Conflict
from confhub.people.actor import Actor
from confhub.people.passwords import hash_password, new_password, verify_password
from confhub.store import Store

_PUBLISHED = N_(
    "Các tài khoản %(logins)s còn mang mật khẩu mẫu đã công bố, mà máy khác mở được máy chủ này. "
    "Để họp thử trong mạng, chạy confhub demo --generate: mỗi tài khoản mẫu có mật khẩu mới, in ra "
    "một lần. Hoặc đặt từng mật khẩu bằng confhub user password."
)
_NAMED = 4  # so many logins say which ones are meant


async def published_logins(store: Store) -> list[str]:
    """Logins of accounts that have the published password.

    Each check takes 30 ms of Argon2, so only hashes of the demo's logins, and those that several
    accounts share as its own do, are looked at; a sign-in from outside is refused in any case.
    """
    hashes = await store.accounts.password_hashes()
    shared = {found for found, times in Counter(hashes.values()).items() if times > 1}
    suspected = shared | {found for login, found in hashes.items() if login in LOGINS}
    known = {found for found in suspected if await verify_password(found, PASSWORD)}
    return sorted(login for login, found in hashes.items() if found in known)


async def refuse_published_password(store: Store) -> None:
    """Raise Conflict while any of `published_logins` has it, a locked one too."""
    logins = await published_logins(store)
    if logins:
        more = ["…"] if len(logins) > _NAMED else []
        named = ", ".join([*logins[:_NAMED], *more])
        raise Conflict(_PUBLISHED, code="published_password", values={"logins": named})


async def give_new_passwords(
    store: Store, house: Actor, logins: Collection[str]
) -> Sequence[tuple[str, str]]:
    """Each account a password of its own; their sign-ins end. Logins and passwords."""
    given = []
    for login in sorted(logins):
        found = await store.accounts.by_login(login)
        if found is not None:
            password = new_password()
            made = await hash_password(password)
            await desk.reset_password(store, house, found[0].id, made, issued=False)
            given.append((login, password))
    return given
