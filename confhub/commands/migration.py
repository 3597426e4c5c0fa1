"""`confhub migrate`: bring the database up to date."""

from __future__ import annotations

import argparse
import asyncio

from confhub.commands import Command
from confhub.config import Settings
from confhub.store.database.migration import migrate


def _add_options(parser: argparse.ArgumentParser) -> None:
    """Where the database is, the settings say."""


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    done = asyncio.run(migrate(settings))  # a SQLite file is backed up first
    if done.before == done.after:
        print(f"Cơ sở dữ liệu đã ở phiên bản mới nhất ({done.after}), không có gì phải làm.")
    elif done.before is None:
        print(f"Đã tạo cơ sở dữ liệu, phiên bản {done.after}.")
    else:
        print(f"Đã nâng cấp cơ sở dữ liệu từ phiên bản {done.before} lên {done.after}.")
    if done.backup is not None:
        print(f"Bản sao trước khi nâng cấp: {done.backup}")
    return 0


COMMANDS = (Command("migrate", "đưa cơ sở dữ liệu lên phiên bản mới nhất", _add_options, _migrate),)
