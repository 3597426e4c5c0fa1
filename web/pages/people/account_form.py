"""An account's form: what it says. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from confhub.errors import N_
from confhub.people.account import Account, Role, fold_login
from confhub.people.person import Person
from confhub.words.languages import Language
from confhub.words.texts import one_line

ROLE_NOTES: Mapping[Role, str] = {
    "secretary": N_("Lên lịch, mời và điều hành cuộc họp."),
    "technician": N_("Quản lý điểm cầu, theo dõi đường truyền."),
    "site": N_("Vào các cuộc họp của điểm cầu đơn vị mình."),
    "admin": N_("Mọi quyền trong đơn vị và các đơn vị trực thuộc, kể cả tài khoản."),
}
LANGUAGES: tuple[Language, ...] = ("vi", "en")


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What was typed, kept to be shown again."""

    login: str = ""
    name: str = ""
    role: str = "site"
    unit_id: str = ""
    language: str = "vi"
    active: bool = True
    title: str = ""
    email: str = ""
    phone: str = ""


def read_form(fields: Mapping[str, object]) -> AccountForm:
    def text(name: str) -> str:
        return one_line(str(fields.get(name, "")))

    return AccountForm(
        login=fold_login(text("login")),
        name=text("name"),
        role=text("role"),
        unit_id=text("unit_id"),
        language=text("language"),
        active="active" in fields,
        title=text("title"),
        email=text("email"),
        phone=text("phone"),
    )


def form_of(account: Account, person: Person) -> AccountForm:
    return AccountForm(
        account.login,
        account.name,
        account.role,
        account.unit_id,
        account.language,
        account.active,
        person.title,
        person.email,
        person.phone,
    )


def person_in(form: AccountForm, account: Account) -> Person:
    """Who holds `account`, as the form says."""
    return Person(account.id, form.name, form.title, account.unit_id, form.email, form.phone)


def apply_form(form: AccountForm, account: Account) -> Account:
    """`account` as the form says, be it right or not: the use case checks it."""
    language = next((known for known in LANGUAGES if known == form.language), account.language)
    return dataclasses.replace(
        account,
        login=form.login,
        name=form.name,
        role=cast(Role, form.role),
        unit_id=form.unit_id,
        language=language,
        active=form.active,
    )
