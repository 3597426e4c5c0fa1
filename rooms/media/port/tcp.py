"""TCP on the media port, for networks that let no UDP through: framed as in RFC 4571, offered as
passive candidates (RFC 6544). A browser connects; what it sends is taken like datagrams.

A connection is a stranger's until a check with a valid MESSAGE-INTEGRITY has come by it. Strangers
are few, have little time, and may send nothing but checks. What all of them bring in a turn of the
loop shares a budget (reading.py), and whoever sends too much that is of no use is cut off: TCP
loses nothing, so that is no accident.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from confhub.bucket import Rate, TokenBucket
from confhub.networks import within
from confhub.rounds import Place
from rooms.media.port.framing import Deframer, Outbox
from rooms.media.port.ice import FAILED_AFTER_S
from rooms.media.port.path import Path
from rooms.media.port.reading import Reading
from rooms.media.port.strangers import Strangers, origin_of

# Two connections for each of 700 sites whose networks pass no UDP, and room for those that
# come back before their old ones are known to be dead.
MAX_CONNECTIONS = 2000
# The check follows the handshake at once; this leaves time for two retransmissions.
FIRST_CHECK_S = 5.0
# Checks under a password of before a restart, and their repetition.
MAX_STRAY_CHECKS = 4
# Packets of a member that are empty, are no protocol or do not decrypt. An honest one sends some
# while keys change, a few hundred at most. What is over a rate is no such packet.
WORTHLESS = Rate(50, 500)
# Whoever has sent more than is read of one peer is read no more for so long, and slowed by its own
# TCP: a twentieth of what a second allows, while its voice is late by two of its packets.
REST_S = 0.05
# Strangers at the door at one wake-up, if the turn has as much left: those behind them wait.
MAX_ACCEPTS = 16
BACKLOG = 128
# Without a free file descriptor nobody can be let in; trying again at once would only spin.
FULL_PAUSE_S = 1.0
# At 12 bytes a packet, this many take the loop a millisecond; of pictures it is three packets.
READ_BYTES = 4 * 1024
# A check has a hundred.
STRANGER_READ_BYTES = 1024
# Bytes in the kernel go before any voice that comes after them: half a packet's worth of time
# at 1 Mbit/s, while a fast line is never idle between two wake-ups.
UNSENT_BYTES = 8 * 1024
# The rest of a farewell is written within this, or never.
LEAVE_S = 1.0
# How often to look who has had its time: two thousand connections take a fraction of a millisecond.
LOOK_S = 0.2


class Owner(Protocol):
    """The port, as its connections see it."""

    def receive_framed(self, packet: bytes, path: Path, now: float) -> bool:
        """Whether it was of any use."""

    def is_over_budget(self, path: Path, now: float) -> bool: ...
    def flush(self) -> None: ...
    def path_closed(self, path: Path, now: float) -> None: ...
    def count_bad(self, reason: str) -> None: ...


class TcpConnection:
    """One accepted connection. Made, and closed, by its door."""

    def __init__(self, door: TcpDoor, sock: socket.socket, path: Path, now: float) -> None:
        self.path = path
        self.origin = origin_of(path.address)
        self.outbox = Outbox()
        self.is_proved = False
        self.proved_at = now
        self.leaves_at: float | None = None
        self._stray = 0
        self._worthless = TokenBucket(WORTHLESS)
        self._door = door
        self._socket = sock
        self._reader = Deframer()
        self._is_writing = False
        self._kept: Sequence[bytes] = ()
        self._rest: asyncio.TimerHandle | None = None

    @property
    def is_late(self) -> bool:
        """Whether bytes wait because the line, or whoever reads, is slow."""
        return self._is_writing

    def send(self, packets: Iterable[tuple[bytes, bool]], now: float) -> bool:
        """Write (packet, is_picture) pairs, or let them wait. False: pictures were dropped."""
        is_whole = True
        for packet, is_picture in packets:
            is_whole &= self.outbox.put(packet, now, is_picture=is_picture)
        if not self._is_writing:
            self._write()
        return is_whole

    @property
    def place(self) -> Place:
        """Where it waits to be read: members do not wait for others of their address."""
        return (str(self.path.socket),) if self.is_proved else within(str(self.path.address[0]))

    def watch(self, on: bool) -> None:
        """Be told, or not, when there is something to read."""
        loop, number = asyncio.get_running_loop(), self._socket.fileno()
        if on:
            loop.add_reader(number, self._door.reading.readable, self)
        else:
            loop.remove_reader(number)

    def close(self) -> None:
        loop = asyncio.get_running_loop()
        if self._rest is not None:
            self._rest.cancel()
        loop.remove_reader(self._socket.fileno())
        loop.remove_writer(self._socket.fileno())
        self._socket.close()

    @property
    def is_open(self) -> bool:
        return self._socket.fileno() >= 0

    def read(self) -> int:
        """Read once; how many bytes came."""
        try:
            data = self._socket.recv(READ_BYTES if self.is_proved else STRANGER_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            data = b""
        if not data:
            self._door.drop(self, None)
            return 0
        try:
            packets = self._reader.feed(data)
        except ValueError:
            self._door.drop(self, "tcp_bad_length")
            return len(data)
        self._take([*self._kept, *packets])
        return len(data)

    def _rest_with(self, packets: Sequence[bytes]) -> None:
        """Take these, of one read, and whatever comes behind them, when the rest is over."""
        self._kept = packets
        self.watch(False)
        self._rest = asyncio.get_running_loop().call_later(REST_S, self._end_rest)

    def _end_rest(self) -> None:
        self._rest = None
        if self._door.is_paused:
            return
        self._take(self._kept)
        if self.is_open and self._rest is None:
            self.watch(True)

    def _take(self, packets: Sequence[bytes]) -> None:
        door = self._door
        self._kept = ()
        for number, packet in enumerate(packets):
            if self.leaves_at is not None or not self.is_open:
                break
            if not self.is_proved and (not _may_check(packet) or self._stray == MAX_STRAY_CHECKS):
                door.drop(self, "tcp_stranger")
                break
            now = door.now()
            if self.is_proved and door.owner.is_over_budget(self.path, now):
                self._rest_with(packets[number:])
                break
            is_of_use = bool(packet) and door.owner.receive_framed(packet, self.path, now)
            if not self.is_proved:
                self._stray += 1
                door.heard(self)
            elif not is_of_use and not self._worthless.take(now):
                door.drop(self, "tcp_worthless")
                break
        door.owner.flush()

    def _write(self) -> None:
        outbox = self.outbox
        try:
            while parts := outbox.parts(self._door.now()):
                outbox.written(self._socket.sendmsg(parts))
        except (BlockingIOError, InterruptedError):
            self._set_writing(True)
            return
        except OSError:
            # Whoever sends is in the midst of its own work: the door closes behind it.
            self._set_writing(False)
            self._door.drop_soon(self)
            return
        self._set_writing(False)

    def _set_writing(self, wanted: bool) -> None:
        if wanted == self._is_writing:
            return
        self._is_writing = wanted
        loop = asyncio.get_running_loop()
        if wanted:
            loop.add_writer(self._socket.fileno(), self._write)
        else:
            loop.remove_writer(self._socket.fileno())


def _may_check(packet: bytes) -> bool:
    """Whether it begins as STUN does (RFC 7983)."""
    return packet[:1] <= b"\x03" and bool(packet)


class TcpDoor:
    """Listens, and owns the sockets it is given and all connections by them."""

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        owner: Owner,
        now: Callable[[], float],
        room: int = MAX_CONNECTIONS,
    ) -> None:
        """`room` is how many connections it may hold at once."""
        self.owner = owner
        self.now = now
        self.accepted = 0
        self.connections: dict[Path, TcpConnection] = {}
        self.reading = Reading(now)
        self._strangers: Strangers[TcpConnection] = Strangers()
        self._look_at = float("-inf")
        self._listeners = list(listeners)
        self.is_paused = True
        self._full: asyncio.TimerHandle | None = None
        self._room = room

    def resume(self) -> None:
        self.is_paused = False
        self._listen()
        for connection in self.connections.values():
            connection.watch(True)

    def pause(self) -> None:
        """Take nothing in, and nobody new."""
        self.is_paused = True
        self._listen()
        self.reading.stop()
        for connection in self.connections.values():
            connection.watch(False)

    def close(self) -> None:
        self.pause()
        if self._full is not None:
            self._full.cancel()
        for item in self._listeners:
            item.close()
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()

    def prove(self, path: Path, now: float) -> None:
        """An authentic check has come by this connection, or media under the peer's keys."""
        connection = self.connections.get(path)
        if connection is not None:
            connection.is_proved = True
            connection.proved_at = now
            self._strangers.discard(connection)

    def heard(self, stranger: TcpConnection) -> None:
        """It has said something, which proves nothing yet."""
        self._strangers.heard(stranger)

    def release(self, path: Path, now: float) -> None:
        """Nobody owns this path any more: nothing is taken from it, and it ends in LEAVE_S."""
        connection = self.connections.get(path)
        if connection is not None and connection.leaves_at is None:
            connection.leaves_at = now + LEAVE_S

    def drop(self, connection: TcpConnection, reason: str | None) -> None:
        """Close now; `reason` is counted, None for an end that the other side made."""
        if self.connections.pop(connection.path, None) is None:
            return
        self._strangers.discard(connection)
        self.reading.forget(connection)
        connection.close()
        if reason is not None:
            self.owner.count_bad(reason)
        self.owner.path_closed(connection.path, self.now())

    def drop_soon(self, connection: TcpConnection) -> None:
        asyncio.get_running_loop().call_soon(self.drop, connection, None)

    def expire(self, now: float) -> None:
        """Close what has had its time."""
        if now < self._look_at:
            return
        self._look_at = now + LOOK_S
        for connection in list(self.connections.values()):
            silent_s = now - connection.proved_at
            if connection.leaves_at is not None:
                if now >= connection.leaves_at:
                    self.drop(connection, None)
            elif not connection.is_proved and silent_s >= FIRST_CHECK_S:
                self.drop(connection, "tcp_no_check")
            elif silent_s >= FAILED_AFTER_S:
                self.drop(connection, "tcp_silent")

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for index, item in enumerate(self._listeners):
            if self.is_paused or self._full is not None:
                loop.remove_reader(item.fileno())
            else:
                loop.add_reader(item.fileno(), self._accept, index, item)

    def _accept(self, index: int, listener: socket.socket) -> None:
        for number in range(MAX_ACCEPTS):
            if not self.reading.has_left and number > 0:
                return
            try:
                sock, address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:
                self.owner.count_bad(f"tcp_accept_errno_{error.errno}")
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self._wait_for_room()
                return
            self.reading.spend()
            self._admit(sock, address)

    def _wait_for_room(self) -> None:
        loop = asyncio.get_running_loop()
        self._full = loop.call_later(FULL_PAUSE_S, self._try_again)
        self._listen()

    def _try_again(self) -> None:
        self._full = None
        self._listen()

    def _admit(self, sock: socket.socket, address: tuple[object, ...]) -> None:
        self.accepted += 1
        is_full = len(self.connections) >= self._room
        stranger = self._strangers.in_the_way(origin_of(address), is_full=is_full)
        if stranger is not None:
            self.drop(stranger, "tcp_crowd")
        if len(self.connections) >= self._room:
            self.owner.count_bad("tcp_full")
            sock.close()
            return
        set_options(sock)
        path = Path(-self.accepted, address)
        connection = TcpConnection(self, sock, path, self.now())
        self.connections[path] = connection
        self._strangers.add(connection)
        connection.watch(True)


def set_options(sock: socket.socket) -> None:
    """Nothing waits in the kernel for more, and a dead line is known as dead."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    timeout_ms = int(FAILED_AFTER_S * 1000)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)
