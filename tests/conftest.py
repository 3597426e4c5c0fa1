"""Fixtures for every test."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.servers import (
    led_servers,
    own_led_servers,
    own_postgresql_server,
    own_redis_server,
    postgresql_server,
    redis_address,
    redis_server,
)
from tests.turns import takes_the_machine

# How long an example takes says something of the machine, not of the property.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

__all__ = [
    "led_servers",
    "own_led_servers",
    "own_postgresql_server",
    "own_redis_server",
    "postgresql_server",
    "redis_address",
    "redis_server",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make test` runs one after another, after all others."""
    for item in items:
        if takes_the_machine(
            ".".join(item.path.relative_to(item.config.rootpath).with_suffix("").parts)
        ):
            item.add_marker("alone")
