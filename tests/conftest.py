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
from tests.turns import Turn, holds_sockets, turn_of

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


# Which tests a run asks for by -m, as tools/run_tests.py does.
TURNS: dict[str, Turn] = {"not alone and not lanes": "beside", "lanes": "lanes", "alone": "alone"}


@pytest.fixture(autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect the garbage of a test with sockets of its own, so that a warning of what it left open
    names it and not some later one. The others make too little garbage each to be worth their
    time."""
    yield
    if holds_sockets(_module(request.node.path, request.config)):
        gc.collect()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """In a run of all that take one turn do not even import the others: that takes seconds."""
    turn = TURNS.get(config.getoption("markexpr"))
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    everything = everything or hasattr(config, "workerinput")  # a worker of such a run
    if turn and everything and collection_path.match("test_*.py"):
        return turn_of(_module(collection_path, config)) != turn or None
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
    """Mark the tests that `make test` runs in lanes, and those that it runs one after another."""
    for item in items:
        turn = turn_of(_module(item.path, item.config))
        if turn != "beside":
            item.add_marker(turn)


def _module(path: Path, config: pytest.Config) -> str:
    return ".".join(path.relative_to(config.rootpath).with_suffix("").parts)
