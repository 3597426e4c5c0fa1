"""All checks, one after another: what one fails of is a finding, and stops no other."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence

from confhub.config import Settings
from confhub.errors import N_, ConfhubError
from confhub.hub.doctor import machine, reach, record
from confhub.hub.doctor.finding import Finding, broken

log = logging.getLogger("confhub")

# Of one check: a database that does not answer is told within it.
CHECK_S = 30.0
_SLOW = N_("Không có câu trả lời trong %(seconds)s giây.")
_FAILED = N_("Không kiểm tra được: %(error)s.")

Check = Callable[[Settings, dt.datetime], Awaitable[list[Finding]]]


def _at_once(check: Callable[[Settings], list[Finding]]) -> Check:
    async def run(settings: Settings, _now: dt.datetime) -> list[Finding]:
        return check(settings)

    return run


def _dated(check: Callable[[Settings, dt.datetime], list[Finding]]) -> Check:
    async def run(settings: Settings, now: dt.datetime) -> list[Finding]:
        return check(settings, now)

    return run


def _asking(check: Callable[[Settings], Awaitable[list[Finding]]]) -> Check:
    async def run(settings: Settings, _now: dt.datetime) -> list[Finding]:
        return await check(settings)

    return run


# In the order in which one would mend them.
CHECKS: Sequence[tuple[str, Check]] = (
    ("disk", _at_once(machine.check_disk)),
    ("key", _at_once(machine.check_key_file)),
    ("database", _asking(record.check_database)),
    ("redis", _asking(record.check_redis)),
    ("ports", _at_once(reach.check_ports)),
    ("certificate", _dated(reach.check_certificate)),
    ("name", _asking(reach.check_name)),
    ("turn", _asking(reach.check_relays)),
    ("mail", _asking(reach.check_mail)),
    ("scanner", _asking(reach.check_scanner)),
    ("clock", _at_once(machine.check_clock)),
    ("files", _at_once(machine.check_files)),
    ("buffers", _at_once(machine.check_buffers)),
    ("core", _at_once(machine.check_core)),
    ("backup", _dated(machine.check_backup)),
)


async def examine(settings: Settings, now: dt.datetime) -> list[Finding]:
    found: list[Finding] = []
    for part, check in CHECKS:
        try:
            async with asyncio.timeout(CHECK_S):
                found += await check(settings, now)
        except ConfhubError as error:
            found.append(Finding(part, "broken", error.message, "", error.values))
        except TimeoutError:
            found.append(broken(part, _SLOW, "", seconds=int(CHECK_S)))
        except Exception as error:
            log.debug("check of %s failed", part, exc_info=True)
            found.append(broken(part, _FAILED, "", error=f"{type(error).__name__}: {error}"))
    return found
