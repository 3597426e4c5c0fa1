"""Changing one's own password."""

from __future__ import annotations

import pytest

from confhub.people.passwords import hash_password, verify_password
from tests.web.browser import (
    PASSWORD,
    Making,
    SignedIn,
    WebClient,
    csrf_in,
    sign_in,
    submit,
)
from web.pages.people import own_password
from web.services import Services

WANTED = "mot cau de nho hon"
FORM = {"present": PASSWORD, "password": WANTED, "password_again": WANTED}


async def test_the_new_password_opens_and_the_old_one_does_not(
    signed_in: SignedIn, new_client: Making, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await submit(browser, "/account/password", FORM)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Đã đổi mật khẩu." in await (await browser.get("/")).text()
    elsewhere = await new_client()
    assert (await sign_in(elsewhere, "secretary.nam-po")).status == 400
    assert (await sign_in(elsewhere, "secretary.nam-po", WANTED)).status == 303
    entries = await services.store.audit.recent(5, subject="secre-nam-po")
    assert [entry.action for entry in entries] == ["account.password_changed"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"present": "sai mat khau"}, "Mật khẩu hiện tại không đúng"),
        ({"present": ""}, "Mật khẩu hiện tại không đúng"),
        ({"password_again": WANTED + "x"}, "Hai lần nhập không giống nhau"),
        ({"password": "ngan", "password_again": "ngan"}, "Mật khẩu cần từ 15 đến 128 ký tự"),
        ({"password": "x" * 129, "password_again": "x" * 129}, "Mật khẩu cần từ 15 đến 128"),
        (
            {"password": "ababababababababab", "password_again": "ababababababababab"},
            "Mật khẩu quá dễ đoán",
        ),
        (
            {"password": "secretary.nam-po1", "password_again": "secretary.nam-po1"},
            "Mật khẩu quá dễ đoán",
        ),
    ],
)
async def test_a_wrong_form_changes_nothing_and_repeats_no_password(
    signed_in: SignedIn, new_client: Making, changed: dict[str, str], message: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await submit(browser, "/account/password", FORM | changed)
    page = await answer.text()
    assert answer.status == 400
    assert message in page
    assert WANTED not in page
    assert PASSWORD not in page
    assert (await sign_in(await new_client(), "secretary.nam-po")).status == 303


async def test_two_who_change_it_at_one_time_do_not_undo_each_other(
    signed_in: SignedIn, new_client: Making, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def verify(password_hash: str | None, password: str) -> bool:
        right = await verify_password(password_hash, password)
        await services.store.accounts.set_password("secre-nam-po", await hash_password(WANTED))
        return right

    browser = await signed_in("secretary", "nam-po")
    monkeypatch.setattr(own_password, "verify_password", verify)
    late = "mot cau khac de nho"
    form = FORM | {"password": late, "password_again": late}
    answer = await submit(browser, "/account/password", form)
    assert answer.status == 400
    assert "Mật khẩu hiện tại không đúng" in await answer.text()
    assert (await sign_in(await new_client(), "secretary.nam-po", WANTED)).status == 303


async def test_a_new_password_is_judged_only_for_who_knows_the_present_one(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []

    async def judge(password: str, _login: str) -> None:
        judged.append(password)

    monkeypatch.setattr(own_password, "check_new_password", judge)
    browser = await signed_in("secretary", "nam-po")
    for changed in ({"present": "sai mat khau"}, {"password_again": "x"}, {"password": "ngan"}):
        assert (await submit(browser, "/account/password", FORM | changed)).status == 400
    assert judged == []
    assert (await submit(browser, "/account/password", FORM)).status == 303
    assert judged == [WANTED]


@pytest.mark.parametrize("role", ["admin", "secretary", "technician", "site"])
async def test_every_role_may(signed_in: SignedIn, role: str) -> None:
    browser = await signed_in(role, "cha-nua")
    assert (await browser.get("/account/password")).status == 200


@pytest.mark.parametrize(
    "wanted", ["passwordpassword", "matkhaumatkhau123", "hop-bon-cap-2026", PASSWORD]
)
async def test_a_password_that_others_would_guess_or_know_is_refused(
    signed_in: SignedIn, new_client: Making, wanted: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {"present": PASSWORD, "password": wanted, "password_again": wanted}
    answer = await submit(browser, "/account/password", form)
    assert answer.status == 400
    page = await answer.text()
    assert "quá dễ đoán" in page or "khác mật khẩu hiện tại" in page
    assert (await sign_in(await new_client(), "secretary.nam-po")).status == 303


async def issue(services: Services) -> None:
    password_hash = await hash_password(PASSWORD)
    await services.store.accounts.set_password("secre-nam-po", password_hash, issued=True)


async def test_a_password_that_was_issued_opens_the_page_to_change_it_alone(
    client: WebClient, services: Services
) -> None:
    await issue(services)
    assert (await sign_in(client, "secretary.nam-po", target="/meetings")).status == 303
    asked = await client.get("/meetings?view=week", allow_redirects=False)
    assert (asked.status, asked.headers["Location"]) == (
        303,
        "/account/password?next=%2Fmeetings%3Fview%3Dweek",
    )
    page = await (await client.get(asked.headers["Location"])).text()
    assert "do người khác đặt" in page
    token = csrf_in(page)
    posted = await client.post("/meetings/new", data={"csrf": token}, allow_redirects=False)
    assert posted.headers["Location"].startswith("/account/password")
    told = await client.get("/api/units/tree?parent=")
    assert (told.status, (await told.json())["code"]) == (403, "password_issued")
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert (await client.get("/meetings/m1/socket", headers=upgrade)).status == 403

    form = FORM | {"csrf": token, "next": "/meetings?view=week"}
    changed = await client.post("/account/password", data=form, allow_redirects=False)
    assert (changed.status, changed.headers["Location"]) == (303, "/meetings?view=week")
    assert (await client.get("/meetings", allow_redirects=False)).status == 200


async def test_who_has_an_issued_password_may_leave(client: WebClient, services: Services) -> None:
    await issue(services)
    await sign_in(client, "secretary.nam-po")
    token = csrf_in(await (await client.get("/account/password")).text())
    answer = await client.post("/signout", data={"csrf": token}, allow_redirects=False)
    assert answer.headers["Location"] == "/signin"
    assert (await client.get("/", allow_redirects=False)).headers["Location"] == "/signin"


async def test_passwords_that_an_administrator_makes_are_issued(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    await submit(browser, "/accounts/secre-nam-po/password", {})
    assert (await services.store.accounts.get("secre-nam-po")).password_issued
    form = {"name": "Lò Văn Chung", "login": "chung.lo", "role": "site", "unit_id": "cha-nua"}
    await submit(browser, "/accounts/new", form | {"language": "vi", "active": "1"})
    found = await services.store.accounts.by_login("chung.lo")
    assert found is not None
    assert found[0].password_issued
    # A change of the account by the administrator leaves it so.
    edited = form | {"name": "Lò Văn Chúng", "language": "vi", "active": "1", "version": "1"}
    answer = await submit(browser, f"/accounts/{found[0].id}", edited)
    assert answer.status == 303
    assert (await services.store.accounts.get(found[0].id)).password_issued
