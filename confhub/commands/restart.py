"""`confhub restart`: start the hub anew, from what is installed now, while media go on."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path

from confhub.commands import Command
from confhub.config import Settings
from confhub.errors import N_, Unavailable
from confhub.hub.one_hub import holder, keeper_lock


class NotKept(Unavailable):
    code = "no_keeper"
    message = N_(
        "Không có confhub serve nào đang chạy với media_workers trên %(path)s. "
        "Xin khởi động lại cả dịch vụ."
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    """Which hub, the settings say."""


def _restart(settings: Settings, _options: argparse.Namespace) -> int:
    folder = Path(settings.data_dir)
    keeper = holder(folder, keeper_lock(settings.hub_name))
    if keeper is None:
        raise NotKept(values={"path": folder.absolute()})
    os.kill(keeper, signal.SIGUSR1)
    print("Máy chủ đang khởi động lại; hình và tiếng của các cuộc họp vẫn chạy.")
    return 0


COMMANDS = (
    Command(
        "restart",
        "khởi động lại máy chủ mà không ngắt hình và tiếng",
        _add_options,
        _restart,
    ),
)
