"""An account's form, read and applied without a server."""

from __future__ import annotations

from confhub.people.account import Account
from confhub.people.person import person_of
from web.pages.people.account_form import apply_form, form_of, read_form

OTHER = Account("b", "thuky", "Thư ký", "secretary", "cha-nua")


def test_an_unchanged_form_changes_nothing() -> None:
    assert apply_form(form_of(OTHER, person_of(OTHER)), OTHER) == OTHER


def test_a_form_is_read_with_spaces_and_case_folded() -> None:
    form = read_form({"login": " Thu.Ky ", "name": " Lò   Văn  Chung ", "role": "site "})
    assert (form.login, form.name, form.role) == ("thu.ky", "Lò Văn Chung", "site")
    assert not form.active
