"""The connection to the server that keeps what comes back (IMAP, RFC 3501), by the library of
Python: each call waits, and is made in a thread."""

from __future__ import annotations

import contextlib
import imaplib
from dataclasses import dataclass
from typing import Any

from confhub.config import Settings
from confhub.jobs.smtp import Server
from confhub.mail.intake.mime import MOST_BYTES

_PORTS = {"tls": 993, "starttls": 143, "off": 143}
# One is enough to know that a message is longer than any that is read.
_MORE = 1
# Numbers asked for at once: the library takes a line of a million bytes, which old mailboxes fill.
_RANGE = 5000


class ImapTrouble(Exception):
    """The server does not do what it is asked to; its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer(Server):
    """Where answers come in. `done`: the folder for what was taken in; empty: it stays, and is
    marked as read."""

    folder: str
    done: str

    @property
    def name(self) -> str:
        """Tells one mailbox from another."""
        return f"{self.login}@{self.host}:{self.port}/{self.folder}"


def imap_server(settings: Settings) -> ImapServer | None:
    """None: nothing is taken in. BadInput as `Server.said`."""
    if not settings.imap_host:
        return None
    folders = {"folder": settings.imap_folder, "done": settings.imap_done_folder}
    return ImapServer.said(settings, "imap", _PORTS, **folders)


# What the library raises over a server, and over the way to it.
TROUBLES = (imaplib.IMAP4.error, ImapTrouble, OSError, EOFError, ValueError)


class _Plain(imaplib.IMAP4):
    """One that the line knows before the server greets, which may take as long as it likes."""

    def __init__(self, line: ImapLine, *args: Any, **kwargs: Any) -> None:
        self.line = line
        super().__init__(*args, **kwargs)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        super().open(host, port, timeout)
        if not self.line.has_begun(self):
            self.shutdown()
            raise ImapTrouble("stopped")


class _Tls(_Plain, imaplib.IMAP4_SSL):  # type: ignore[misc]  # of another usual port
    pass


class ImapLine:
    """One connection. Everything but `abort` waits for the server, for `timeout_s` a step, and
    raises one of TROUBLES."""

    def __init__(self, server: ImapServer) -> None:
        self.server = server
        self._client: imaplib.IMAP4 | None = None
        self._begun: imaplib.IMAP4 | None = None
        self._is_aborted = False
        self._able: frozenset[str] = frozenset()
        self._next = 0  # UIDNEXT; 0: the server does not say

    def open(self) -> int:
        """Sign in and open the folder; its UIDVALIDITY."""
        server, self._is_aborted = self.server, False
        given: dict[str, Any] = {"timeout": server.timeout_s}
        if server.tls == "tls":
            client: imaplib.IMAP4 = _Tls(
                self, server.host, server.port, ssl_context=server.context, **given
            )
        else:
            client = _Plain(self, server.host, server.port, **given)
        self._client = client
        if server.tls == "starttls":
            client.starttls(server.context)
        client.login(server.login, server.password)
        (able,) = _good(client.capability())[:1] or (b"",)  # more than before the sign-in
        self._able = frozenset(bytes(able or b"").decode("ascii", "replace").upper().split())
        _good(client.select(_quoted(server.folder)))
        self._next = _number(client, "UIDNEXT")
        return _number(client, "UIDVALIDITY")

    def has_begun(self, client: imaplib.IMAP4) -> bool:
        """There is a way to the server; False: whoever asked for it does not wait any more."""
        self._begun = client
        return not self._is_aborted

    def uids(self, after: int, most: int) -> list[int]:
        """Of the messages behind one, the first first."""
        if not self._next:
            return self._found(f"{after + 1}:*", after)[:most]
        found: list[int] = []
        first, width = after + 1, _RANGE
        while first < self._next and len(found) < most:
            more = self._found(f"{first}:{first + width - 1}", after)
            found += more
            # Where many were taken away there may be millions of numbers without a message.
            first, width = first + width, _RANGE if more else width * 2
        return found[:most]

    def _found(self, numbers: str, after: int) -> list[int]:
        (found,) = _good(self._opened.uid("SEARCH", "UID", numbers))[:1] or (b"",)
        # Of an empty range to the end the last message is told all the same.
        return [one for one in sorted(map(int, (found or b"").split())) if one > after]

    def message(self, uid: int) -> bytes:
        """Its bytes, but of one that is too long no more than shows it; it stays unread there.
        Empty: it is gone."""
        asked = f"(BODY.PEEK[]<0.{MOST_BYTES + _MORE}>)"
        for part in _good(self._opened.uid("FETCH", str(uid), asked)):
            if isinstance(part, tuple):
                return bytes(part[1])
        return b""

    def put_away(self, uid: int) -> bool:
        """It was taken in: into the folder for such, or marked as read; False: the server refuses
        that."""
        try:
            if self.server.done and self._is_moved(uid):
                return True
            _good(self._opened.uid("STORE", str(uid), "+FLAGS", r"(\Seen)"))
        except imaplib.IMAP4.abort:  # the line is no more
            raise
        except (imaplib.IMAP4.error, ImapTrouble):
            return False
        return not self.server.done

    def _is_moved(self, uid: int) -> bool:
        client, done = self._opened, _quoted(self.server.done)
        moves = "MOVE" in self._able  # RFC 6851
        said, _ = client.uid("MOVE" if moves else "COPY", str(uid), done)
        if said != "OK":  # there is no such folder yet
            client.create(done)
            said, _ = client.uid("MOVE" if moves else "COPY", str(uid), done)
        if said == "OK" and not moves:
            _good(client.uid("STORE", str(uid), "+FLAGS", r"(\Seen \Deleted)"))
            if "UIDPLUS" in self._able:
                _good(client.uid("EXPUNGE", str(uid)))
        return said == "OK"

    def close(self) -> None:
        """Say goodbye."""
        client, self._client, self._begun = self._client, None, None
        if client is not None:
            try:
                client.logout()
            except TROUBLES:  # the library leaves the line open
                with contextlib.suppress(OSError):
                    client.shutdown()

    def abort(self) -> None:
        """Whoever waits for the server waits no more. From any thread."""
        self._is_aborted = True
        client = self._client or self._begun
        if client is not None:
            with contextlib.suppress(OSError, AttributeError):
                client.sock.shutdown(2)

    @property
    def _opened(self) -> imaplib.IMAP4:
        if self._client is None:
            raise ImapTrouble("not connected")
        return self._client


def _good(answer: tuple[str, Any]) -> list[Any]:
    said, values = answer
    if said != "OK":
        raise ImapTrouble(f"{said} {values!r:.200}")
    return list(values)


def _number(client: imaplib.IMAP4, name: str) -> int:
    """What the server said of the folder; 0: nothing."""
    _said, values = client.response(name)
    return int(values[0] or 0) if values else 0


def _quoted(text: str) -> str:
    """A string of RFC 3501; the settings refuse line ends."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
