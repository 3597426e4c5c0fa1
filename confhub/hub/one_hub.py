"""One hub at a time on a data folder, where nothing tells hubs of each other."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from confhub.errors import N_, Unavailable

LOCK_FILE = "hub.lock"
_TAKEN = N_(
    "confhub đang chạy rồi (tiến trình %(process)s) trên thư mục dữ liệu %(path)s. "
    "Xin dùng máy chủ đó, hoặc dừng nó trước."
)


@contextlib.contextmanager
def alone_in(folder: Path, lock_file: str = LOCK_FILE) -> Iterator[None]:
    """Hold the folder, or what else the lock file stands for; Unavailable while another hub does.

    Without Redis two hubs would each run a meeting's room, with half of its sites in either. The
    kernel lets go of the lock when the process ends, however it ends.
    """
    with (folder / lock_file).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            values = {"path": folder.absolute(), "process": file.read().strip() or "?"}
            raise Unavailable(_TAKEN, code="hub_running", values=values) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def is_at_a_terminal() -> bool:
    """Whether somebody started this by hand, and SIGHUP means that the terminal is gone."""
    return os.isatty(0)


def keeper_lock(hub_name: str) -> str:
    """What the process that keeps a hub and its media workers holds; hubs that share a folder
    have names of their own."""
    return f"{hub_name}.keeper.lock"


def holder(folder: Path, lock_file: str) -> int | None:
    """The process that holds a lock; None where nobody does."""
    try:
        with (folder / lock_file).open("r", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read().strip() or 0) or None
    except (OSError, ValueError):
        pass
    return None
