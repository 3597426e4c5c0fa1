"""How long to wait after wrong passwords.

Delays double and are capped, so a stranger can slow a guess but never lock an account. Who signed
in from a browser before is counted by that browser's own signed cookie: strangers' tries then
do not delay the owner at all (OWASP, "device cookies").
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from confhub.bus.interface import Bus
from confhub.errors import N_, TooMany
from confhub.identity import new_id
from confhub.meetings.tokens import Signer
from web.requests.addresses import network_of

DEVICE_COOKIE = "confhub-device"
DEVICE_S = 365 * 86_400
_NONCE_BYTES = 16
_LOGIN_BYTES = 16  # of its SHA-256: enough to tell logins apart


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` tries in a window cost nothing; each further one doubles the wait from 2 s."""

    free: int
    longest_s: int

    def delay_s(self, tries: int) -> int:
        """The wait after the `tries`-th try of a window."""
        over = tries - self.free
        return 0 if over <= 0 else min(2 ** min(over, 16), self.longest_s)


WINDOW_S = 3600.0
# A person mistypes a few times; a guesser gets about 24 tries an hour at one account.
ACCOUNT = Patience(free=5, longest_s=300)
# Behind one address there may be a whole province's offices, so it is patient: 90 tries an hour.
ADDRESS = Patience(free=30, longest_s=60)

_WAIT = N_("Đã nhập sai nhiều lần. Xin thử lại lúc %(time)s (sau %(seconds)s giây).")


# Seconds of the wait that a try began, by what it is counted by; 0 where it began none.
Begun = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: what it is counted by."""

    account_key: str
    address_key: str | None  # None for a known browser, which is counted by itself alone
    holder: str = field(default_factory=new_id)  # of the waits that this try begins

    @property
    def patience(self) -> Mapping[str, Patience]:
        """What the try is counted by, the address first."""
        if self.address_key is None:
            return {self.account_key: ACCOUNT}
        return {self.address_key: ADDRESS, self.account_key: ACCOUNT}

    @property
    def place(self) -> str:
        """In whose line the try waits for its turn."""
        return self.address_key or self.account_key


def attempt(login: str, address: str, device: str, signer: Signer) -> Attempt:
    """`device` is the value of the browser's DEVICE_COOKIE, or empty."""
    payload = signer.open(device) if device else None
    if payload is not None and payload[:_LOGIN_BYTES] == _login_hash(login):
        return Attempt(f"device:{payload[_LOGIN_BYTES:].hex()}", None)
    return Attempt(f"login:{_login_hash(login).hex()}", f"address:{network_of(address)}")


def device_token(login: str, signer: Signer) -> str:
    """A cookie value by which a browser is known again for this login."""
    return signer.sign(_login_hash(login) + secrets.token_bytes(_NONCE_BYTES))


async def check(bus: Bus, tried: Attempt, now: dt.datetime) -> None:
    """Raise TooMany while a wait runs. The message names the time in the zone of `now`."""
    for key in tried.patience:
        until = (await bus.entries(_table(key))).get(key)
        wait_s = 0 if until is None else math.ceil(float(until) - now.timestamp())
        if wait_s > 0:
            raise _too_many(wait_s, now)


async def begin(bus: Bus, tried: Attempt, now: dt.datetime) -> Begun:
    """Count a try before the password is looked at; raise TooMany as `check`.

    The wait for the next one starts at once, and one try alone can start it: of tries sent
    together only one passes. A try that was refused is taken off the address again: nobody's
    password was looked at.
    """
    await check(bus, tried, now)
    begun: dict[str, int] = {}
    for key, patience in tried.patience.items():
        delay_s = patience.delay_s(await bus.hit(_counter(key), WINDOW_S))
        if delay_s and not await bus.acquire(_lease(key), tried.holder, delay_s):
            if tried.address_key is not None:
                await bus.unhit(_counter(tried.address_key))
                await _end_wait(bus, tried, tried.address_key, begun)
            raise _too_many(delay_s, now)
        if delay_s:
            until = f"{now.timestamp() + delay_s:.3f}".encode()
            await bus.put(_table(key), key, until, delay_s)
        begun[key] = delay_s
    return begun


async def succeed(bus: Bus, tried: Attempt, begun: Begun) -> None:
    """The account starts afresh. Of the address this try alone is taken off: one right password
    excuses no guesses."""
    if tried.address_key is not None:
        await bus.unhit(_counter(tried.address_key))
        await _end_wait(bus, tried, tried.address_key, begun)
    await bus.forget(_counter(tried.account_key))
    await bus.drop(_table(tried.account_key), tried.account_key)
    await bus.release(_lease(tried.account_key), tried.holder)


async def _end_wait(bus: Bus, tried: Attempt, key: str, begun: Begun) -> None:
    """The wait that this very try began, if it did."""
    if begun.get(key):
        await bus.drop(_table(key), key)
        await bus.release(_lease(key), tried.holder)


def _too_many(wait_s: int, now: dt.datetime) -> TooMany:
    at = now + dt.timedelta(seconds=wait_s)
    return TooMany(wait_s, _WAIT, values={"time": f"{at:%H:%M:%S}"})


def _counter(key: str) -> str:
    return f"signin:{key}"


def _lease(key: str) -> str:
    return f"signin-wait:{key}"


def _table(key: str) -> str:
    """One of 256 small tables, so that a check never reads everybody's waits."""
    return f"signin-wait:{hashlib.sha256(key.encode()).hexdigest()[:2]}"


def _login_hash(login: str) -> bytes:
    return hashlib.sha256(login.encode("utf-8", "replace")).digest()[:_LOGIN_BYTES]
