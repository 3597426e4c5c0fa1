"""Who may hand work to the threads that all share: see confhub/long_work.py."""

from __future__ import annotations

import ast

from tests.test_architecture import MODULES, _tree

# What computes for long stands in line for a thread (confhub/long_work.py): the
# program's own threads are few, and wait for the world.
TAKES_THREADS = {
    "confhub.hub.doctor.reach",  # a command of its own, one thing after another
    "confhub.hub.doctor.record",
    "confhub.jobs.bags.people",  # the postman writes one mail at a time
    "confhub.jobs.bags.sites",
    "confhub.jobs.intake",  # the mail server, and one message at a time
    "confhub.store.database.aside",
    "confhub.store.database.engines",
    "confhub.store.database.migration",
    "monitoring.directory",  # one unit's sites, for all who ask meanwhile
    "monitoring.scrape",
    "rooms.load.command",
    "rooms.load.generator",
    "web.wire.owner",  # a look at /proc
}


def test_what_computes_for_long_stands_in_line() -> None:
    takes = {
        name
        for name in MODULES
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Attribute) and node.attr == "to_thread"
    }
    assert takes == TAKES_THREADS
