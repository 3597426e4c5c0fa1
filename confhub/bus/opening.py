"""Which bus a hub uses."""

from __future__ import annotations

from confhub.bus.interface import Bus
from confhub.bus.local import LocalBus
from confhub.bus.redis import RedisBus
from confhub.config import Settings
from confhub.errors import N_, Unavailable

_SILENT = N_("Redis không trả lời. Xin kiểm tra địa chỉ trong cấu hình (CONFHUB_REDIS).")


async def open_bus(settings: Settings) -> Bus:
    """The bus at `settings.redis`, which must answer (Unavailable); empty: one in this process."""
    if not settings.redis:
        return LocalBus()
    bus = RedisBus(settings.redis)
    try:
        await bus.ping()
    except Unavailable as error:
        await bus.close()
        raise Unavailable(_SILENT, code=error.code) from error
    except BaseException:
        await bus.close()
        raise
    return bus
