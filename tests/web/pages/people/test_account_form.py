"""An account's form, read and applied without a server."""

from __future__ import annotations

import dataclasses

import pytest

from confhub.errors import FieldErrors
from confhub.people.account import Account, Role
from confhub.people.grant import post_of
from confhub.people.person import person_of
from web.pages.people.account_form import AccountForm, apply_form, form_of, read_form

ADMIN = Account("a", "quantri", "Quản trị", "admin", "nam-po")
OTHER = Account("b", "thuky", "Thư ký", "secretary", "cha-nua")
PATH = ("central", "dien-bien", "nam-po", "cha-nua")
FORM = form_of(OTHER, person_of(OTHER))


def wrong_fields(form: AccountForm, by: Account = ADMIN, path: tuple[str, ...] = PATH) -> set[str]:
    with pytest.raises(FieldErrors) as refusal:
        apply_form(form, OTHER, by=by, grants=[post_of(by)], unit_path=path)
    return set(refusal.value.fields)


def test_an_unchanged_form_changes_nothing() -> None:
    assert apply_form(FORM, OTHER, by=ADMIN, grants=[post_of(ADMIN)], unit_path=PATH) == OTHER


def test_a_form_is_read_with_spaces_and_case_folded() -> None:
    form = read_form({"login": " Thu.Ky ", "name": " Lò   Văn  Chung ", "role": "site "})
    assert (form.login, form.name, form.role) == ("thu.ky", "Lò Văn Chung", "site")
    assert not form.active


@pytest.mark.parametrize("login", ["ab", "a" * 65, "a b", ".abc", "thư.ký", "a/b", "a\nb", ""])
def test_a_login_that_is_hard_to_type_is_refused(login: str) -> None:
    assert wrong_fields(dataclasses.replace(FORM, login=login)) == {"login"}


@pytest.mark.parametrize("login", ["abc", "a" * 64, "thuky.nampo", "x-1_2@dienbien.vn"])
def test_a_plain_login_is_taken(login: str) -> None:
    form = dataclasses.replace(FORM, login=login)
    assert apply_form(form, OTHER, by=ADMIN, grants=[post_of(ADMIN)], unit_path=PATH).login == login


@pytest.mark.parametrize("role", ["admin", "secretary", "technician", "site"])
def test_an_administrator_grants_every_role_in_the_units_below(role: Role) -> None:
    form = dataclasses.replace(FORM, role=role)
    assert apply_form(form, OTHER, by=ADMIN, grants=[post_of(ADMIN)], unit_path=PATH).role == role


@pytest.mark.parametrize("role", ["secretary", "technician", "site"])
def test_no_other_role_grants_anything(role: Role) -> None:
    by = dataclasses.replace(ADMIN, role=role)
    assert wrong_fields(FORM, by=by) == {"role"}


@pytest.mark.parametrize("path", [(), ("central",), ("central", "lai-chau")])
def test_no_account_is_put_above_or_beside_ones_unit(path: tuple[str, ...]) -> None:
    assert wrong_fields(FORM, path=path) == {"unit_id"}


def test_every_fault_is_told_at_once() -> None:
    assert wrong_fields(AccountForm(role="root"), path=()) == {"login", "name", "unit_id", "role"}
