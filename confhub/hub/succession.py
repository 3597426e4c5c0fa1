"""Whom a hub follows: the one that ran on the same data folder and is known to be dead."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

ID_FILE = "hub.id"
# Ids are under a hundred characters; more is no id of ours.
MOST_BYTES = 128


@contextlib.contextmanager
def following_in(folder: Path, hub_id: str) -> Iterator[str]:
    """The id of the hub before this one on the folder, "" if none is known; ours is left there.

    The kernel lets go of the lock when a process ends, however it ends: whose lock is free is
    dead, and what it held need not wait until its leases end. A folder that two hubs share says
    nothing about either.
    """
    with (folder / ID_FILE).open("a+", encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield ""
            return
        file.seek(0)
        before = file.read(MOST_BYTES).strip()
        file.truncate(0)
        file.write(f"{hub_id}\n")
        file.flush()
        yield before
