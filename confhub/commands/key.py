"""`confhub key accept`: let the database belong to this hub's secret.key."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from confhub.commands import Command
from confhub.config import Settings
from confhub.hub.house_key import accept_key
from confhub.meetings.tokens import KEY_FILE, read_key
from confhub.store import open_store


def _add_options(parser: argparse.ArgumentParser) -> None:
    """Where key and database are, the settings say."""


def _accept(settings: Settings, _options: argparse.Namespace) -> int:
    folder = Path(settings.data_dir)
    asyncio.run(_accept_key(settings, read_key(folder)))
    print(f"Cơ sở dữ liệu nay dùng khóa {(folder / KEY_FILE).absolute()}.")
    print("Liên kết và mã QR đã gửi không dùng được nữa: xin gửi lại. Máy chủ khác cần tệp này.")
    return 0


async def _accept_key(settings: Settings, key: bytes) -> None:
    store = await open_store(settings)
    try:
        await accept_key(store, key)
    finally:
        await store.close()


COMMANDS = (
    Command(
        "key accept",
        "dùng secret.key mới khi khóa cũ đã mất (hỏng liên kết đã gửi)",
        _add_options,
        _accept,
    ),
)
