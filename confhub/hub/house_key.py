"""The secret key of all hubs of one database: whoever comes with another one does not start.

Links and codes that were sent are signed with it. With another key a hub would refuse all of them,
and the others all of its own.
"""

from __future__ import annotations

import datetime as dt
import hmac
from pathlib import Path

from confhub.errors import N_, BadInput
from confhub.meetings.tokens import KEY_FILE, fingerprint
from confhub.people.actor import Actor
from confhub.store import Store

_FOREIGN = N_(
    "Tệp khóa %(path)s không phải khóa của cơ sở dữ liệu này: mọi liên kết đã gửi sẽ không dùng "
    "được. Xin chép tệp secret.key từ máy chủ đang chạy trên cơ sở dữ liệu này, hoặc từ bản sao "
    "lưu. Nếu khóa cũ đã mất: chạy confhub key accept, rồi gửi lại các liên kết."
)


async def refuse_foreign_key(store: Store, key: bytes, folder: Path) -> None:
    """BadInput if the database belongs to another key; one that belongs to none takes this."""
    mark = fingerprint(key)
    known = await store.keys.known(KEY_FILE, mark, dt.datetime.now(dt.UTC))
    if not hmac.compare_digest(known, mark):
        values = {"path": (folder / KEY_FILE).absolute()}
        raise BadInput(_FOREIGN, code="foreign_key", values=values)


async def accept_key(store: Store, key: bytes) -> None:
    """Let the database belong to this key; what was signed with the one before is void."""
    async with store.work(Actor(dt.datetime.now(dt.UTC))) as work:
        await work.keys.replace(KEY_FILE, fingerprint(key), work.actor.now)
        await work.audit("hub.new_key")
