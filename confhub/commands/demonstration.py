"""`confhub demo`: the demo province."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from confhub.commands import Command
from confhub.config import Settings
from confhub.demo.load import Demo, has_foreign_accounts, load_demo
from confhub.demo.logins import LOGINS, PASSWORD
from confhub.demo.passwords import give_new_passwords, published_logins
from confhub.hub.listening import serves_only_here
from confhub.people.actor import Actor
from confhub.store import Store, open_store


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="nạp cả khi đã có tài khoản khác")
    parser.add_argument(
        "--if-empty", action="store_true", help="không làm gì nếu cơ sở dữ liệu đang được dùng"
    )
    parser.add_argument(
        "--generate",
        action="store_true",
        help="đặt cho mỗi tài khoản mẫu một mật khẩu mới và in ra",
    )


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    asyncio.run(_load(settings, options))
    return 0


async def _load(settings: Settings, options: argparse.Namespace) -> None:
    zone = ZoneInfo(settings.timezone)
    store = await open_store(settings)
    try:
        if options.if_empty and await has_foreign_accounts(store):
            print("Cơ sở dữ liệu đang được dùng: không nạp dữ liệu mẫu.")
            return
        now = dt.datetime.now(dt.UTC)
        demo = await load_demo(store, now=now, zone=zone, force=options.force)
        given = await _new_passwords(settings, options, store)
        known = dict.fromkeys(await published_logins(store), PASSWORD) | dict(given)
        print(describe(demo, zone, known))
    finally:
        await store.close()


async def _new_passwords(
    settings: Settings, options: argparse.Namespace, store: Store
) -> Sequence[tuple[str, str]]:
    """All anew when asked for; the published ones where other machines can open the pages."""
    house = Actor(dt.datetime.now(ZoneInfo(settings.timezone)))
    if options.generate:
        return await give_new_passwords(store, house, LOGINS)
    if serves_only_here(settings):
        return ()
    return await give_new_passwords(store, house, await published_logins(store))


def describe(demo: Demo, zone: ZoneInfo, known: Mapping[str, str]) -> str:
    """Counts, meetings and a table of accounts, with the passwords that are `known`."""
    lines = [f"Dữ liệu mẫu: {demo.units} đơn vị, {demo.sites} điểm cầu.", "", "Cuộc họp:"]
    lines += [
        f"  {meeting.starts_at.astimezone(zone):%d/%m/%Y %H:%M}  {meeting.title}"
        for meeting in demo.meetings
    ]
    width = max(len(account.login) for account, _ in demo.accounts)
    names = max(len(account.name) for account, _ in demo.accounts)
    units = max(len(unit) for _, unit in demo.accounts)
    head = f"{'Tên đăng nhập':<{width}}  {'Tài khoản':<{names}}  {'Đơn vị':<{units}}  Mật khẩu"
    lines += ["", f"  {head}"]
    lines += [
        f"  {account.login:<{width}}  {account.name:<{names}}  {unit:<{units}}"
        f"  {known.get(account.login, '(đã đổi)')}"
        for account, unit in demo.accounts
    ]
    lines.append("")
    if PASSWORD in known.values():
        lines.append(f"CHỈ ĐỂ DÙNG THỬ TRÊN MÁY NÀY: ai cũng biết mật khẩu {PASSWORD}.")
    if set(known.values()) - {PASSWORD}:
        lines.append("Xin chép lại ngay: các mật khẩu mới chỉ hiện một lần.")
    lines.append("Quên mật khẩu: confhub demo --generate")
    return "\n".join(lines)


COMMANDS = (Command("demo", "nạp tỉnh mẫu và in các tài khoản", _add_options, _demo),)
