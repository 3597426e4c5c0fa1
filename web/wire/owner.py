"""Which user's program is at the other end of a connection within this machine.

A forwarder of bytes (socat, a TCP proxy, `kubectl port-forward`) adds nothing to what it passes on.
But the connection to us is its own, and the kernel says of each socket whose it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

# Of the network that this program is in (proc(5)); connections of both versions, whoever asks.
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_USER = 7  # of a line's words, after both ends, state, queues, timer and retransmissions
# Who signed in to the session that a program belongs to, whoever it became since (proc(5)).
_SIGNED_IN = Path("/proc/self/loginuid")


async def is_of_own_user(transport: asyncio.Transport | None) -> bool | None:
    """Whether whoever is at the other end runs as the user that we run as, or as the one who became
    root to start us.

    False where no such socket is known (any more), or the tables cannot be read just now; None
    where there are none, as outside of Linux.
    """
    if transport is None:
        return False
    there, here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return await asyncio.to_thread(_is_of, _own_users(), there, here)


def _own_users() -> frozenset[int]:
    """Somebody runs `sudo make run`, and a browser beside it as themselves."""
    own = os.geteuid()
    if own != 0:
        return frozenset({own})
    found = {os.environ.get("SUDO_UID", "")}
    with contextlib.suppress(OSError):
        found.add(_SIGNED_IN.read_text("ascii"))
    # The kernel writes -1 where nobody signed in, as for a service: nobody's.
    return frozenset({own, *(int(text) for text in found if text.strip().isdecimal())})


def _is_of(users: Collection[int], there: Sequence[object], here: Sequence[object]) -> bool | None:
    sought = {f"{a} {b}" for a, b in zip(_spellings(there), _spellings(here), strict=True)}
    is_told = False
    for table in _TABLES:
        try:
            with table.open(encoding="ascii") as lines:
                for line in lines:
                    # "0: 0100007F:C350 0100007F:1F90 01 ..."; thousands of lines on a busy hub.
                    if line.partition(": ")[2].startswith(tuple(sought)):
                        return int(line.split()[_USER]) in users
        except FileNotFoundError:
            continue
        except OSError:  # out of handles, say: no reason to believe anybody
            pass
        is_told = True
    return False if is_told else None


def _spellings(end: Sequence[object]) -> tuple[str, str]:
    """An end of a connection as the tables of IPv4 and IPv6 write it, ready to be compared."""
    address = ip_address(str(end[0]))
    if isinstance(address, IPv4Address):
        address = IPv6Address(f"::ffff:{address}")
    mapped = address.ipv4_mapped
    port = f"{int(str(end[1])):04X}"
    wide = f"{_words(address.packed)}:{port}"
    return (f"{_words(mapped.packed)}:{port}" if mapped else wide), wide


def _words(packed: bytes) -> str:
    """In words of the machine's own order."""
    words = (packed[start : start + 4] for start in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
