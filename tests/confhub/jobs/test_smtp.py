"""The way to the mail server: encrypted, by a password, and only to who proves itself."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import msgspec
import pytest

from confhub.config import Settings
from confhub.errors import BadInput
from confhub.hub.tls.lab import ensure_lab_certificate
from confhub.jobs.smtp import mail_server
from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.mail_server import LOGIN, PASSWORD, Box, mail_server_of
from tests.confhub.jobs.mail_world import MEETING, Hub, send_out
from tests.confhub.mail.letters import HUB


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """Of the server, and the file of its authority."""
    made = ensure_lab_certificate(tmp_path, ["localhost", "127.0.0.1"], dt.datetime.now(dt.UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    return context, str(made.authority)


@pytest.fixture
def signed_in(tmp_path: Path) -> dict[str, str]:
    secret = tmp_path / "mail-password"
    secret.write_text(f"{PASSWORD}\n", "utf-8")
    return {"mail_login": LOGIN, "mail_password_file": str(secret)}


async def test_starttls_with_a_password(
    store: Store,
    draft: Draft,
    box: Box,
    tls: tuple[ssl.SSLContext, str],
    signed_in: dict[str, str],
) -> None:
    await send_out(store)
    async with mail_server_of(box, starttls=tls[0], auth=True) as port:
        await Hub(store, port, mail_tls="starttls", mail_ca=tls[1], **signed_in).work()
    assert (len(box.mails), box.seen_tls, box.tried_auth) == (2, [True, True], 1)


async def test_tls_from_the_first_byte(
    store: Store,
    draft: Draft,
    box: Box,
    tls: tuple[ssl.SSLContext, str],
    signed_in: dict[str, str],
) -> None:
    await send_out(store)
    async with mail_server_of(box, tls=tls[0], auth=True) as port:
        await Hub(store, port, mail_tls="tls", mail_ca=tls[1], **signed_in).work()
    assert (len(box.mails), box.tried_auth) == (2, 1)


async def test_a_server_that_cannot_encrypt_or_prove_itself_gets_nothing(
    store: Store, draft: Draft, box: Box, tls: tuple[ssl.SSLContext, str]
) -> None:
    await send_out(store)
    async with mail_server_of(box) as port:
        plain = Hub(store, port, mail_tls="starttls", mail_ca=tls[1])
        await plain.work()
    async with mail_server_of(box, starttls=tls[0]) as port:
        stranger = Hub(store, port, mail_tls="starttls")  # whose authority nobody knows
        await stranger.work()
    assert box.mails == []
    assert "CERTIFICATE_VERIFY_FAILED" in (await stranger.mail_of("a")).error or (
        "CERTIFICATE_VERIFY_FAILED" in (await stranger.mail_of("b")).error
    )


async def test_a_wrong_password_lets_everything_wait(
    store: Store,
    draft: Draft,
    box: Box,
    tls: tuple[ssl.SSLContext, str],
    signed_in: dict[str, str],
) -> None:
    await send_out(store)
    async with mail_server_of(box, starttls=tls[0], auth=True) as port:
        wrong = signed_in | {"mail_login": "ai"}
        hub = Hub(store, port, mail_tls="starttls", mail_ca=tls[1], **wrong)
        await hub.work()
    states = {mail.state for mail in (await store.mail.latest(MEETING)).values()}
    assert (box.mails, states) == ([], {"waiting"})


@pytest.mark.parametrize("name", ["mail_ca", "mail_password_file"])
def test_a_file_that_cannot_be_read_stops_the_start(name: str, tmp_path: Path) -> None:
    given = Settings(mail_host="mail.test", mail_from=HUB, mail_login="hop")
    with pytest.raises(BadInput, match="nowhere"):
        mail_server(msgspec.structs.replace(given, **{name: str(tmp_path / "nowhere")}))
