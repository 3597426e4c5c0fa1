"""An account's form: what it says, and whether the one who sent it may say so. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.people.account import Account, Role, check_names, fold_login
from confhub.people.grant import Grant
from confhub.people.person import Person, check_person
from confhub.people.policy import may_grant
from confhub.words.languages import Language
from confhub.words.texts import one_line

ROLE_NAMES: Mapping[Role, str] = {
    "secretary": N_("Thư ký"),
    "technician": N_("Cán bộ kỹ thuật"),
    "site": N_("Điểm cầu dự họp"),
    "admin": N_("Quản trị"),
}
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


def apply_form(
    form: AccountForm,
    account: Account,
    *,
    by: Account,
    grants: Sequence[Grant],
    unit_path: Sequence[str],
) -> Account:
    """`account` as the form says; raises FieldErrors.

    `grants` are those of `by` in force. `unit_path` leads to the form's unit, and is empty if there
    is no such unit.
    """
    role = next((role for role in ROLE_NAMES if role == form.role), None)
    language = next((known for known in LANGUAGES if known == form.language), None)
    problems: dict[str, ConfhubError] = {**check_person(person_in(form, account))}
    problems |= check_names(form.login, form.name)
    if not any(grant.unit_id in unit_path for grant in grants):
        problems["unit_id"] = BadInput(N_("Xin chọn đơn vị của bạn hoặc đơn vị trực thuộc."))
    in_reach = "unit_id" not in problems
    if role is None or (in_reach and not may_grant(grants, role, unit_path=unit_path)):
        problems["role"] = BadInput(N_("Bạn không thể giao vai trò này."))
    if by.id == account.id:
        problems |= _about_oneself(form, account)
    if problems or role is None:
        raise FieldErrors(problems)
    return dataclasses.replace(
        account,
        login=form.login,
        name=form.name,
        role=role,
        unit_id=form.unit_id,
        language=language or account.language,
        active=form.active,
    )


def _about_oneself(form: AccountForm, account: Account) -> dict[str, ConfhubError]:
    """Nobody saws off the branch they sit on: there is always an administrator left."""
    problems: dict[str, ConfhubError] = {}
    if not form.active:
        problems["active"] = BadInput(N_("Bạn không thể khóa tài khoản của chính mình."))
    if form.role != account.role:
        problems["role"] = BadInput(N_("Bạn không thể đổi vai trò của chính mình."))
    if form.unit_id != account.unit_id:
        problems["unit_id"] = BadInput(N_("Bạn không thể chuyển đơn vị của chính mình."))
    return problems
