"""Leases are renewed beside each other and in bounded time; hubs of one name are told apart."""

from __future__ import annotations

import asyncio

import pytest

from confhub.bus.local import LocalBus
from confhub.store import Store
from rooms.hub.ownership import AT_ONCE, Ownership, new_hub
from tests.rooms.house import MEETING

ROOMS = {f"room-{number:02}": 1 for number in range(40)}
HANGS = "room-07"
LEASE_S = 6.0  # a renewal's time is a third


class SlowBus(LocalBus):
    """Says nothing about one lease, and of the others waits until many are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = self.most = 0
        self._many = asyncio.Event()

    async def acquire(self, lease: str, holder: str, ttl_s: float) -> bool:
        self.asked += 1
        self.most = max(self.most, self.asked)
        if self.most == AT_ONCE:
            self._many.set()
        try:
            if lease.endswith(HANGS):
                await asyncio.Event().wait()
            await self._many.wait()
            return await super().acquire(lease, holder, ttl_s)
        finally:
            self.asked -= 1


async def test_a_lease_of_which_nobody_says_a_word_costs_no_other_its_renewal(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = SlowBus()
    ownership = Ownership(store, bus, new_hub("hub-1"), lease_s=LEASE_S)

    async def on_record(*_: object) -> dict[str, int]:
        return ROOMS

    monkeypatch.setattr(store.ownership, "renew", on_record)
    async with asyncio.timeout(2 * ownership.renew_s):  # the record, then the bus
        lost, missed = await ownership.renew(ROOMS)
    assert (lost, missed) == (set(), {HANGS})
    assert (bus.most, bus.asked) == (AT_ONCE, 0)
    assert await ownership.held() == ROOMS.keys() - {HANGS}
    await bus.close()


async def test_hubs_of_one_name_are_told_of_each_other(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    bus = LocalBus()
    first, second, third = (
        Ownership(store, bus, new_hub(name)) for name in ("hub-1", "hub-1", "hub-2")
    )
    await first.start()
    await third.start()
    assert caplog.messages == []
    await second.start()
    (line,) = caplog.messages
    assert first.me.id in line
    assert "give each a hub_name of its own" in line
    await first.take(MEETING)
    await first.close()
    await second.close()
    caplog.clear()
    await Ownership(store, bus, new_hub("hub-1")).start()  # its namesakes are gone
    assert caplog.messages == []
    await bus.close()
