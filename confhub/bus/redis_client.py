"""Connections to Redis, straight or by asking its sentinels which server leads now."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from confhub.errors import N_, BadInput

# Redis answers in about a millisecond; a page or a room must not wait long for a dead one.
SOCKET_TIMEOUT_S = 2.0
SENTINELS = "redis+sentinel"
SENTINEL_PORT = 26379  # as redis-sentinel listens by itself

_BAD_ADDRESS = N_(
    "Địa chỉ Redis phải bắt đầu bằng redis://, rediss://, unix:// hoặc "
    "redis+sentinel://MÁY:CỔNG,MÁY:CỔNG/TÊN."
)


def redis_client(address: str, max_connections: int) -> Redis:
    """Connects when first used. BadInput for an address that is none of Redis.

    `redis+sentinel://:password@one:26379,two:26379/name/0` asks the sentinels one and two for the
    server that leads under that name; password and database are that server's.
    """
    options: dict[str, Any] = {
        "max_connections": max_connections,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "socket_keepalive": True,
        # A call that was sent may have been carried out: sending it again would publish
        # or count twice. The pool itself replaces connections found dead before use.
        "retry": Retry(NoBackoff(), 0),
    }
    try:
        if address.startswith(f"{SENTINELS}://"):
            return _led_by_sentinels(address, options)
        pool = BlockingConnectionPool.from_url(address, timeout=SOCKET_TIMEOUT_S, **options)
    except ValueError:
        raise BadInput(_BAD_ADDRESS, code="bad_redis") from None
    return Redis.from_pool(pool)


async def close_client(client: Redis) -> None:
    """Close its connections, those to sentinels too, which redis-py leaves open."""
    await client.aclose()
    pool = client.connection_pool
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def _led_by_sentinels(address: str, options: dict[str, Any]) -> Redis:
    """ValueError for an address without sentinels or name."""
    parts = urlsplit(address)
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    name, _, database = parts.path.strip("/").partition("/")
    sentinels = [_place(host) for host in hosts.split(",") if host]
    if not (sentinels and name):
        raise ValueError(address)
    timeouts = {key: value for key, value in options.items() if key != "max_connections"}
    asked = Sentinel(sentinels, sentinel_kwargs=timeouts)  # type: ignore[no-untyped-call]
    leader: Redis = asked.master_for(
        name,
        redis_class=Redis,
        db=int(database or 0),
        username=unquote(user) or None,
        password=unquote(password) or None,
        **options,
    )
    return leader


def _place(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    if parts.hostname is None:
        raise ValueError(host)
    return parts.hostname, parts.port or SENTINEL_PORT
