"""The Unix socket of a media worker: where it stands, and who may come."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

# unix(7): sun_path holds 108 bytes, the last one zero. Data folders may be deeper.
MOST_PATH_BYTES = 107
BACKLOG = 8  # one hub, and its next
OWNER_ONLY = 0o600


def listen(path: Path) -> socket.socket:
    """A listening socket at `path`, for this account only; one that stood there is replaced, since
    whoever made it is gone. OSError."""
    path.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        with _short(path) as address:
            made.bind(address)
            # Nobody can connect before it listens.
            Path(address).chmod(OWNER_ONLY)
        made.listen(BACKLOG)
        made.setblocking(False)
        stack.pop_all()
    return made


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def connect(path: Path) -> socket.socket:
    """A socket that is connected to whoever listens there; OSError."""
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        made.setblocking(False)  # a full backlog is a failure, not a reason to wait
        with _short(path) as address:
            made.connect(address)
        stack.pop_all()
    return made


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path as a socket's address, through its folder where it is too long."""
    if len(os.fsencode(path)) <= MOST_PATH_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
