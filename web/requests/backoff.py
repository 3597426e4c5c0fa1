"""How long to wait after wrong passwords.

Delays double and are capped, so a stranger can slow a guess but never lock an account. Who signed
in from a browser before is counted by that browser's own signed cookie, and with the account's
other browsers: strangers' tries then do not delay the owner at all (OWASP, "device cookies").
Behind one address there may be a whole province: who guesses there delays the logins that he
tries, and no others, until he has tried a hundred; from then on browsers that nobody knows take
turns there.
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
from confhub.networks import within
from confhub.rounds import Place

DEVICE_COOKIE = "confhub-device"
_DAY_S = 86_400
DEVICE_DAYS = 365  # since the last sign-in there; the cookie lives as long
DEVICE_S = DEVICE_DAYS * _DAY_S
_NONCE_BYTES = 16
_DATE_BYTES = 4  # of the day of the last sign-in, counted since 1970
_LOGIN_BYTES = 16  # of its SHA-256: enough to tell logins apart
_PASSWORD_BYTES = 8  # of its hash's SHA-256: tells this password from those before and after


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
# All browsers in which somebody signed in to an account before: who has many guesses no faster.
DEVICES = Patience(free=15, longest_s=300)
# Behind one address there may be a whole province's offices. After so many wrong tries in a window
# a login that was tried wrongly there before waits.
ADDRESS_FREE = 30
AT_ADDRESS = Patience(free=1, longest_s=300)
# Who sprays one password over many logins tries each once. After so many wrong tries in a window,
# of whatever logins, all browsers there that nobody knows wait, for half a minute at most: some 220
# passwords are looked at an hour, and a province whose people mistype has enough.
OF_ADDRESS = Patience(free=100, longest_s=30)

_WAIT = N_("Đã nhập sai nhiều lần. Xin thử lại lúc %(time)s (sau %(seconds)s giây).")


@dataclass(frozen=True, slots=True)
class Begun:
    """A try that was counted. `waits` are seconds of the wait that it began, by what it is counted
    by, 0 where it began none; `crowded`: its address had all its free tries."""

    waits: Mapping[str, int]
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: what it is counted by."""

    account_key: str
    address_key: str | None = None  # None for who is signed in already
    # The login at that address, or the account's known browsers together.
    shared_key: str | None = None
    known: bool = False  # a browser that signed in before
    networks: tuple[str, ...] = ()  # around the address, the widest first
    holder: str = field(default_factory=new_id)  # of the waits that this try begins

    @property
    def patience(self) -> Mapping[str, Patience]:
        """By what the try may have to wait."""
        waits: dict[str, Patience] = {}
        if self.address_key is not None and not self.known:
            waits[self.address_key] = OF_ADDRESS
        waits[self.account_key] = ACCOUNT
        if self.shared_key is not None:
            waits[self.shared_key] = DEVICES if self.known else AT_ADDRESS
        return waits

    @property
    def place(self) -> Place:
        """Where the try waits for its turn: known browsers, and who is signed in, have a line of
        their own, so that no crowd of strangers, wherever it is, delays them by more than a turn
        each. Within it an organisation's network is one line."""
        line = "known" if self.known or self.address_key is None else "address"
        return (line, *self.networks, self.account_key)


def attempt(
    login: str,
    address: str,
    device: str,
    signer: Signer,
    password_hash: str | None,
    now: dt.datetime,
) -> Attempt:
    """`device` is the value of the browser's DEVICE_COOKIE, or empty; `password_hash` the login's,
    None for an unknown one."""
    # A house has a /56 of IPv6: its tries are one line.
    networks = within(address)
    address_key = f"address:{networks[-2:][0]}"
    name = _login_hash(login).hex()
    nonce = _nonce(login, password_hash, device, signer, now)
    if nonce:
        key = f"device:{nonce.hex()}"
        return Attempt(key, address_key, f"devices:{name}", known=True, networks=networks)
    shared_key = f"{address_key} login:{name}"
    return Attempt(f"login:{name}", address_key, shared_key, networks=networks)


def device_token(
    login: str, password_hash: str, signer: Signer, now: dt.datetime, device: str = ""
) -> str:
    """A cookie value by which a browser is known again for this login, until it has another
    password or nobody has signed in there for DEVICE_DAYS. A known browser stays the same one."""
    nonce = _nonce(login, password_hash, device, signer, now) or secrets.token_bytes(_NONCE_BYTES)
    about = _login_hash(login) + _password_hash(password_hash)
    return signer.sign(about + _day(now).to_bytes(_DATE_BYTES) + nonce)


def _nonce(
    login: str, password_hash: str | None, device: str, signer: Signer, now: dt.datetime
) -> bytes:
    """What tells the known browser from others; empty for one that is not known."""
    payload = signer.open(device) if device and password_hash is not None else None
    if payload is None or password_hash is None:
        return b""
    about = _login_hash(login) + _password_hash(password_hash)
    rest = payload[len(about) :]
    if not payload.startswith(about) or len(rest) != _DATE_BYTES + _NONCE_BYTES:
        return b""
    age_days = _day(now) - int.from_bytes(rest[:_DATE_BYTES])
    return rest[_DATE_BYTES:] if age_days <= DEVICE_DAYS else b""


def _day(now: dt.datetime) -> int:
    return int(now.timestamp() // _DAY_S)


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
    together only one passes. A try that was refused is taken off what it shares with others
    again: nobody's password was looked at.
    """
    await check(bus, tried, now)
    at_address = 0
    if tried.address_key is not None:
        at_address = await bus.hit(_counter(tried.address_key), WINDOW_S)
    crowded = at_address > ADDRESS_FREE
    begun: dict[str, int] = {}
    for key, patience in tried.patience.items():
        is_address = key == tried.address_key
        tries = at_address if is_address else await bus.hit(_counter(key), WINDOW_S)
        delay_s = patience.delay_s(tries)
        if key == tried.shared_key and not (tried.known or crowded):
            delay_s = 0
        if delay_s and not await bus.acquire(_lease(key), tried.holder, delay_s):
            await _take_back(bus, tried, {**begun, key: 0})
            raise _too_many(delay_s, now)
        if delay_s:
            until = f"{now.timestamp() + delay_s:.3f}".encode()
            await bus.put(_table(key), key, until, delay_s)
        begun[key] = delay_s
    return Begun(begun, crowded)


async def succeed(bus: Bus, tried: Attempt, begun: Begun) -> None:
    """The account starts afresh. Of what is shared this try alone is taken off: one right password
    excuses no guesses."""
    await _take_back(bus, tried, begun.waits)
    await bus.forget(_counter(tried.account_key))
    await bus.drop(_table(tried.account_key), tried.account_key)


async def _take_back(bus: Bus, tried: Attempt, begun: Mapping[str, int]) -> None:
    """As if this try had not been, but for the account's own count: waits that it began too."""
    if tried.address_key is not None:
        await bus.unhit(_counter(tried.address_key))
    if tried.shared_key is not None and tried.shared_key in begun:
        await bus.unhit(_counter(tried.shared_key))
    for key, delay_s in begun.items():
        if delay_s:
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


def _password_hash(password_hash: str) -> bytes:
    return hashlib.sha256(password_hash.encode()).digest()[:_PASSWORD_BYTES]


def _login_hash(login: str) -> bytes:
    return hashlib.sha256(login.encode("utf-8", "replace")).digest()[:_LOGIN_BYTES]
