"""The pages of people without an account."""

from __future__ import annotations

import re

import pytest

from confhub.identity import new_id
from confhub.people.account import Account
from confhub.people.person import Person
from tests.web.browser import Clock, SignedIn, WebClient, submit
from web.pages.people import address_book
from web.services import Services

CHAIR = {
    "name": "Cà  A Páo",
    "title": "Chủ tịch UBND xã",
    "unit_id": "cha-nua",
    "phone": "0215 3 825 111 máy lẻ 12",
    "email": "ca.a.pao@dienbien.gov.vn",
}


async def book(services: Services, unit_id: str = "cha-nua") -> list[Person]:
    return await services.store.address_book.list([unit_id])


async def page_of(browser: WebClient, path: str) -> str:
    return await (await browser.get(path)).text()


async def test_a_secretary_notes_who_chairs_and_finds_them_by_any_of_it(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    assert "Danh bạ chưa có ai" in await page_of(browser, "/people")
    form = await page_of(browser, "/people/new")
    key = re.search(r'name="key" value="(\w+)"', form)
    assert key is not None
    for _ in range(2):  # sent twice, noted once
        answer = await submit(browser, "/people/new", {**CHAIR, "key": key[1]})
        assert (answer.status, answer.headers["Location"]) == (303, "/people")
    (person,) = await book(services)
    assert (person.name, person.title) == ("Cà A Páo", "Chủ tịch UBND xã")
    html = await page_of(browser, "/people")
    for told in ("Cà A Páo", "Xã Chà Nưa", "tel:02153825111;ext=12", "mailto:ca.a.pao@"):
        assert told in html
    for query, found in (("pao", 1), ("cha nua", 1), ("3825", 0), ("3 825", 1), ("khong", 0)):
        assert ("Cà A Páo" in await page_of(browser, f"/people?q={query}")) is bool(found)


async def test_a_form_under_somebody_else_s_key_is_shown_again_under_a_new_one(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    account = Account(new_id(), "to.lo", "Lò Văn Tố", "technician", "nam-po")
    await services.store.accounts.add(account, "hash")
    taken = {**CHAIR, "key": account.id}
    answer = await submit(browser, "/people/new", taken)
    html = await answer.text()
    assert answer.status == 400
    assert "Biểu mẫu này đã dùng để ghi một mục khác" in html
    key = re.search(r'name="key" value="(\w+)"', html)
    assert key is not None
    answer = await submit(browser, "/people/new", {**CHAIR, "key": key[1]})
    assert answer.status == 303
    assert len(await book(services)) == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "\u200b"}, "Xin ghi họ tên"),
        ({"phone": "gọi sau"}, "Xin ghi số điện thoại"),
        ({"email": "a@b"}, "Xin ghi địa chỉ thư"),
        ({"unit_id": "lai-chau"}, "Xin chọn đơn vị của bạn"),
        ({"unit_id": ""}, "Xin chọn đơn vị của bạn"),
    ],
)
async def test_a_wrong_form_is_shown_again_with_what_to_mend(
    signed_in: SignedIn, services: Services, changed: dict[str, str], message: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await submit(browser, "/people/new", CHAIR | changed)
    html = await answer.text()
    assert answer.status == 400
    assert message in html
    assert "Chủ tịch UBND xã" in html
    assert await book(services) == []


async def test_a_person_is_changed_ended_and_taken_back(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("admin", "nam-po")
    await submit(browser, "/people/new", CHAIR)
    (person,) = await book(services)
    path = f"/people/{person.id}"
    await submit(browser, path, {**CHAIR, "title": "Bí thư", "version": "1"})
    late = await submit(browser, path, {**CHAIR, "title": "Khác", "version": "1"})
    assert late.status == 400
    assert "đã được người khác thay đổi" in await late.text()
    assert "Không còn làm việc?" in await page_of(browser, f"{path}/end")
    assert (await submit(browser, f"{path}/end", {"version": "1"})).status == 409
    assert (await submit(browser, f"{path}/end", {"version": "2"})).status == 303
    (person,) = await book(services)
    assert (person.title, person.ended_at) == ("Bí thư", clock.now)
    assert "Không còn làm việc" in await page_of(browser, "/people")
    await submit(browser, f"{path}/end", {"version": "3", "back": "1"})
    assert (await book(services))[0].ended_at is None


async def test_people_out_of_reach_are_not_there(signed_in: SignedIn, services: Services) -> None:
    await services.store.address_book.add(Person("far", "Người Lai Châu", unit_id="lai-chau"))
    browser = await signed_in("secretary", "nam-po")
    assert "Người Lai Châu" not in await page_of(browser, "/people")
    for path in ("/people/far", "/people/far/end"):
        assert (await browser.get(path)).status == 404
        assert (await submit(browser, path, {**CHAIR, "version": "1"})).status == 404
    assert (await book(services, "lai-chau"))[0].name == "Người Lai Châu"


@pytest.mark.parametrize("role", ["technician", "site"])
async def test_others_have_no_address_book(signed_in: SignedIn, role: str) -> None:
    browser = await signed_in(role, "nam-po")
    assert (await browser.get("/people")).status == 403
    assert 'href="/people"' not in await page_of(browser, "/account")


async def test_a_long_book_comes_in_pages(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_book, "PAGE_SIZE", 2)
    for number in range(3):
        person = Person(f"p{number}", f"Người {number}", unit_id="nam-po")
        await services.store.address_book.add(person)
    browser = await signed_in("secretary", "nam-po")
    assert (await page_of(browser, "/people?q=nguoi")).count("cell-main") == 2
    assert (await page_of(browser, "/people?q=nguoi&start=2")).count("cell-main") == 1
