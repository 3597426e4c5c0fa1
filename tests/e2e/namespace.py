"""A network namespace for one test site, joined to this machine by cables we can pull."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=10)


@dataclass(frozen=True)
class SiteNetwork:
    """`hub_address` is where the namespace reaches this machine.

    `spare_address` is the site's own on its second line, which is unplugged at first.
    """

    name: str
    hub_address: str
    hub_address_v6: str
    site_address: str
    spare_address: str
    chromium: Path  # runs Chromium inside the namespace

    def pull_cable(self) -> None:
        _ip("link", "set", f"{self.name}-h", "down")

    def plug_cable(self) -> None:
        _ip("link", "set", f"{self.name}-h", "up")

    def pull_site_end(self) -> None:
        """As `pull_cable`, but this machine keeps the address that others know it by, and the
        site loses its own, as by DHCP."""
        _ip("-n", self.name, "link", "set", f"{self.name}-s", "down")
        _ip("-n", self.name, "addr", "flush", "dev", f"{self.name}-s")

    def plug_spare(self) -> None:
        """The second line comes up; the first one stays the preferred one while it lives."""
        _ip("-n", self.name, "link", "set", f"{self.name}-t", "up")
        spare_hub = _spare(self.hub_address)
        _ip("-n", self.name, "route", "add", "default", "via", spare_hub, "metric", "200")

    def block_udp(self) -> None:
        """A firewall that lets TCP through and nothing else, in both directions."""
        rules = "".join(
            f"add chain inet fw {hook} {{ type filter hook {hook} priority 0; }};"
            f"add rule inet fw {hook} meta l4proto udp drop;"
            for hook in ("input", "output")
        )
        command = ["ip", "netns", "exec", self.name, "nft", f"add table inet fw; {rules}"]
        subprocess.run(command, check=True, timeout=10)


def _spare(address: str) -> str:
    """The address on the second line that goes with one on the first."""
    head, _, last = address.rpartition(".")
    return f"{head}.{int(last) + 128}"


def taken_addresses() -> str:
    """What this machine has, as `ip` lists it."""
    listing = ["ip", "-o", "-4", "addr"]
    return subprocess.run(listing, check=True, timeout=10, capture_output=True, text=True).stdout


def _free_number() -> int:
    """Another run on this machine has some, and one that was killed may have left some behind."""
    taken = taken_addresses()
    return next(n for n in range(1, 32) if f" 198.51.100.{4 * n + 1}/" not in taken)


@contextlib.contextmanager
def site_network(folder: Path, number: int | None = None) -> Iterator[SiteNetwork]:
    """Needs root. Addresses come from TEST-NET-2 (RFC 5737) and the documentation prefix of
    RFC 9637, used nowhere else. `number` chooses among them; None: any that are free."""
    with contextlib.ExitStack() as stack:
        with one_chooses_at_a_time():
            number = _free_number() if number is None else number
            network = _network(folder, number)
            stack.callback(_remove, network)
            _make(network, number)
        yield network


@contextlib.contextmanager
def one_chooses_at_a_time() -> Iterator[None]:
    """Until its addresses are taken, no other run of the tests looks for free ones."""
    with Path(tempfile.gettempdir(), "confhub-namespaces.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _network(folder: Path, number: int) -> SiteNetwork:
    name = f"ch{os.getpid() % 100_000}n{number}"  # interface names have 15 characters at most
    hub, site = f"198.51.100.{4 * number + 1}", f"198.51.100.{4 * number + 2}"
    chromium = folder / f"chromium-{name}"
    chromium.write_text(f'#!/bin/sh\nexec ip netns exec {name} /usr/bin/chromium "$@"\n')
    chromium.chmod(0o755)
    return SiteNetwork(name, hub, f"3fff:{number}::1", site, _spare(site), chromium)


def _make(network: SiteNetwork, number: int) -> None:
    name, hub, site = network.name, network.hub_address, network.site_address
    _ip("netns", "add", name)
    for here, there, near, far in (
        (f"{name}-h", f"{name}-s", hub, site),
        (f"{name}-i", f"{name}-t", _spare(hub), _spare(site)),
    ):
        _ip("link", "add", here, "type", "veth", "peer", "name", there)
        _ip("link", "set", there, "netns", name)
        _ip("addr", "add", f"{near}/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", name, "addr", "add", f"{far}/30", "dev", there)
    _ip("addr", "add", f"{network.hub_address_v6}/64", "dev", f"{name}-h", "nodad")
    _ip("-n", name, "addr", "add", f"3fff:{number}::2/64", "dev", f"{name}-s", "nodad")
    _ip("-n", name, "link", "set", "lo", "up")
    _ip("-n", name, "link", "set", f"{name}-s", "up")
    _ip("-n", name, "route", "add", "default", "via", hub)


def _remove(network: SiteNetwork) -> None:
    for here in (f"{network.name}-h", f"{network.name}-i"):
        subprocess.run(["ip", "link", "del", here], check=False, timeout=10)
    subprocess.run(["ip", "netns", "del", network.name], check=False, timeout=10)
