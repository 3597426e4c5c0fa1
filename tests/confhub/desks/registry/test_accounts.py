"""Accounts made from a file, over both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest

from confhub.desks import accounts
from confhub.desks.registry.accounts import import_accounts
from confhub.errors import BadInput
from confhub.imports.report import Report
from confhub.people.account import Account, SignIn
from confhub.people.actor import Actor, of_account
from confhub.people.grant import Grant
from confhub.people.passwords import verify_password
from confhub.store import Store
from confhub.units.unit import NewUnit
from tests.confhub.store.country import NOW, Country

HEADER = "Tên đăng nhập,Họ tên,Mã đơn vị,Vai trò,Chức vụ,Điện thoại,Từ ngày,Đến hết ngày\n"
GOOD = "THUKY.moi,Lò Văn Chung,3300,Thư ký + Cán bộ kỹ thuật,Công chức,0215 3 000 187,,31/12/2027\n"


@pytest.fixture
async def admin(store: Store, country: Country) -> Actor:
    district = NewUnit("district", "Huyện Mường Nhé", country.province, id="muong-nhe")
    commune = NewUnit("commune", "Xã Nưa", "muong-nhe", codes=(("gso", "03300"),), id="nua")
    elsewhere = NewUnit("district", "Huyện Tuần Giáo", country.province, id="tuan-giao")
    await store.units.add_many([district, commune, elsewhere])
    chief = Account("chief", "quantri", "Quản trị", "admin", "muong-nhe")
    await accounts.add(store, Actor(NOW), chief, "hash")
    return of_account(chief, NOW)


async def load(
    store: Store, actor: Actor, rows: str, *, seal: str = "-", renew: bool = False
) -> Report:
    data = (HEADER + rows).encode()
    return await import_accounts(store, actor, data, seal=seal, renew=renew)


async def make(store: Store, actor: Actor, rows: str, *, renew: bool = False) -> Report:
    seen = await load(store, actor, rows)
    return await load(store, actor, rows, seal=seen.seal, renew=renew)


def said(report: Report) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.text) for problem in report.problems]


async def test_accounts_are_made_with_their_roles_and_passwords_that_are_told_once(
    store: Store, admin: Actor
) -> None:
    seen = await load(store, admin, GOOD)
    assert (said(seen), seen.new, seen.done, seen.issued) == ([], 1, False, ())
    assert await store.accounts.by_login("thuky.moi") is None
    report = await load(store, admin, GOOD, seal=seen.seal)
    (issued,) = report.issued
    found = await store.accounts.by_login("thuky.moi")
    assert found is not None
    account, password_hash = found
    assert (account.role, account.unit_id, account.password_issued) == (
        "secretary",
        "nua",
        True,
    )
    assert await verify_password(password_hash, issued.password)
    assert (await store.accounts.person(account.id)).title == "Công chức"
    grants = await store.grants.of(account.id)
    assert [grant.role for grant in grants] == ["secretary", "technician"]
    assert {grant.ends_at for grant in grants} == {dt.datetime(2028, 1, 1, tzinfo=dt.UTC)}
    acts = {line.action: line.changes for line in await store.audit.recent(9, account.id)}
    assert sorted(acts) == ["account.added", "grant.given"]
    ends_at = dt.datetime(2028, 1, 1, tzinfo=dt.UTC).isoformat()
    assert acts["account.added"] == {
        "login": (None, "thuky.moi"),
        "name": (None, "Lò Văn Chung"),
        "role": (None, "secretary"),
        "unit_id": (None, "nua"),
        "language": (None, "vi"),
        "active": (None, True),
        "title": (None, "Công chức"),
        "phone": (None, "0215 3 000 187"),
        "ends_at": (None, ends_at),
    }
    assert acts["grant.given"] == {
        "role": (None, "technician"),
        "unit_id": (None, "nua"),
        "ends_at": (None, ends_at),
        "given_by": (None, "chief"),
    }
    again = await load(store, admin, GOOD)
    assert (again.new, again.unchanged) == (0, 1)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("x,Lò,03300,Thư ký,,,,", "Tên đăng nhập", "3 đến 64"),
        ("quantri,Lò,03300,Thư ký,,,,", "Tên đăng nhập", "Đã có tài khoản này"),
        ("thuky.a,,03300,Thư ký,,,,", "Họ tên", "Xin ghi họ tên"),
        ("thuky.a,Lò,03300,Lễ tân,,,,", "Vai trò", "Không có vai trò “Lễ tân”"),
        ("thuky.a,Lò,09999,Thư ký,,,,", "Mã đơn vị", "mã “09999”"),
        ("thuky.a,Lò,03166,Thư ký,,,,", "Mã đơn vị", "ngoài phạm vi"),
        ("thuky.a,Lò,03300,Thư ký,,gọi sau,,", "Điện thoại", "số điện thoại"),
        ("thuky.a,Lò,03300,Thư ký,,,01/02/2027,01/01/2027", "Đến hết ngày", "Ngày cuối"),
        ("thuky.a,Lò,03300,Thư ký,,,31/02/2027,", "Từ ngày", "Lịch không có ngày này"),
    ],
)
async def test_each_fault_has_its_line_its_column_and_what_to_mend(
    store: Store, admin: Actor, row: str, column: str, words: str
) -> None:
    report = await load(store, admin, GOOD + row + "\n")
    assert [(one[0], one[1]) for one in said(report)] == [(3, column)]
    assert words in said(report)[0][2]
    assert report.shifts == ()


async def test_a_login_stands_once_in_a_file_of_at_most_so_many(store: Store, admin: Actor) -> None:
    assert "đã có ở dòng 2" in said(await load(store, admin, GOOD + GOOD))[0][2]
    rows = "".join(f"thuky.{n:03},Lò,03300,Thư ký,,,,\n" for n in range(201))
    assert "nhiều nhất 200" in said(await load(store, admin, rows))[0][2]


async def test_of_a_login_that_is_used_elsewhere_nothing_but_that_is_told(
    store: Store, admin: Actor
) -> None:
    there = Account("there", "thuky.tg", "Lò Thị Tư", "secretary", "tuan-giao")
    await accounts.add(store, Actor(NOW), there, "hash")
    for roles in ("Thư ký", "Cán bộ kỹ thuật"):
        report = await load(store, admin, f"thuky.tg,Lò Thị Tư,03300,{roles},,,,\n")
        ((line, column, told),) = said(report)
        assert (line, column) == (2, "Tên đăng nhập")
        assert "đã được dùng. Xin chọn tên khác" in told


async def test_a_long_file_is_refused_before_anything_of_it_is_looked_up(
    store: Store, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(store.accounts, "by_logins", asked.append)
    rows = "".join(f"thuky.{n:03},Lò,03300,Thư ký,,,,\n" for n in range(401))
    with pytest.raises(BadInput, match="Tệp có 401 dòng; mỗi lần nhận nhiều nhất 400"):
        await load(store, admin, rows)
    assert asked == []


async def test_who_administers_for_a_time_makes_accounts_for_that_time(
    store: Store, admin: Actor
) -> None:
    ends_at = NOW + dt.timedelta(days=30)
    (post,) = await store.grants.of("chief")
    await store.grants.set_end(post, ends_at)
    late = await load(store, admin, GOOD)
    assert "hết hạn trước ngày này" in said(late)[0][2]
    row = "thuky.a,Lò,03300,Thư ký,,,,\n"
    await load(store, admin, row, seal=(await load(store, admin, row)).seal)
    found = await store.accounts.by_login("thuky.a")
    assert found is not None
    assert [grant.ends_at for grant in await store.grants.of(found[0].id)] == [ends_at]


async def opened(store: Store, login: str) -> tuple[Account, str]:
    found = await store.accounts.by_login(login)
    assert found is not None
    return found


async def test_passwords_that_got_lost_are_made_anew_by_the_same_file(
    store: Store, admin: Actor
) -> None:
    (lost,) = (await make(store, admin, GOOD)).issued
    seen = await load(store, admin, GOOD)
    assert [(one.code, one.name) for one in seen.renewals] == [("thuky.moi", "Lò Văn Chung")]
    kept = await load(store, admin, GOOD, seal=seen.seal)
    assert (kept.done, kept.issued) == (True, ())
    report = await load(store, admin, GOOD, seal=seen.seal, renew=True)
    (issued,) = report.issued
    assert (report.new, issued.login, issued.unit) == (0, "thuky.moi", "Xã Nưa")
    account, password_hash = await opened(store, "thuky.moi")
    assert account.password_issued
    assert await verify_password(password_hash, issued.password)
    assert not await verify_password(password_hash, lost.password)
    acts = [line.action for line in await store.audit.recent(9, account.id)]
    assert "account.password_reset" in acts


async def sign_in(store: Store, account: Account, password_hash: str) -> None:
    await store.audit.write("signin.ok", account_id=account.id, subject=account.login, at=NOW)


async def hold_open(store: Store, account: Account, password_hash: str) -> None:
    later = NOW + dt.timedelta(hours=1)
    session = SignIn("s" * 64, account.id, "csrf", NOW, later, NOW)
    await store.accounts.add_sign_in(session, password_hash)


async def choose_own(store: Store, account: Account, password_hash: str) -> None:
    await store.accounts.set_password(account.id, "another hash")


async def give_more(store: Store, account: Account, password_hash: str) -> None:
    await store.grants.add(Grant("further", account.id, "secretary", "tuan-giao"))


@pytest.mark.parametrize("happens", [sign_in, hold_open, choose_own, give_more])
async def test_who_signed_in_or_holds_rights_elsewhere_keeps_the_password(
    store: Store, admin: Actor, happens: Callable[[Store, Account, str], Awaitable[None]]
) -> None:
    await make(store, admin, GOOD)
    seen = await load(store, admin, GOOD)
    account, password_hash = await opened(store, "thuky.moi")
    await happens(store, account, password_hash)
    _, before = await opened(store, "thuky.moi")
    report = await load(store, admin, GOOD, seal=seen.seal, renew=True)
    assert (report.done, report.issued, report.renewals) == (False, (), ())
    assert (await opened(store, "thuky.moi"))[1] == before


async def test_new_and_renewed_passwords_are_bounded_together(
    store: Store, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(store, admin, GOOD)
    monkeypatch.setattr("confhub.imports.accounts.MOST_ACCOUNTS", 1)
    rows = GOOD + "thuky.a,Lò,03300,Thư ký,,,,\n"
    refused = await make(store, admin, rows, renew=True)
    assert "nhiều nhất 1 mật khẩu" in said(refused)[0][2]
    assert [one.login for one in (await make(store, admin, rows)).issued] == ["thuky.a"]


POST = "thuky.moi,Lò Văn Chung,03300,Thư ký,,,,\n"


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        (POST, []),
        (POST.replace("Thư ký", "Thư ký + Kỹ thuật"), []),
        (POST.replace(",\n", ",31/12/2027\n"), []),
        (POST.replace("Thư ký", "Thư ký + Quản trị"), [("Vai trò", "không có vai trò “Quản trị”")]),
        (POST.replace(",,\n", ",01/12/2026,\n"), [("Từ ngày", "theo thời hạn khác")]),
        (POST.replace(",\n", ",30/12/2027\n"), [("Đến hết ngày", "theo thời hạn khác")]),
    ],
)
async def test_a_line_of_a_known_account_says_no_more_than_is_so(
    store: Store, admin: Actor, row: str, faults: list[tuple[str, str]]
) -> None:
    await make(store, admin, GOOD)
    report = await load(store, admin, row)
    found = [(column, text) for _, column, text in said(report)]
    assert [column for column, _ in found] == [column for column, _ in faults]
    assert all(words in text for (_, text), (_, words) in zip(found, faults, strict=True))
    assert report.unchanged == (0 if faults else 1)


async def test_a_role_that_is_over_and_a_locked_account_are_not_unchanged(
    store: Store, admin: Actor
) -> None:
    await make(store, admin, GOOD)
    account, _ = await opened(store, "thuky.moi")
    (_, further) = await store.grants.of(account.id)
    await store.grants.set_end(further, NOW - dt.timedelta(hours=1))
    report = await load(store, admin, POST.replace("Thư ký", "Thư ký + Kỹ thuật"))
    assert "“Cán bộ kỹ thuật”" in said(report)[0][2]
    await store.accounts.update(dataclasses.replace(account, active=False))
    (fault,) = said(await load(store, admin, POST))
    assert (fault[1], "đã bị khóa" in fault[2]) == ("Tên đăng nhập", True)
