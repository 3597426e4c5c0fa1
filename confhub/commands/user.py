"""`confhub user add|password|list`: the first accounts, and lost passwords."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import datetime as dt
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import get_args
from zoneinfo import ZoneInfo

from confhub.commands import Command
from confhub.config import Settings
from confhub.desks import accounts as desk
from confhub.errors import N_, BadInput, FieldErrors, NotFound
from confhub.identity import new_id
from confhub.people.account import ROLE_NAMES, Account, Role, check_names, fold_login
from confhub.people.actor import Actor
from confhub.people.passwords import check_password, hash_password, new_password
from confhub.store import Store, open_store
from confhub.units.unit import GSO_SCHEME, Unit
from confhub.words.texts import one_line

_BY_COMMAND = "confhub user"  # on record, where there is no account


def _add_account_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="TÊN_ĐĂNG_NHẬP", help="ví dụ thuky.nampo")
    parser.add_argument("--name", required=True, metavar="TÊN", help="họ tên")
    parser.add_argument(
        "--role",
        required=True,
        choices=get_args(Role),
        help="quản trị, thư ký, cán bộ kỹ thuật, hoặc điểm cầu",
    )
    parser.add_argument("--unit", required=True, metavar="MÃ", help="mã đơn vị, hoặc “root”")
    parser.add_argument("--scheme", default=GSO_SCHEME, metavar="HỆ", help="hệ mã đơn vị (gso)")
    _add_password_options(parser)


def _add_password_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="đọc mật khẩu từ đầu vào chuẩn, một dòng"
    )
    parser.add_argument("--generate", action="store_true", help="tự tạo mật khẩu và in ra")


def _add_reset_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="TÊN_ĐĂNG_NHẬP", help="ví dụ thuky.nampo")
    _add_password_options(parser)


def _no_options(parser: argparse.ArgumentParser) -> None:
    """The list is short enough for grep."""


def _add(settings: Settings, options: argparse.Namespace) -> int:
    login, name = fold_login(options.login), one_line(options.name)
    problems = check_names(login, name)
    if problems:
        raise FieldErrors(problems)
    password = _ask_password(options, login)

    async def work(store: Store) -> None:
        now = dt.datetime.now(dt.UTC)
        unit = await find_unit(store, options, now.astimezone(ZoneInfo(settings.timezone)).date())
        account = Account(new_id(), login, name, options.role, unit.id)
        made = dataclasses.replace(account, password_issued=options.generate)
        password_hash = await hash_password(password)
        await desk.add(store, Actor(now), made, password_hash, detail=_BY_COMMAND)
        print(f"Đã thêm {login}: {ROLE_NAMES[made.role]}, {unit.name}.")
        _show(options, password)

    return run(settings, work)


def _password(settings: Settings, options: argparse.Namespace) -> int:
    login = fold_login(options.login)
    password = _ask_password(options, login)

    async def work(store: Store) -> None:
        found = await store.accounts.by_login(login)
        if found is None:
            raise NotFound(N_("Không có tài khoản %(login)s."), values={"login": login})
        account = found[0]
        password_hash = await hash_password(password)
        house, issued = Actor(dt.datetime.now(dt.UTC)), options.generate
        await desk.reset_password(
            store, house, account.id, password_hash, issued=issued, detail=_BY_COMMAND
        )
        print(f"Đã đổi mật khẩu của {login}; các phiên cũ đã kết thúc.")
        _show(options, password)

    return run(settings, work)


def _list(settings: Settings, _options: argparse.Namespace) -> int:
    async def work(store: Store) -> None:
        for account in await store.accounts.list():
            state = "" if account.active else "  (khóa)"
            print(f"{account.login}  {ROLE_NAMES[account.role]}  {account.name}{state}")

    return run(settings, work)


async def find_unit(store: Store, options: argparse.Namespace, on: dt.date) -> Unit:
    if options.unit == "root":
        roots = await store.units.tree(None, on, 0)
        if len(roots) != 1:
            raise NotFound(N_("Chưa có đúng một đơn vị gốc. Xin nạp danh mục đơn vị trước."))
        return roots[0]
    scheme, code = one_line(options.scheme), one_line(options.unit)
    unit = await store.units.by_code(scheme, code, on)
    if unit is None:
        raise NotFound(
            N_("Không có đơn vị mang mã %(code)s (%(scheme)s)."),
            values={"code": code, "scheme": scheme},
        )
    return unit


def _ask_password(options: argparse.Namespace, login: str) -> str:
    if options.generate:
        return new_password()
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Mật khẩu: ")
        if getpass.getpass("Nhập lại: ") != password:
            raise BadInput(N_("Hai lần nhập không giống nhau."))
    check_password(password, login)
    return password


def _show(options: argparse.Namespace, password: str) -> None:
    """A made-up password is shown once, and only when it is in force."""
    if options.generate:
        print("Phải đổi mật khẩu này ở lần đăng nhập đầu tiên.")
        print(f"Mật khẩu: {password}")


def run(settings: Settings, work: Callable[[Store], Awaitable[None]]) -> int:
    async def opened() -> None:
        store = await open_store(settings)
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(opened())
    return 0


COMMANDS = (
    Command("user add", "thêm tài khoản", _add_account_options, _add),
    Command("user password", "đặt lại mật khẩu", _add_reset_options, _password),
    Command("user list", "liệt kê tài khoản", _no_options, _list),
)
