"""`confhub demo`: the demo province."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

from confhub.commands import Command
from confhub.config import Settings
from confhub.demo import PASSWORD, Demo, has_foreign_accounts, load_demo
from confhub.store import open_store


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="nạp cả khi đã có tài khoản khác")
    parser.add_argument(
        "--if-empty", action="store_true", help="không làm gì nếu cơ sở dữ liệu đang được dùng"
    )


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    demo = asyncio.run(_load(settings, force=options.force, if_empty=options.if_empty))
    if demo is None:
        print("Cơ sở dữ liệu đang được dùng: không nạp dữ liệu mẫu.")
    else:
        print(describe(demo, ZoneInfo(settings.timezone)))
    return 0


async def _load(settings: Settings, *, force: bool, if_empty: bool) -> Demo | None:
    store = await open_store(settings)
    try:
        if if_empty and await has_foreign_accounts(store):
            return None
        now = dt.datetime.now(dt.UTC)
        return await load_demo(store, now=now, zone=ZoneInfo(settings.timezone), force=force)
    finally:
        await store.close()


def describe(demo: Demo, zone: ZoneInfo) -> str:
    """Counts, meetings and a table of accounts."""
    lines = [f"Dữ liệu mẫu: {demo.units} đơn vị, {demo.sites} điểm cầu.", "", "Cuộc họp:"]
    lines += [
        f"  {meeting.starts_at.astimezone(zone):%d/%m/%Y %H:%M}  {meeting.title}"
        for meeting in demo.meetings
    ]
    width = max(len(account.login) for account, _ in demo.accounts)
    names = max(len(account.name) for account, _ in demo.accounts)
    lines += ["", f"  {'Tên đăng nhập':<{width}}  {'Tài khoản':<{names}}  Đơn vị"]
    lines += [
        f"  {account.login:<{width}}  {account.name:<{names}}  {unit}"
        for account, unit in demo.accounts
    ]
    lines += [
        "",
        f"Mật khẩu của mọi tài khoản trên: {PASSWORD}",
        "CHỈ ĐỂ DÙNG THỬ: ai vào được trang này đều biết mật khẩu ấy.",
    ]
    return "\n".join(lines)


COMMANDS = (Command("demo", "nạp tỉnh mẫu và in các tài khoản", _add_options, _demo),)
