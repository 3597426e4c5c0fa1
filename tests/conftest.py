"""Fixtures for every test."""

from __future__ import annotations

from hypothesis import settings

from tests.servers import (
    own_postgresql_server,
    own_redis_server,
    postgresql_server,
    redis_address,
    redis_server,
)

# How long an example takes says something of the machine, not of the property.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

__all__ = [
    "own_postgresql_server",
    "own_redis_server",
    "postgresql_server",
    "redis_address",
    "redis_server",
]
