"""A real mail server (aiosmtpd) that keeps what it takes, and can be told to behave badly."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOGIN, PASSWORD = "hop", "bí mật"
OK = "250 OK"


@dataclass
class Box:
    """`mails`: recipient and bytes, as accepted. Answers may be set for what comes next, by
    recipient, or `*` for anybody; the last one stays."""

    mails: list[tuple[str, bytes]] = field(default_factory=list)
    answers_to: dict[str, list[str]] = field(default_factory=dict)
    answers_data: dict[str, list[str]] = field(default_factory=dict)
    answer_from: str = OK
    cuts: list[str] = field(default_factory=list)  # before, after: the mail is taken
    holds: asyncio.Event | None = None  # it takes mails, and answers to them only then
    seen_tls: list[bool] = field(default_factory=list)
    tried_auth: int = 0

    def recipients(self) -> list[str]:
        return [to for to, _data in self.mails]

    # What aiosmtpd calls.

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.seen_tls.append(session.ssl is not None)
        if self.answer_from == OK:
            envelope.mail_from = address
        return self.answer_from

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = _next(self.answers_to, address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        (address,) = envelope.rcpt_tos  # one site a mail
        cut = self.cuts.pop(0) if self.cuts else ""
        answer = _next(self.answers_data, address)
        if answer == OK and cut != "before":
            assert isinstance(envelope.original_content, bytes)
            self.mails.append((address, envelope.original_content))
        if self.holds is not None:
            await self.holds.wait()
        if cut:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return answer


def _next(answers: dict[str, list[str]], address: str) -> str:
    left = answers.get(address) or answers.get("*") or [OK]
    return left.pop(0) if len(left) > 1 else left[0]


@asynccontextmanager
async def mail_server_of(
    box: Box,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    auth: bool = False,
    port: int = 0,
) -> AsyncIterator[int]:
    """Serves `box` on this machine; the port."""

    def check(
        _server: SMTP, _session: object, _envelope: object, _how: str, said: object
    ) -> AuthResult:
        box.tried_auth += 1
        assert isinstance(said, LoginPassword)
        good = said == LoginPassword(LOGIN.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=good)

    def protocol() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check if auth else None,
            auth_required=auth and tls is None,  # else it warns that it does not ask for TLS
            auth_require_tls=auth and tls is None,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=tls)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
