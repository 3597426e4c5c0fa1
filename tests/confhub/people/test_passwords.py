"""Passwords: what is accepted as new, and what opens."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher

from confhub.errors import BadInput
from confhub.people.passwords import (
    MAX_LENGTH,
    check_password,
    hash_password,
    needs_rehash,
    new_password,
    verify_password,
    warm_up,
)

pytestmark = pytest.mark.usefixtures("full_passwords")

GOOD = "họp giao ban tuần"


async def test_a_password_opens_its_own_hash_only() -> None:
    known = await hash_password(GOOD)
    assert known.startswith("$argon2id$")
    assert GOOD not in known
    assert await verify_password(known, GOOD)
    for wrong in ("", GOOD + " ", GOOD.upper(), known, "họp giao ban tháng"):
        assert not await verify_password(known, wrong)
    assert known != await hash_password(GOOD)


async def test_a_password_opens_however_the_keyboard_spells_its_letters() -> None:
    composed, apart = (unicodedata.normalize(form, GOOD) for form in ("NFC", "NFD"))
    assert composed != apart
    assert await verify_password(await hash_password(composed), apart)
    assert await verify_password(await hash_password(apart), composed)


async def test_the_longest_password_opens_even_when_its_letters_come_apart() -> None:
    check_password(("trời mưa nên cả huyện họp ở nhà văn hóa " * 4)[:MAX_LENGTH])
    longest = "ế" * MAX_LENGTH
    known = await hash_password(longest)
    assert await verify_password(known, unicodedata.normalize("NFD", longest))
    assert not await verify_password(known, longest + "d")
    assert not await verify_password(known, longest * 1000)


async def test_nothing_opens_an_account_that_is_not_there_or_has_no_hash() -> None:
    await warm_up()
    for known in (None, "", "not a hash", "$argon2id$v=19$m=1,t=1,p=1$$"):
        assert not await verify_password(known, GOOD)


async def test_a_hash_of_weaker_parameters_is_to_be_made_anew() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert needs_rehash(weak)
    assert not needs_rehash(await hash_password(GOOD))


@pytest.mark.parametrize(
    "password",
    [
        "",
        "123456789",
        "a" * 40,
        "ababababab",
        "abcabcabcabc",
        "x" * 100 + "abcdef" * 10,
        "thuky.nampo-1",
        "THUKY.NAMPO-1",
        "password123",
        "Password@123",
        "1234567890",
        "qwertyuiop",
        "iloveyou12",
        "Vietnam@123",
        "Matkhau@2026",
        "mậtkhẩu@123",
        "anhyeuem123",
        "opman.ykuht",
        "hop-bon-cap-2026",
        "HOP-BON-CAP-2026",
        "passwordpassword",
        "password123password",
        "matkhaumatkhau123",
        "1234567890123456",
        "qwertyuiopasdfgh",
        "anhyeuemanhyeuem",
        "aA1!" * 16,
        "ê\u0323\u0301" * 100,
        "b" + "\u0323\u0301" * 1_000_000,
    ],
)
def test_a_guessable_or_unfit_password_is_refused(password: str) -> None:
    with pytest.raises(BadInput):
        check_password(password, "thuky.nampo")


def test_a_password_alone_has_fifteen_signs() -> None:
    check_password("gạo nếp Điện Bi")
    with pytest.raises(BadInput, match="15"):
        check_password("gạo nếp Điện B")


async def test_an_older_shorter_password_opens_as_before() -> None:
    assert await verify_password(await hash_password("gạo nếp ĐB"), "gạo nếp ĐB")


def test_a_phrase_is_accepted_and_so_is_what_we_make() -> None:
    check_password(GOOD, "thuky.nampo")
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        check_password(password)
        assert [len(part) for part in password.split("-")] == [4, 4, 4, 4]
