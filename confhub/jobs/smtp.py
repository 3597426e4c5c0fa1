"""The connection to the server that takes mail (SMTP, RFC 5321)."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
)

from confhub.config import Settings
from confhub.errors import N_, BadInput
from confhub.mail.outcome import CUT_OFF, NO_SERVER, NOT_HEARD, Outcome, Step, refusal

# Connection, greeting, encryption and sign-in, sender and recipient are each bounded by the
# server's timeout; all together are by so many of it.
_STEPS = 3
_PORTS = {"starttls": 587, "tls": 465, "off": 25}
# RFC 5321, 4.5.3.2.6: the server delivers the mail before it answers, and who goes sooner makes it
# deliver the same mail again.
DATA_ANSWER_S = 600.0
# A goodbye is a courtesy.
_QUIT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to connect, and as whom."""

    host: str
    port: int
    tls: str
    context: ssl.SSLContext | None
    login: str
    password: str
    timeout_s: float

    @classmethod
    def said(cls, settings: Settings, name: str, ports: Mapping[str, int], **more: object) -> Self:
        """By the settings that begin with this name. BadInput for a file that cannot be read."""

        def of(what: str) -> Any:
            return getattr(settings, f"{name}_{what}")

        return cls(
            host=of("host"),
            port=of("port") or ports[of("tls")],
            tls=of("tls"),
            context=tls_context(of("tls"), of("ca")),
            login=of("login"),
            password=password_in(of("password_file")),
            timeout_s=of("timeout_s"),
            **more,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer(Server):
    """Where mail goes."""

    sender: str
    data_answer_s: float = DATA_ANSWER_S  # for the answer to the mail itself


def mail_server(settings: Settings) -> MailServer | None:
    """None: mail is off. BadInput as `Server.said`."""
    if not settings.mail_host:
        return None
    return MailServer.said(settings, "mail", _PORTS, sender=settings.mail_from)


def tls_context(tls: str, authority: str) -> ssl.SSLContext | None:
    """None: without TLS. `authority`: a file, else those that this machine knows. BadInput."""
    if tls == "off":
        return None
    try:
        return ssl.create_default_context(cafile=authority or None)
    except OSError as error:  # ssl.SSLError is one
        raise _unreadable(authority, error) from None


def password_in(path: str) -> str:
    """The first line of a file; empty without one. BadInput."""
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: Exception) -> BadInput:
    values = {"path": path, "error": error}
    return BadInput(N_("Không đọc được tệp %(path)s: %(error)s"), values=values)


class _Client(SMTP):
    """Knows whether a mail was handed over, and waits for the answer to it as long as it takes."""

    data_answer_s: float
    has_handed_over = False

    async def data(self, message: str | bytes, /, **_given: Any) -> SMTPResponse:
        self.has_handed_over = True
        return await super().data(message, timeout=self.data_answer_s)


class SmtpLine:
    """One connection at a time, opened when there is something to send."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._client: _Client | None = None

    @property
    def most_s(self) -> float:
        """What one mail takes at most."""
        return _STEPS * self.server.timeout_s + self.server.data_answer_s

    async def send(self, recipient: str, data: bytes) -> Outcome:
        """Hand over one mail, within `most_s`. Never raises for what a server or the way to it
        does."""
        step: Step = "from"
        try:
            client = await self._connected()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            await self._forget()
            return Outcome("trouble", _words_of(error), ours=NO_SERVER)
        client.has_handed_over = False
        try:
            await client.sendmail(self.server.sender, [recipient], data)
        except SMTPSenderRefused as error:
            outcome = refusal("from", error.code, error.message)
        except SMTPRecipientsRefused as error:
            first = error.recipients[0]
            outcome = refusal("to", first.code, first.message)
        except SMTPDataError as error:
            outcome = refusal("data", error.code, error.message)
        except SMTPResponseException as error:
            outcome = refusal(step, error.code, error.message)
        except (SMTPException, OSError, TimeoutError) as error:
            await self._forget()
            # Before the mail went the server cannot have it; after that nobody knows.
            if client.has_handed_over:
                return Outcome("unknown", _words_of(error), ours=NOT_HEARD)
            return Outcome("later", _words_of(error), ours=CUT_OFF)
        else:
            return Outcome("sent")
        if outcome.result == "trouble" or outcome.gone:
            await self._forget()
        return outcome

    async def try_out(self, within_s: float) -> str:
        """Connect and sign in, and send nothing; in words why that failed, "" if it did not."""
        try:
            async with asyncio.timeout(within_s):
                await self._connected()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            await self._forget()
            return _words_of(error)
        await self.close()
        return ""

    async def _connected(self) -> _Client:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self.server
        self._client = client = _Client(
            hostname=server.host,
            port=server.port,
            # Else it would ask the resolver, and wait for it.
            local_hostname=server.sender.rpartition("@")[2],
            timeout=server.timeout_s,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=server.context,
            username=server.login or None,
            password=server.password or None,
        )
        client.data_answer_s = server.data_answer_s
        await client.connect()
        return client

    async def close(self) -> None:
        """Say goodbye; the next mail opens another connection."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(_QUIT_S):
                    await client.quit()
            client.close()

    async def _forget(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _words_of(error: Exception) -> str:
    """A server's answer stands in some of them."""
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    return f"{type(error).__name__}: {error}"
