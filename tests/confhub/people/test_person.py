"""What is taken for a telephone number and an address of mail."""

from __future__ import annotations

import pytest

from confhub.people.account import Account
from confhub.people.person import Person, check_person, dialled, person_of

NAME = "Lò Thị Thư Ký"


@pytest.mark.parametrize(
    "phone",
    ["", "113", "0215 3 825 111", "(0215) 382-5111", "+84 912 345 678", "0215.3825.111 máy lẻ 12"],
)
def test_numbers_as_people_write_them_are_taken(phone: str) -> None:
    assert check_person(Person("a", NAME, phone=phone)) == {}


@pytest.mark.parametrize("phone", ["12", "không có", "0215 <b>", "+", "1" * 41, "----------"])
def test_what_cannot_be_dialled_is_refused(phone: str) -> None:
    assert set(check_person(Person("a", NAME, phone=phone))) == {"phone"}


@pytest.mark.parametrize("email", ["", "thuky@dienbien.gov.vn", "lo.thi+hop@nampo.dienbien.gov.vn"])
def test_plain_addresses_are_taken(email: str) -> None:
    assert check_person(Person("a", NAME, email=email)) == {}


@pytest.mark.parametrize(
    "email",
    ["thuky", "@gov.vn", "a b@gov.vn", "a@gov", "A <a@gov.vn>", "a@b@c.vn", "a" * 250 + "@x.vn"],
)
def test_what_no_letter_reaches_is_refused(email: str) -> None:
    assert set(check_person(Person("a", NAME, email=email))) == {"email"}


def test_a_person_has_a_name_and_no_endless_title() -> None:
    assert set(check_person(Person("a", "", "x" * 121))) == {"name", "title"}


def test_an_account_by_itself_tells_name_and_unit() -> None:
    account = Account("a", "thuky", NAME, "secretary", "district")
    assert person_of(account) == Person("a", NAME, unit_id="district")


@pytest.mark.parametrize(
    ("phone", "address"),
    [
        ("0215 3 825 111", "tel:02153825111"),
        ("(0215) 382-5111 máy lẻ 12", "tel:02153825111;ext=12"),
        ("0215.3825.111 ext. 7", "tel:02153825111;ext=7"),
        ("+84 912 345 678", "tel:+84912345678"),
        ("0900 1 (anh Khánh)", "tel:09001"),
    ],
)
def test_a_telephone_dials_numbers_as_people_write_them(phone: str, address: str) -> None:
    assert dialled(phone) == address
