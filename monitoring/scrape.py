"""One scrape: everything a hub tells Prometheus, as text."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from monitoring.collector import NodeCollector, SiteCollector
from monitoring.directory import Labels
from monitoring.instruments import Instruments
from monitoring.links import SiteLink
from monitoring.machine.node import NodeReading


class Scrape:
    """A registry of its own with all collectors in it, and the making of its text."""

    def __init__(self, hub_name: str) -> None:
        # When each series began doubles their number and says nothing the start time does not.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        self.instruments = Instruments(self.registry, hub_name)
        self._sites, self._node = SiteCollector(), NodeCollector()
        self.registry.register(self._sites)
        self.registry.register(self._node)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._making = asyncio.Lock()

    async def text(
        self,
        links: Mapping[str, SiteLink],
        labels: Mapping[str, Labels],
        node: NodeReading,
    ) -> bytes:
        """Text exposition format 0.0.4, made in a thread: 11,000 sites are 200,000 lines."""
        async with self._making:
            self._sites.links, self._sites.labels = dict(links), labels
            self._node.node = node
            return await asyncio.to_thread(generate_latest, self.registry)
