"""`confhub migrate`: bring the database up to date."""

from __future__ import annotations

import argparse
import asyncio

from confhub.commands import Command
from confhub.config import Settings
from confhub.store import open_store


def _add_options(parser: argparse.ArgumentParser) -> None:
    """Where the database is, the settings say."""


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    asyncio.run(_open_and_close(settings))
    print("Cơ sở dữ liệu đã ở phiên bản mới nhất.")
    return 0


async def _open_and_close(settings: Settings) -> None:
    store = await open_store(settings)  # migrates; a SQLite file is backed up first
    await store.close()


COMMANDS = (Command("migrate", "đưa cơ sở dữ liệu lên phiên bản mới nhất", _add_options, _migrate),)
