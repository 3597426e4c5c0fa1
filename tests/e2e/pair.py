"""Two sites in a meeting: one beside the hub, one behind a network of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from playwright.async_api import async_playwright

from tests.e2e.firefox import firefox
from tests.e2e.hub_process import HubProcess, starting
from tests.e2e.seat import Desk, Seat, browser
from tests.rooms.media.nat import Nat

Engine = Literal["chromium", "firefox"]
BRIEFING = "Giao ban huyện Nậm Pồ"  # of the demo: open now
_PATHS = """
async () => {
  const found = {};
  for (const way of ["send", "receive"]) {
    // None while the page builds it anew.
    const stats = await window.confhubRoom[way]?.getStats() ?? new Map();
    const transport = [...stats.values()].find(s => s.type === "transport");
    const pair = stats.get(transport?.selectedCandidatePairId);
    const local = stats.get(pair?.localCandidateId), remote = stats.get(pair?.remoteCandidateId);
    found[way] = local && remote ? {
      protocol: local.relayProtocol ?? local.protocol,
      kind: local.candidateType,
      local: local.address,
      remote: remote.address,
      ufrag: transport.iceLocalUsernameFragment,
      certificate: transport.localCertificateId,
    } : null;
  }
  return found;
}
"""


class FarPlace(Protocol):
    """A network namespace: where it reaches this machine, and what runs Chromium there."""

    @property
    def name(self) -> str: ...
    @property
    def hub_address(self) -> str: ...
    @property
    def chromium(self) -> Path: ...


@dataclass
class Pair:
    hub: HubProcess
    near: Seat
    far: Seat
    technician: Desk
    network: FarPlace
    nat: Nat | None = None

    @property
    def seats(self) -> tuple[Seat, Seat]:
        return self.near, self.far


@asynccontextmanager
async def open_pair(
    folder: Path,
    network: FarPlace,
    query: str = "",
    *,
    nat: bool = False,
    far: Engine = "chromium",
    **settings: str,
) -> AsyncIterator[Pair]:
    """Both have entered the demo's briefing, the far one with `query` added to the address of
    its room; `settings` are the hub's. `nat`: between the hub's 127.0.0.1 and the address that
    the namespace knows it by."""
    async with AsyncExitStack() as stack:
        hub = HubProcess(folder / "data", tls=True, **settings)
        router = None
        if nat:
            outside, inside = (network.hub_address, hub.media_port), ("127.0.0.1", hub.media_port)
            router = Nat(outside, inside)
            stack.callback(router.close)
        passwords = hub.load_demo()
        ready = await stack.enter_async_context(starting(hub))
        playwright = await stack.enter_async_context(async_playwright())
        here = await stack.enter_async_context(browser(playwright))
        there = await stack.enter_async_context(
            firefox(playwright, folder, network.name)
            if far == "firefox"
            else browser(playwright, network.chromium)
        )
        near = await Seat.open(here, hub.origin)
        away = await Seat.open(there, hub.origin.replace("localhost", network.hub_address))
        technician = await Desk.open(here, hub.origin)
        await ready
        await near.come_in("diemcau.nampo", passwords["diemcau.nampo"], BRIEFING)
        await away.come_in("diemcau.chanua", passwords["diemcau.chanua"], BRIEFING, query)
        await technician.sign_in("kythuat.nampo", passwords["kythuat.nampo"])
        yield Pair(hub, near, away, technician, network, router)


async def paths(seat: Seat) -> Mapping[str, Any]:
    """Of each connection the selected pair: `protocol` and `kind` of our end, both addresses; the
    `certificate`, which a connection has for its whole life, and its present `ufrag`."""
    found: Mapping[str, Any] = await seat.page.evaluate(_PATHS)
    return found
