"""The addresses of this machine that browsers may reach."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import ifaddr

from rooms.media.engine.interface import SO_TIMESTAMPNS
from rooms.media.port.tcp import BACKLOG


def local_addresses() -> list[str]:
    """IPv4 addresses and global or unique-local IPv6 ones, loopback last.

    127.0.0.1 is always there: a browser on the same machine, without any network, must
    reach the hub. Link-local addresses are left out: browsers do not use them.
    """
    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        for entry in adapter.ips:
            text = entry.ip if isinstance(entry.ip, str) else entry.ip[0]
            address = ipaddress.ip_address(text.split("%", 1)[0])
            if address.is_loopback or address.is_link_local or address.is_multicast:
                continue
            if str(address) not in found and is_bindable(str(address)):
                found.append(str(address))
    found.sort(key=lambda text: ":" in text)
    return [*found, "127.0.0.1"]


def is_bindable(address: str) -> bool:
    """Whether a UDP socket can be bound to it now (tentative IPv6 addresses cannot)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Bound:
    """Sockets on one port: `udp` one for each address, `tcp` as many or none."""

    port: int
    udp: list[socket.socket]
    tcp: list[socket.socket]

    def close(self) -> None:
        for item in (*self.udp, *self.tcp):
            item.close()


def bind_sockets(addresses: Sequence[str], port: int, *, tcp: bool = True) -> Bound:
    """A non-blocking UDP socket for each address, and one that listens for TCP, all on the same
    port; 0 picks a free one.

    Raises OSError when an address or the port is not free.
    """
    # A port free on the first address may be taken on another, or for TCP; then another is tried.
    attempts = 1 if port else 16
    for attempt in range(attempts):
        bound = Bound(port, [], [])
        try:
            for address in addresses:
                bound.udp.append(_bind(address, bound.port))
                bound = Bound(bound.udp[0].getsockname()[1], bound.udp, bound.tcp)
                if tcp:
                    bound.tcp.append(_listen(address, bound.port))
        except OSError:
            bound.close()
            if attempt + 1 == attempts:
                raise
        else:
            return bound
    raise AssertionError("unreachable")


# A key frame of 25 pictures arrives within milliseconds; while the loop is busy elsewhere for
# 50 ms at 100 Mbit/s, 600 KiB wait. Sending needs room for one burst to every receiver.
# The kernel caps both at net.core.rmem_max and wmem_max.
RECEIVE_BUFFER_BYTES = 4 << 20
SEND_BUFFER_BYTES = 4 << 20


def _bind(address: str, port: int) -> socket.socket:
    sock = _make(address, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        note_arrivals(sock)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def note_arrivals(sock: socket.socket) -> None:
    """Let the kernel say of each datagram when it came; without its word the time of reading has
    to do."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def _listen(address: str, port: int) -> socket.socket:
    sock = _make(address, socket.SOCK_STREAM)
    try:
        # A hub that is started again does not wait for the connections of before to be forgotten.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _make(address: str, kind: socket.SocketKind) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.setblocking(False)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return sock
