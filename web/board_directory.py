"""The application's one view of units, sites and awaited meetings for board and metrics."""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from monitoring.directory import Directory
from web.services import SERVICES

DIRECTORY = web.AppKey("directory", Directory)


def set_up_directory(app: web.Application) -> None:
    services = app[SERVICES]
    app[DIRECTORY] = Directory(
        services.store,
        services.clock,
        services.zone,
        dt.timedelta(minutes=services.settings.join_early_min),
    )


def directory(app: web.Application) -> Directory:
    return app[DIRECTORY]
