"""How long a site is not heard, and hears nothing, when its network changes under it.

`python -m benchmarks.roaming` plays each change ROUNDS times with two real Chromium in a meeting:
`other line`: of two lines in use, the one that carries media dies, addresses and all;
`new line`: a line comes up in the moment when the only one dies;
`new address`: the site's router forgets its translations, as at a redial.
Needs root, for network namespaces. The last line: `roaming: heard_ms M hears_ms N`, the medians of
the first change.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from tests.e2e.namespace import SiteNetwork, site_network
from tests.e2e.pair import Pair, open_pair
from tests.e2e.reception import everybody_receives_everybody
from tests.e2e.seat import Seat
from tests.rooms.media.nat import Nat

ROUNDS = 5
# A voice has 50 packets a second: this long without any is a cut.
CUT_MS = 500
SETTLE_S = 2.0
LOOKS = 60
LOOK_S = 0.25

_LISTEN = """
([member]) => {
  const gap = window.longestGap = {last: performance.now(), packets: -1, longest_ms: 0};
  const look = async () => {
    const {receive, state} = window.confhubRoom;
    const slot = state.slots.find(s => s.member === member && s.kind === "audio");
    const stats = receive ? [...(await receive.getStats()).values()] : [];
    const stream = stats.find(s => s.type === "inbound-rtp" && s.mid === slot?.mid);
    const packets = stream?.packetsReceived ?? -1, now = performance.now();
    if (packets !== gap.packets && packets > 0) {
      gap.longest_ms = Math.max(gap.longest_ms, now - gap.last);
      gap.packets = packets;
      gap.last = now;
    }
    setTimeout(look, 20);
  };
  look();
}
"""


async def listen(seat: Seat, member: str) -> None:
    """Begin to note how long this seat has no packet of the member's voice."""
    await seat.page.evaluate(_LISTEN, [member])


async def longest_gap_ms(seat: Seat) -> float:
    gap: Mapping[str, Any] = await seat.page.evaluate("window.longestGap")
    return float(gap["longest_ms"])


async def measure(pair: Pair, change: Callable[[], object]) -> tuple[float, float]:
    """How long the far site was not heard, and did not hear."""
    await everybody_receives_everybody(pair.seats, {})
    await listen(pair.near, pair.far.member_id)
    await listen(pair.far, pair.near.member_id)
    await asyncio.sleep(SETTLE_S)
    change()
    for _ in range(LOOKS):
        await asyncio.sleep(LOOK_S)
        if min(await longest_gap_ms(pair.near), await longest_gap_ms(pair.far)) > CUT_MS:
            break
    return await longest_gap_ms(pair.near), await longest_gap_ms(pair.far)


async def change_to_other_line(folder: Path, network: SiteNetwork) -> tuple[float, float]:
    network.plug_spare()
    async with open_pair(folder, network) as pair:
        return await measure(pair, network.pull_site_end)


async def change_to_new_line(folder: Path, network: SiteNetwork) -> tuple[float, float]:
    def change() -> None:
        network.pull_site_end()
        network.plug_spare()

    async with open_pair(folder, network) as pair:
        return await measure(pair, change)


async def change_of_address(folder: Path, network: SiteNetwork) -> tuple[float, float]:
    opened = open_pair(
        folder,
        network,
        nat=True,
        media_addresses="127.0.0.1",
        media_announce=network.hub_address,
        media_tcp="false",
    )
    async with opened as pair:
        assert pair.nat is not None
        nat: Nat = pair.nat
        return await measure(pair, lambda: nat.forget(network.site_address))


CHANGES: Mapping[str, Callable[[Path, SiteNetwork], Awaitable[tuple[float, float]]]] = {
    "other line": change_to_other_line,
    "new line": change_to_new_line,
    "new address": change_of_address,
}


async def main(names: list[str]) -> None:
    medians: list[tuple[float, float]] = []
    for name in names or list(CHANGES):
        found = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder, site_network(Path(folder)) as network:
                found.append(await CHANGES[name](Path(folder), network))
        heard, hears = zip(*found, strict=True)
        print(f"{name}: not heard for {_list(heard)} ms, did not hear for {_list(hears)} ms")
        medians.append((statistics.median(heard), statistics.median(hears)))
    print(f"roaming: heard_ms {medians[0][0]:.0f} hears_ms {medians[0][1]:.0f}")


def _list(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.0f}" for value in sorted(values))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
