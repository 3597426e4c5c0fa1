"""Of the database, the key that it belongs to, and Redis."""

from __future__ import annotations

import asyncio
from pathlib import Path

from confhub.archive.record import open_record
from confhub.bus.opening import open_bus
from confhub.config import Settings
from confhub.demo.passwords import refuse_published_password
from confhub.errors import N_, BadInput
from confhub.hub.doctor.finding import Finding, broken, good, warning
from confhub.hub.house_key import refuse_foreign_key
from confhub.hub.listening import serves_only_here
from confhub.meetings.tokens import KEY_FILE, read_key
from confhub.store import Store, open_store
from confhub.store.database.location import database_url
from confhub.store.database.migration import head_revision, is_known

_MOST_DEAD = 100


async def check_database(settings: Settings) -> list[Finding]:
    """Changes nothing: what is not up to date is not opened."""
    kind = database_url(settings).get_backend_name()
    try:
        revision = await asyncio.to_thread(open_record(settings).revision)
    except BadInput as error:
        message = N_("Cơ sở dữ liệu còn trống; các bảng được tạo khi chạy lần đầu.")
        remedy = N_("Nếu đã từng chạy: xem lại database và data_dir.")
        return [warning("database", message, remedy, said=error.code)]
    if not is_known(revision):
        message = N_("Cơ sở dữ liệu (%(kind)s) thuộc phiên bản mới hơn: %(revision)s.")
        remedy = N_("Cài lại phiên bản confhub đã chạy trên đó, hoặc mới hơn.")
        return [broken("database", message, remedy, kind=kind, revision=revision)]
    if revision != head_revision():
        message = N_("Cơ sở dữ liệu (%(kind)s) ở phiên bản %(revision)s, sẽ nâng cấp khi chạy.")
        remedy = N_("Sao lưu trước: confhub backup.")
        return [warning("database", message, remedy, kind=kind, revision=revision)]
    message = N_("Cơ sở dữ liệu (%(kind)s) trả lời, ở phiên bản %(revision)s.")
    found = [good("database", message, kind=kind, revision=revision)]
    store = await open_store(settings)
    try:
        for check in (_check_key, _check_passwords, _check_dead):
            found += await check(settings, store)
    finally:
        await store.close()
    return found


async def _check_key(settings: Settings, store: Store) -> list[Finding]:
    folder = Path(settings.data_dir)
    if not (folder / KEY_FILE).exists():
        message = N_("Không có %(path)s; một khóa mới sẽ được tạo khi chạy.")
        remedy = N_("Nếu đã từng chạy: chép tệp ấy từ bản sao lưu, nếu không mọi liên kết bị hỏng.")
        return [warning("key", message, remedy, path=(folder / KEY_FILE).absolute())]
    await refuse_foreign_key(store, read_key(folder), folder)
    return []


async def _check_passwords(settings: Settings, store: Store) -> list[Finding]:
    if not serves_only_here(settings):
        await refuse_published_password(store)
    return []


async def _check_dead(settings: Settings, store: Store) -> list[Finding]:
    count = len(await store.jobs.dead(_MOST_DEAD)) + len(await store.outbox.dead(_MOST_DEAD))
    if count:
        message = N_("Có %(count)s công việc nền đã thôi thử.")
        remedy = N_("Quản trị viên xem và chạy lại ở trang Công việc nền.")
        return [warning("jobs", message, remedy, count=count)]
    return []


async def check_redis(settings: Settings) -> list[Finding]:
    if not settings.redis:
        return []
    bus = await open_bus(settings)
    try:
        await bus.ping()
    finally:
        await bus.close()
    return [good("redis", N_("Redis trả lời."))]
