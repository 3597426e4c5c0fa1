"""How many of something one holder has at once: sockets of a link, streams of an account."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from confhub.errors import N_, TooMany

RETRY_AFTER_S = 15

_TOO_MANY = N_("Đang mở quá nhiều nơi cùng lúc. Xin đóng bớt trang rồi thử lại.")


class Holders:
    """At most so many for each key; a key that holds none costs no memory."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextlib.contextmanager
    def hold(self, key: str, most: int) -> Iterator[None]:
        """Hold one for the block; TooMany beyond `most`."""
        if self._held[key] >= most:
            raise TooMany(RETRY_AFTER_S, _TOO_MANY)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]
