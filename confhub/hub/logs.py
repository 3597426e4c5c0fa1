"""The log: one readable line an event, to standard error, where systemd and containers look.

What may not be in it, at any level: passwords, cookies, keys, and addresses that carry a join
token. Who logs a request logs its route.
"""

from __future__ import annotations

import logging
import platform
import traceback
from pathlib import Path

from confhub.config import Settings
from confhub.parts import OURS, version

ACCESS = "web.access"
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _WithoutRequests(logging.Filter):
    """Takes what a request said out of aiohttp's own records.

    aiohttp logs requests that it cannot read with the line that was wrong, which may be a cookie,
    a token or an address. Of exceptions only the kind and the place stay; who sends what cannot be
    read is no fault of ours and gets no traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        # Imported here: the process that keeps the others serves nothing.
        from aiohttp.http_exceptions import HttpProcessingError

        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        record.exc_info, kind = None, type(error).__name__
        if isinstance(error, HttpProcessingError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg = f"{record.msg}: {kind}"
            return logging.getLogger(record.name).isEnabledFor(logging.INFO)
        frames = "".join(traceback.format_tb(error.__traceback__))
        record.exc_text = f"{frames}{kind}"
        return True


def tell_what_starts(settings: Settings) -> None:
    """The first line of a hub's log: what runs, on what. Nothing secret stands in it."""
    logging.getLogger("confhub").info(
        "confhub %s starts: hub %s, Python %s, data in %s, %s, %s, pages on port %d, media on %d",
        version(),
        settings.hub_name,
        platform.python_version(),
        Path(settings.data_dir).absolute(),
        "PostgreSQL" if settings.database.startswith("postgresql") else "SQLite",
        "Redis" if settings.redis else "no Redis",
        settings.listen_port,
        settings.media_port,
    )


def set_up_logging(level: str, *, access: bool) -> None:
    """Our parts speak from `level` on, libraries from warning on; `access`: one line a request."""
    ours = logging.getLevelNamesMapping()[level.upper()]
    # At debug, libraries print the headers and queries that carry secrets.
    logging.basicConfig(format=FORMAT, level=max(ours, logging.WARNING), force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(ours)
    logging.getLogger(ACCESS).setLevel(logging.INFO if access else logging.CRITICAL)
    for name in ("aiohttp.server", "aiohttp.web"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, _WithoutRequests) for known in logger.filters):
            logger.addFilter(_WithoutRequests())
