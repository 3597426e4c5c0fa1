"""Accounts: who sees and changes which, and what a wrong form says."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from confhub.people.account import Account
from confhub.people.grant import Grant
from tests.web.browser import (
    NOON,
    PASSWORD,
    Clock,
    Making,
    SignedIn,
    WebClient,
    csrf,
    sign_in,
    submit,
)
from web.pages.people import list as accounts
from web.services import Services

NEW = {
    "name": "Lò  Văn Chung",
    "login": " Chung.Lo ",
    "role": "site",
    "unit_id": "cha-nua",
    "language": "vi",
    "active": "1",
}


def password_in(page: str) -> str:
    found = re.search(r'id="new-password">([^<]+)<', page)
    assert found is not None, page
    return found[1]


async def test_the_list_holds_the_administrators_unit_and_those_below(
    signed_in: SignedIn,
) -> None:
    page = await (await (await signed_in("admin", "nam-po")).get("/accounts")).text()
    for login in ("secretary.nam-po", "site.cha-nua", "technician.si-pha"):
        assert login in page
    assert "dien-bien" not in page
    assert "lai-chau" not in page
    assert "12 tài khoản" in page


async def test_a_search_needs_no_diacritics_and_a_role_narrows_the_list(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("admin", "dien-bien")
    page = await (await browser.get("/accounts?q=cha+nua&role=technician")).text()
    assert "technician.cha-nua" in page
    assert "1 tài khoản" in page
    page = await (await browser.get("/accounts?q=khong-co&role=x")).text()
    assert "Không có tài khoản nào khớp" in page


async def test_units_come_from_the_top_and_in_each_the_locked_last(
    signed_in: SignedIn, services: Services
) -> None:
    account = await services.store.accounts.get("secre-nam-po")
    await services.store.accounts.update(dataclasses.replace(account, active=False))
    page = await (await (await signed_in("admin", "nam-po")).get("/accounts")).text()
    logins = re.findall(r"<td data-label=\"Tên đăng nhập\">([^<]+)<", page)
    in_order = ("technician", "site", "admin", "secretary")
    assert logins[:4] == [f"{role}.nam-po" for role in in_order]
    assert logins[4:] == [
        f"{role}.{unit}"
        for unit in ("cha-nua", "si-pha")
        for role in ("secretary", "technician", "site", "admin")
    ]
    assert "Đã khóa" in page


async def test_a_long_list_comes_in_pages(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "PAGE_SIZE", 5)
    browser = await signed_in("admin", "nam-po")
    first = await (await browser.get("/accounts")).text()
    assert first.count('class="cell-main"') == 5
    assert "start=5" in first
    last = await (await browser.get("/accounts?start=10")).text()
    assert last.count('class="cell-main"') == 2
    for start in ("-1", "x", "999", "9" * 30, "²"):
        page = await browser.get("/accounts", params={"start": start})
        assert (await page.text()).count('class="cell-main"') == 5


@pytest.mark.usefixtures("full_passwords")
async def test_a_new_account_signs_in_with_the_password_shown_once(
    signed_in: SignedIn, new_client: Making, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await submit(browser, "/accounts/new", NEW)
    assert answer.status == 200
    password = password_in(await answer.text())
    found = await services.store.accounts.by_login("chung.lo")
    assert found is not None
    account, password_hash = found
    assert (account.name, account.role, account.unit_id) == ("Lò Văn Chung", "site", "cha-nua")
    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password not in password_hash
    assert (await sign_in(await new_client(), "chung.lo", password)).status == 303


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"login": "a b"}, "Dùng 3 đến 64"),
        ({"login": "Đặng"}, "Dùng 3 đến 64"),
        ({"login": "secretary.nam-po"}, "Tên đăng nhập này đã được dùng"),
        ({"name": " "}, "Xin ghi họ tên"),
        ({"name": "x" * 121}, "Xin ghi họ tên"),
        ({"unit_id": "dien-bien"}, "Xin chọn đơn vị của bạn"),
        ({"unit_id": "lai-chau"}, "Xin chọn đơn vị của bạn"),
        ({"unit_id": ""}, "Xin chọn đơn vị của bạn"),
        ({"unit_id": "khong-co"}, "Xin chọn đơn vị của bạn"),
        ({"role": "root"}, "Bạn không thể giao vai trò này"),
    ],
)
async def test_a_wrong_form_is_shown_again_with_what_to_mend(
    signed_in: SignedIn, services: Services, changed: dict[str, str], message: str
) -> None:
    browser = await signed_in("admin", "nam-po")
    before = len(await services.store.accounts.list())
    answer = await submit(browser, "/accounts/new", NEW | changed)
    page = await answer.text()
    assert answer.status == 400
    assert message in page
    assert 'aria-invalid="true"' in page
    assert len(await services.store.accounts.list()) == before


async def test_what_was_typed_stays_in_a_wrong_form(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    page = await (await submit(browser, "/accounts/new", NEW | {"login": "a b"})).text()
    assert 'value="Lò Văn Chung"' in page
    assert 'value="cha-nua" selected' in page


@pytest.mark.parametrize("path", ["/accounts/{}", "/accounts/{}/password"])
@pytest.mark.parametrize("account_id", ["secre-dien-bien", "admin-central", "site-lai-chau", "x"])
async def test_an_account_out_of_reach_is_not_there(
    signed_in: SignedIn, services: Services, path: str, account_id: str
) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await submit(browser, path.format(account_id), NEW)
    assert answer.status == 404
    if not path.endswith("password"):
        assert (await browser.get(path.format(account_id))).status == 404
    assert await services.store.accounts.by_login("chung.lo") is None


async def test_an_account_is_not_moved_out_of_reach(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    form = NEW | {"unit_id": "dien-bien", "version": "1"}
    assert (await submit(browser, "/accounts/site-cha-nua", form)).status == 400
    assert (await services.store.accounts.get("site-cha-nua")).unit_id == "cha-nua"


async def test_a_change_is_saved_and_written_down(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await submit(browser, "/accounts/site-cha-nua", NEW | {"version": "1"})
    assert (answer.status, answer.headers["Location"]) == (303, "/accounts")
    assert (await services.store.accounts.get("site-cha-nua")).login == "chung.lo"
    entry = (await services.store.audit.recent(1, subject="site-cha-nua"))[0]
    assert (entry.action, entry.account_id) == ("account.changed", "admin-nam-po")


async def test_a_form_opened_before_anothers_change_overwrites_nothing(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    await submit(browser, "/accounts/site-cha-nua", NEW | {"version": "1"})
    answer = await submit(browser, "/accounts/site-cha-nua", NEW | {"version": "1", "name": "Khác"})
    page = await answer.text()
    assert answer.status == 400
    assert "đã được người khác thay đổi" in page
    assert 'value="Khác"' in page
    assert (await services.store.accounts.get("site-cha-nua")).name == "Lò Văn Chung"


@pytest.mark.parametrize("version", ["9" * 5_000, "9" * 30, "9" * 10, "١", "²", "-1", "x", ""])
async def test_a_version_that_is_none_is_told_and_not_saved(
    signed_in: SignedIn, services: Services, version: str
) -> None:
    browser = await signed_in("admin", "nam-po")
    answer = await submit(browser, "/accounts/site-cha-nua", NEW | {"version": version})
    assert answer.status == 400
    assert (await services.store.accounts.get("site-cha-nua")).version == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"role": "secretary"}, "đổi vai trò của chính mình"),
        ({"unit_id": "cha-nua"}, "chuyển đơn vị của chính mình"),
        ({"active": ""}, "khóa tài khoản của chính mình"),
    ],
)
async def test_nobody_saws_off_the_branch_they_sit_on(
    signed_in: SignedIn, services: Services, changed: dict[str, str], message: str
) -> None:
    browser = await signed_in("admin", "nam-po")
    form = NEW | {"login": "admin.nam-po", "role": "admin", "unit_id": "nam-po", "version": "1"}
    form |= changed
    if not form["active"]:
        del form["active"]
    answer = await submit(browser, "/accounts/admin-nam-po", form)
    assert answer.status == 400
    assert message in await answer.text()
    account = await services.store.accounts.get("admin-nam-po")
    assert account == Account("admin-nam-po", "admin.nam-po", account.name, "admin", "nam-po")


async def test_a_reset_password_replaces_the_old_one_and_signs_out(
    signed_in: SignedIn, new_client: Making
) -> None:
    owner, browser = await signed_in("site", "cha-nua"), await signed_in("admin", "nam-po")
    page = await (await submit(browser, "/accounts/site-cha-nua/password", {})).text()
    assert (await owner.get("/", allow_redirects=False)).status == 303
    elsewhere = await new_client()
    assert (await sign_in(elsewhere, "site.cha-nua", PASSWORD)).status == 400
    assert (await sign_in(elsewhere, "site.cha-nua", password_in(page))).status == 303


async def test_a_reset_that_is_sent_again_makes_no_other_password(
    signed_in: SignedIn, new_client: Making, services: Services
) -> None:
    browser, path = await signed_in("admin", "nam-po"), "/accounts/site-cha-nua/password"
    key = re.findall(r'name="key" value="(\w+)"', await (await browser.get(path)).text())
    page = await (await submit(browser, path, {"key": key[0]})).text()
    again = await submit(browser, path, {"key": key[0]})
    assert again.status == 409
    html = await again.text()
    assert "đã được đặt lại từ trang này" in html
    assert f'value="{key[0]}"' not in html  # pressed once more it makes one
    lines = await services.store.audit.recent(9, "site-cha-nua")
    assert [line.action for line in lines].count("account.password_reset") == 1
    elsewhere = await new_client()
    assert (await sign_in(elsewhere, "site.cha-nua", password_in(page))).status == 303


async def test_a_reset_asks_first_and_changes_nothing_by_asking(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    before = await services.store.accounts.by_login("secretary.nam-po")
    page = await (await browser.get("/accounts/secre-nam-po/password")).text()
    assert "Đặt lại mật khẩu?" in page
    assert await services.store.accounts.by_login("secretary.nam-po") == before
    answer = await browser.get("/accounts/admin-nam-po/password", allow_redirects=False)
    assert answer.headers["Location"] == "/account/password"


async def test_ones_own_password_is_never_reset_without_the_present_one(
    signed_in: SignedIn, new_client: Making
) -> None:
    browser = await signed_in("admin", "nam-po")
    assert (
        "/accounts/admin-nam-po/password"
        not in await (await browser.get("/accounts/admin-nam-po")).text()
    )
    answer = await submit(browser, "/accounts/admin-nam-po/password", {})
    assert answer.headers["Location"] == "/account/password"
    assert (await sign_in(await new_client(), "admin.nam-po")).status == 303


async def test_in_a_large_tree_a_unit_is_searched_for(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.rendering.unit_choice.LONGEST_LIST", 2)
    browser = await signed_in("admin", "central")
    page = await (await browser.get("/accounts/new", params={"q": "si pa phin"})).text()
    assert "/accounts/new?unit=si-pha" in page
    assert "Huyện Nậm Pồ, Tỉnh Điện Biên, Văn phòng Chính phủ" in page
    page = await (await browser.get("/accounts/new?unit=si-pha")).text()
    assert 'name="unit_id" value="si-pha"' in page
    assert await csrf(browser)


async def named_under(browser: WebClient, role: str) -> set[str]:
    page = await (await browser.get("/accounts", params={"role": role})).text()
    return set(re.findall(r"<td data-label=\"Tên đăng nhập\">([^<]+)<", page))


async def test_a_role_finds_whoever_holds_it_now_by_any_right(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("admin", "nam-po")
    hour = dt.timedelta(hours=1)
    grants = services.store.grants
    await grants.add(Grant("further", "site-cha-nua", "secretary", "si-pha", NOON, NOON + hour))
    post = (await grants.of("techn-si-pha"))[0]
    await grants.set_end(post, NOON + hour)
    posts = {f"secretary.{unit}" for unit in ("nam-po", "cha-nua", "si-pha")}
    assert await named_under(browser, "secretary") == posts | {"site.cha-nua"}
    assert "Thư ký, Xã Si Pa Phìn" in await (await browser.get("/accounts?role=secretary")).text()
    assert "technician.si-pha" in await named_under(browser, "technician")
    clock.now = NOON + hour
    assert await named_under(browser, "secretary") == posts
    assert "technician.si-pha" not in await named_under(browser, "technician")
    assert "không còn vai trò" in await (await browser.get("/accounts")).text()


async def test_a_locked_account_is_found_by_what_it_would_hold(
    signed_in: SignedIn, services: Services
) -> None:
    account = await services.store.accounts.get("secre-si-pha")
    await services.store.accounts.update(dataclasses.replace(account, active=False))
    browser = await signed_in("admin", "nam-po")
    assert "secretary.si-pha" in await named_under(browser, "secretary")


async def test_a_role_narrows_the_people_of_other_units_too(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.grants.add(Grant("guest", "secre-lai-chau", "technician", "si-pha"))
    browser = await signed_in("admin", "nam-po")
    for role, told in (("technician", True), ("secretary", False), ("", True)):
        page = await (await browser.get("/accounts", params={"role": role})).text()
        assert ("Secretary Tỉnh Lai Châu" in page) is told
