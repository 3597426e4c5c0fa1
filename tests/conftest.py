"""Fixtures for every test."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.least_passwords import full_passwords, hash_at_least_cost
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
hash_at_least_cost()

__all__ = [
    "full_passwords",
    "led_servers",
    "own_led_servers",
    "own_postgresql_server",
    "own_redis_server",
    "postgresql_server",
    "redis_address",
    "redis_server",
]


@pytest.fixture(autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect the garbage of a test that runs alone, so that a warning of what it left open names
    it and not some later one. The others make too little garbage each to be worth their time."""
    yield
    if request.node.get_closest_marker("alone"):
        gc.collect()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """In a run of all that run alone do not even import the others: that takes ten seconds."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if everything and config.getoption("markexpr") == "alone" and collection_path.suffix == ".py":
        return not _runs_alone(collection_path, config) or None
    return None


def pytest_collection_finish() -> None:
    """Let no collection look through what lives as long as the run: modules, collected tests.

    And look through the young less often: a test makes an application of tens of thousands of
    objects that live as long as it; collections at each 700 new ones were a tenth of a run's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make test` runs one after another, after all others."""
    for item in items:
        if _runs_alone(item.path, item.config):
            item.add_marker("alone")


def _runs_alone(path: Path, config: pytest.Config) -> bool:
    return takes_the_machine(".".join(path.relative_to(config.rootpath).with_suffix("").parts))
