"""The log: one readable line an event, to standard error, where systemd and containers look.

What may not be in it, at any level: passwords, cookies, keys, and addresses that carry a join
token. Who logs a request logs its route.
"""

from __future__ import annotations

import logging

OURS = ("confhub", "rooms", "web", "monitoring")
ACCESS = "web.access"
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logging(level: str, *, access: bool) -> None:
    """Our parts speak from `level` on, libraries from warning on; `access`: one line a request."""
    ours = logging.getLevelNamesMapping()[level.upper()]
    # At debug, libraries print the headers and queries that carry secrets.
    logging.basicConfig(format=FORMAT, level=max(ours, logging.WARNING), force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(ours)
    logging.getLogger(ACCESS).setLevel(logging.INFO if access else logging.CRITICAL)
