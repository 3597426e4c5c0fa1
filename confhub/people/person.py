"""Who stands behind an account: a name, what they are, and how they are reached. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from confhub.errors import N_, BadInput, ConfhubError
from confhub.people.account import Account, check_name
from confhub.words.addresses import is_email

# The store's columns.
MAX_TITLE_LENGTH = 120
MAX_PHONE_LENGTH = 40
# As people write numbers: "0215 3 825 111", "(0215) 382-5111 máy lẻ 12", "+84 912 345 678".
_PHONE = re.compile(r"\+?[\d\s().\-/]{3,}(?:(?:máy lẻ|ext\.?|x)\s*\d{1,6})?", re.IGNORECASE)
_EXTENSION = re.compile(r"máy lẻ|ext\.?|x", re.IGNORECASE)
_FEWEST_DIGITS = 3  # extensions inside an office


@dataclass(frozen=True, slots=True)
class Person:
    """Of an account's holder, `id` is the account's, and what is below `phone` is not used.
    `title` is the position, as in letters."""

    id: str
    name: str
    title: str = ""
    unit_id: str = ""  # where they work
    email: str = ""
    phone: str = ""
    ended_at: dt.datetime | None = None  # when they left; stays in the book for what was before
    version: int = 1


def person_of(account: Account) -> Person:
    """What an account by itself tells of its holder."""
    return Person(account.id, account.name, unit_id=account.unit_id)


def check_person(person: Person) -> Mapping[str, ConfhubError]:
    """What is wrong with a person's texts, by field; empty: nothing. Texts as `one_line` leaves
    them; all but the name may be empty."""
    problems = dict(check_name(person.name))
    if len(person.title) > MAX_TITLE_LENGTH:
        problems["title"] = BadInput(
            N_("Chức vụ nhiều nhất %(max)s ký tự."), values={"max": MAX_TITLE_LENGTH}
        )
    if person.phone and not is_phone(person.phone):
        problems["phone"] = BadInput(N_("Xin ghi số điện thoại, ví dụ 0215 3 825 111."))
    if person.email and not is_email(person.email):
        problems["email"] = BadInput(N_("Xin ghi địa chỉ thư, ví dụ ten@dienbien.gov.vn."))
    return problems


def dialled(phone: str) -> str:
    """The address that a telephone dials (RFC 3966) for a number as people write it."""
    number, _, extension = _EXTENSION.sub(";", phone).partition(";")
    digits = "".join(c for c in number if c.isdecimal() or c == "+")
    further = "".join(c for c in extension if c.isdecimal())
    return f"tel:{digits};ext={further}" if further else f"tel:{digits}"


def is_phone(text: str) -> bool:
    enough = sum(c.isdigit() for c in text) >= _FEWEST_DIGITS
    return enough and len(text) <= MAX_PHONE_LENGTH and bool(_PHONE.fullmatch(text))
