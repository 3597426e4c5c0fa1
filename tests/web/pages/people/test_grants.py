"""Rights on their pages: given, told with their reason, ended, handed over."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from confhub.people.grant import Grant, in_force
from confhub.people.person import Person
from tests.web.browser import NOON, Clock, SignedIn, WebClient, submit
from web.services import Services

DAY = dt.timedelta(days=1)


async def give(browser: WebClient, account_id: str, **fields: str) -> int:
    typed = {"role": "secretary", "unit_id": "si-pha", "last": "30/11/2026", "reason": "QĐ 12"}
    answer = await submit(browser, f"/accounts/{account_id}/grants/new", typed | fields)
    return answer.status


async def held(services: Services, account_id: str) -> set[tuple[str, str]]:
    grants = in_force(await services.store.grants.of(account_id), services.clock())
    return {(grant.role, grant.unit_id) for grant in grants}


async def test_a_further_role_is_given_for_a_time_and_told_with_its_reason(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    admin = await signed_in("admin", "nam-po")
    assert await give(admin, "site-cha-nua") == 303
    assert await held(services, "site-cha-nua") == {("site", "cha-nua"), ("secretary", "si-pha")}
    html = await (await admin.get("/accounts/site-cha-nua")).text()
    for told in ("Xã Si Pa Phìn", "30/11/2026", "Admin Huyện Nậm Pồ giao ngày", "QĐ 12"):
        assert told in html
    clock.now = NOON + 6 * DAY
    assert await held(services, "site-cha-nua") == {("secretary", "si-pha"), ("site", "cha-nua")}
    clock.now = NOON + 7 * DAY
    assert await held(services, "site-cha-nua") == {("site", "cha-nua")}
    entry = next(
        e for e in await services.store.audit.recent(9, "site-cha-nua") if e.action == "grant.given"
    )
    assert entry.account_id == "admin-nam-po"


async def test_the_same_form_sent_twice_gives_once(signed_in: SignedIn, services: Services) -> None:
    admin = await signed_in("admin", "nam-po")
    page = await (await admin.get("/accounts/site-cha-nua/grants/new")).text()
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    assert await give(admin, "site-cha-nua", key=key[1]) == 303
    assert await give(admin, "site-cha-nua", key=key[1]) == 303
    assert len(await services.store.grants.of("site-cha-nua")) == 2
    # Changed after going back: another right, under the key of the form that is shown then.
    fields = {"role": "technician", "unit_id": "si-pha"}
    answer = await submit(admin, "/accounts/site-cha-nua/grants/new", fields | {"key": key[1]})
    page = await answer.text()
    assert answer.status == 400
    assert "Biểu mẫu này đã dùng để ghi một mục khác" in page
    again = re.search(r'name="key" value="(\w+)"', page)
    assert again is not None
    assert await give(admin, "site-cha-nua", **fields, key=again[1]) == 303
    assert len(await services.store.grants.of("site-cha-nua")) == 3


@pytest.mark.parametrize(
    ("account_id", "fields", "status"),
    [
        ("site-cha-nua", {"unit_id": "dien-bien"}, 400),
        ("site-cha-nua", {"unit_id": "nowhere"}, 400),
        ("site-cha-nua", {"role": "king"}, 400),
        ("site-cha-nua", {"last": "23/11/2026"}, 400),
        ("site-cha-nua", {"first": "30/11/2026", "last": "29/11/2026"}, 400),
        ("site-cha-nua", {"last": "31/02/2027"}, 400),
        ("site-cha-nua", {"role": "site", "unit_id": "cha-nua"}, 400),
        ("site-cha-nua", {"reason": "x" * 201}, 400),
        ("admin-dien-bien", {}, 404),
        ("nobody", {}, 404),
    ],
)
async def test_nothing_is_given_beyond_ones_reach_or_out_of_time(
    signed_in: SignedIn, services: Services, account_id: str, fields: dict[str, str], status: int
) -> None:
    admin = await signed_in("admin", "nam-po")
    assert await give(admin, account_id, **fields) == status
    assert len(await services.store.grants.of(account_id)) == (account_id != "nobody")


async def test_a_role_is_ended_at_once_or_on_a_day(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    admin = await signed_in("admin", "nam-po")
    await services.store.grants.add(Grant("g1", "site-cha-nua", "secretary", "si-pha"))
    path = "/accounts/site-cha-nua/grants/g1/end"
    assert "Kết thúc vai trò" in await (await admin.get(path)).text()
    assert (await submit(admin, path, {"mode": "day", "last": ""})).status == 400
    assert (await submit(admin, path, {"mode": "day", "last": "25/11/2026"})).status == 303
    assert (await services.store.grants.get("g1")).ends_at == dt.datetime(
        2026, 11, 25, 17, tzinfo=dt.UTC
    )
    assert (await submit(admin, path, {"mode": "never"})).status == 303
    assert (await services.store.grants.get("g1")).ends_at is None
    assert (await submit(admin, path, {"mode": "now"})).status == 303
    assert await held(services, "site-cha-nua") == {("site", "cha-nua")}
    clock.pass_by(minutes=1)
    assert (await submit(admin, path, {"mode": "never"})).status == 400


async def test_nobody_ends_what_they_could_not_give_nor_their_own(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.grants.add(Grant("g1", "site-cha-nua", "secretary", "dien-bien"))
    admin = await signed_in("admin", "nam-po")
    path = "/accounts/site-cha-nua/grants/g1/end"
    assert (await admin.get(path)).status == 404
    assert (await submit(admin, path, {"mode": "now"})).status == 404
    own = "/accounts/admin-nam-po/grants/admin-nam-po/end"
    assert (await submit(admin, own, {"mode": "now"})).status == 403
    # A grant of one account is not found under another's address.
    await services.store.grants.add(Grant("g2", "site-si-pha", "secretary", "si-pha"))
    assert (await admin.get("/accounts/site-cha-nua/grants/g2/end")).status == 404


@pytest.mark.parametrize("further", ["dien-bien", "lai-chau"])
async def test_an_account_with_rights_out_of_reach_is_seen_but_not_taken_over(
    signed_in: SignedIn, services: Services, further: str
) -> None:
    await services.store.grants.add(Grant("g1", "site-cha-nua", "technician", further))
    admin = await signed_in("admin", "nam-po")
    html = await (await admin.get("/accounts/site-cha-nua")).text()
    assert "ngoài phạm vi của bạn" in html
    assert 'name="login"' not in html
    before = await services.store.accounts.password_hashes()
    for path in ("/accounts/site-cha-nua", "/accounts/site-cha-nua/password"):
        answer = await submit(admin, path, {"login": "mine", "name": "Mine", "role": "site"})
        assert answer.status == 403
    assert await services.store.accounts.password_hashes() == before
    await services.store.grants.set_end(await services.store.grants.get("g1"), NOON)
    assert (await admin.get("/accounts/site-cha-nua/password")).status == 200


async def test_a_secretary_on_leave_hands_over_and_takes_back(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    technician = await signed_in("technician", "nam-po")
    assert (await technician.get("/meetings/new")).status == 403
    assert "/account/grants/secre-nam-po/handover" in await (await secretary.get("/account")).text()
    path = "/account/grants/secre-nam-po/handover"
    page = await (await secretary.get(path)).text()
    assert "Technician Huyện Nậm Pồ" in page
    assert "Site Huyện Nậm Pồ" not in page  # a room stands in for nobody
    form = {"taker": "techn-nam-po", "first": "25/11/2026", "last": "27/11/2026"}
    assert (await submit(secretary, path, form | {"reason": "Nghỉ phép"})).status == 303
    assert (await technician.get("/meetings/new")).status == 403
    clock.now = NOON + DAY
    secretary, technician = (
        await signed_in("secretary", "nam-po"),
        await signed_in("technician", "nam-po"),
    )
    assert (await technician.get("/meetings/new")).status == 200
    told = await (await technician.get("/account")).text()
    assert "Secretary Huyện Nậm Pồ ủy quyền: Nghỉ phép" in told
    given = await services.store.grants.handed_over_by("secre-nam-po")
    end = f"/account/grants/{given[0].id}/end"
    assert end in await (await secretary.get("/account")).text()
    # Whoever stands in hands it on to nobody, and only shortens it.
    onward = f"/account/grants/{given[0].id}/handover"
    assert (await technician.get(onward)).status == 403
    longer = {"mode": "day", "last": "30/11/2026"}
    assert (await submit(technician, end, longer)).status == 400
    assert (await submit(secretary, end, {"mode": "now"})).status == 303
    assert (await technician.get("/meetings/new")).status == 403
    assert (await secretary.get("/meetings/new")).status == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"taker": "techn-cha-nua"}, "taker"),
        ({"taker": "site-nam-po"}, "taker"),
        ({"taker": "secre-nam-po"}, "taker"),
        ({"taker": ""}, "taker"),
        ({"last": ""}, "last"),
        ({"last": "30/11/2027"}, "last"),
        ({"last": "1/1"}, "last"),
    ],
)
async def test_a_handover_names_a_colleague_and_a_last_day(
    signed_in: SignedIn, services: Services, fields: dict[str, str], field: str
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    form = {"taker": "techn-nam-po", "first": "", "last": "27/11/2026"} | fields
    answer = await submit(secretary, "/account/grants/secre-nam-po/handover", form)
    assert answer.status == 400
    assert f'id="{field}-error"' in await answer.text() or "field-error" in await answer.text()
    assert await services.store.grants.handed_over_by("secre-nam-po") == []


async def test_a_handover_names_all_that_is_to_be_mended_at_once(signed_in: SignedIn) -> None:
    secretary = await signed_in("secretary", "nam-po")
    form = {"taker": "", "first": "", "last": "", "reason": "x" * 201}
    page = await (await submit(secretary, "/account/grants/secre-nam-po/handover", form)).text()
    assert page.count('aria-invalid="true"') == 3


async def test_only_ones_own_right_is_handed_over_and_never_a_rooms(signed_in: SignedIn) -> None:
    secretary = await signed_in("secretary", "nam-po")
    assert (await secretary.get("/account/grants/secre-cha-nua/handover")).status == 404
    room = await signed_in("site", "nam-po")
    assert (await room.get("/account/grants/site-nam-po/handover")).status == 403
    assert "handover" not in await (await room.get("/account")).text()


async def test_who_stands_in_for_an_administrator_does_not_come_near_accounts(
    signed_in: SignedIn, services: Services
) -> None:
    admin = await signed_in("admin", "nam-po")
    form = {"taker": "secre-nam-po", "last": "27/11/2026"}
    path = "/account/grants/admin-nam-po/handover"
    assert (await submit(admin, path, form)).status == 303
    secretary = await signed_in("secretary", "nam-po")
    assert (await secretary.get("/units/import")).status == 200
    assert (await secretary.get("/accounts")).status == 403


async def test_rights_in_several_units_are_all_shown_where_they_hold(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.grants.add(Grant("g1", "secre-cha-nua", "secretary", "lai-chau"))
    browser = await signed_in("secretary", "cha-nua")
    for page in ("/units", "/sites", "/meetings/new"):
        html = await (await browser.get(page)).text()
        assert "Xã Chà Nưa" in html
        assert "Tỉnh Lai Châu" in html
        assert "Xã Si Pa Phìn" not in html
    assert (await browser.get("/units/lai-chau")).status == 200
    assert (await browser.get("/units/dien-bien")).status == 404


async def test_who_holds_no_right_any_more_is_told_at_the_door(
    signed_in: SignedIn, services: Services, clock: Clock, client: WebClient
) -> None:
    browser = await signed_in("secretary", "nam-po")
    (post,) = await services.store.grants.of("secre-nam-po")
    await services.store.grants.set_end(post, NOON + DAY)
    assert (await browser.get("/meetings")).status == 200
    clock.now = NOON + DAY - dt.timedelta(hours=13)
    from tests.web.browser import sign_in

    clock.now = NOON + DAY
    answer = await sign_in(client, "secretary.nam-po")
    assert answer.status == 403
    assert "đã hết hạn" in await answer.text()


async def test_ones_own_telephone_is_kept_and_checked(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    wrong = await submit(browser, "/account", {"phone": "gọi tôi", "email": "a@b"})
    assert wrong.status == 400
    assert "gọi tôi" in await wrong.text()
    right = {"phone": "0215 382 511", "email": "thuky@nampo.gov.vn", "name": "Người khác"}
    assert (await submit(browser, "/account", right)).status == 303
    person = await services.store.accounts.person("secre-nam-po")
    assert person == Person(
        "secre-nam-po",
        "Secretary Huyện Nậm Pồ",
        "",
        "nam-po",
        "thuky@nampo.gov.vn",
        "0215 382 511",
    )
    admin = await signed_in("admin", "nam-po")
    account = await services.store.accounts.get("secre-nam-po")
    form = {f.name: str(getattr(account, f.name)) for f in dataclasses.fields(account)}
    form |= {"active": "1", "title": "Chánh Văn phòng", "phone": "0215 382 511"}
    assert (await submit(admin, "/accounts/secre-nam-po", form)).status == 303
    assert (await services.store.accounts.person("secre-nam-po")).title == "Chánh Văn phòng"


async def test_holders_from_elsewhere_stand_below_the_list(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.grants.add(Grant("g1", "secre-lai-chau", "technician", "cha-nua"))
    admin = await signed_in("admin", "nam-po")
    html = await (await admin.get("/accounts")).text()
    assert "Secretary Tỉnh Lai Châu" in html
    assert "/accounts/secre-lai-chau/grants/g1/end" in html
    assert (
        await submit(admin, "/accounts/secre-lai-chau/grants/g1/end", {"mode": "now"})
    ).status == 303
