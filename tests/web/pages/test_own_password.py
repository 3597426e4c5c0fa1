"""Changing one's own password."""

from __future__ import annotations

import pytest

from tests.web.browser import PASSWORD, Making, SignedIn, sign_in, submit
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
        ({"password": "ngan", "password_again": "ngan"}, "Mật khẩu cần từ 10 đến 128 ký tự"),
        ({"password": "x" * 129, "password_again": "x" * 129}, "Mật khẩu cần từ 10 đến 128"),
        ({"password": "ababababab", "password_again": "ababababab"}, "Mật khẩu quá dễ đoán"),
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


@pytest.mark.parametrize("role", ["admin", "secretary", "technician", "site"])
async def test_every_role_may(signed_in: SignedIn, role: str) -> None:
    browser = await signed_in(role, "cha-nua")
    assert (await browser.get("/account/password")).status == 200
