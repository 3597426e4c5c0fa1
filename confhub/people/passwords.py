"""Passwords: Argon2id in threads; a rush of sign-ins neither blocks nor exhausts the hub."""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from confhub.errors import N_, BadInput
from confhub.identity import new_id
from confhub.rounds import Place
from confhub.turns import ASKER, Turns
from confhub.words.texts import fold

# OWASP Password Storage Cheat Sheet: m=19 MiB, t=2, p=1 is the floor for Argon2id.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Each takes 19 MiB and one core for about 30 ms; media forwarding must keep a core.
_THREADS = 2
_EXECUTOR = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
# 9,000 sites may sign in within one minute; beyond 200 waiting (about 3 s) we say "busy", and to
# those of whom most wait.
_TURNS = Turns(_THREADS, 200)

T = TypeVar("T")

# zxcvbn calls this "safely unguessable" where tries are slowed; ours are, to 24 an hour.
MIN_GUESSES = 1e8
_JUDGED = 32  # of the first letters; a good beginning is good enough, and the time is bounded
# Judging a password that was made for it takes a fifth of a second: in a thread of its own, which
# no page waits for, and one account after the other.
_JUDGE = ThreadPoolExecutor(1, thread_name_prefix="new passwords")
_JUDGING = Turns(1, 50)
# What a guesser tries first here. The demo's password is published; officials use their own words.
_OUR_WORDS = (
    "hop-bon-cap-2026",
    "hopboncap",
    "confhub",
    "matkhau",
    "mat khau",
    "vietnam",
    "hanoi",
    "quantri",
    "thuky",
    "kythuat",
    "diemcau",
    "tructuyen",
)
_GUESSABLE = N_(
    "Mật khẩu quá dễ đoán: đừng dùng mật khẩu thông dụng, tên đăng nhập, chuỗi lặp hay phím liền"
    " nhau. Một câu dài dễ nhớ là tốt nhất."
)

# NIST SP 800-63B-4, 3.1.1.2: where nothing but a password opens an account. Older ones go on.
MIN_LENGTH = 15
MAX_LENGTH = 128  # characters: enough for any passphrase, and bounds the work
_MOST_SIGNS = 3 * MAX_LENGTH  # a Vietnamese letter spelt apart: itself, its shape, its tone


def check_password(password: str, login: str = "") -> None:
    """Raise BadInput when a new password is too short, too long, or among the first guesses.

    As NIST SP 800-63B-4, 3.1.1.2: length and a list of what is expected count, not kinds of signs.
    """
    check_form(password, login)
    if _guesses(password, login) < MIN_GUESSES:
        raise BadInput(_GUESSABLE)


def check_form(password: str, login: str = "") -> None:
    """The part of `check_password` that costs nothing."""
    # Composing takes the square of the marks over one letter: never of all that was sent.
    if len(password) > _MOST_SIGNS or not MIN_LENGTH <= len(_composed(password)) <= MAX_LENGTH:
        raise BadInput(
            N_("Mật khẩu cần từ %(min)s đến %(max)s ký tự."),
            values={"min": MIN_LENGTH, "max": MAX_LENGTH},
        )
    if len(set(password)) < 4 or (login and login.casefold() in password.casefold()):
        raise BadInput(_GUESSABLE)


async def check_new_password(password: str, login: str) -> None:
    """`check_password` in a thread, in the asker's line; Unavailable where too many wait."""
    async with _JUDGING.turn(*ASKER.get()):
        await asyncio.get_running_loop().run_in_executor(_JUDGE, check_password, password, login)


def _guesses(password: str, login: str) -> float:
    """How many tries somebody needs who knows common passwords, words, keyboards and this hub.

    Also without the marks of Vietnamese letters, which no list of passwords has.
    """
    # Imported here: its lists take 0.2 s to read, and most commands need none.
    from zxcvbn import zxcvbn

    known = [*_OUR_WORDS, login, *re.split(r"[^\w]+", login)]
    spellings = {password, fold(password)}
    return min(
        float(zxcvbn(text[:_JUDGED], user_inputs=known)["guesses"]) for text in spellings if text
    )


def new_password() -> str:
    """A password to hand to somebody: four groups of four easy letters, 80 random bits."""
    letters = new_id()
    return "-".join(letters[start : start + 4] for start in (0, 4, 8, 12))


async def hash_password(password: str) -> str:
    """An Argon2id hash with its parameters and salt, in PHC string form."""
    return await _in_thread(_hash, password)


def turn(place: Place) -> AbstractAsyncContextManager[None]:
    """A turn to verify a password, at the place of whoever tries.

    Unavailable where too many wait. What is asked within it should be short.
    """
    return _TURNS.turn(*place)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether `password` is right. None (no such account) costs the same and is always False."""
    return await _in_thread(_verify, password_hash, password)


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


async def _in_thread(work: Callable[..., T], *arguments: object) -> T:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_EXECUTOR, work, *arguments)


def _hash(password: str) -> str:
    return _HASHER.hash(_composed(password))


def _composed(password: str) -> str:
    """One spelling of what looks alike: some Vietnamese keyboards write "ế" as three signs."""
    return unicodedata.normalize("NFKC", password)  # as NIST SP 800-63B-4, 3.1.1.2


def _verify(password_hash: str | None, password: str) -> bool:
    known = password_hash is not None and len(password) <= _MOST_SIGNS
    try:
        right = _HASHER.verify(password_hash or _decoy(), _composed(password[:_MOST_SIGNS]))
    except (Argon2Error, InvalidHashError):
        return False
    return known and right


async def warm_up() -> None:
    """Make the decoy hash at start, so that not even the first unknown login takes longer."""
    await _in_thread(_decoy)


@cache
def _decoy() -> str:
    """A hash no password opens, so an unknown login takes as long as a wrong password."""
    return _HASHER.hash(secrets.token_urlsafe(32))
