"""Signed tokens: what a join link's address carries, and what remembers a known browser.

A token is base64url(payload) "." base64url(HMAC-SHA256(purpose key, payload)). Every purpose
has its own key, derived from the one secret, so a token of one kind never passes as another.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from confhub.errors import N_, BadInput
from confhub.meetings.meeting import JoinLink

KEY_BYTES = 32  # the output size of SHA-256: a longer key adds nothing
KEY_FILE = "secret.key"
# An id of 16 characters, an 8 byte time and the signature take 91; longer is not ours.
MAX_TOKEN_LENGTH = 256
_DATE_BYTES = 8
_ANSWER_BYTES = 10  # each guess is a mail: 80 bits, as of an id
_ANSWER_LETTERS = 16  # of them in base32
_MARK_BYTES = 8  # no two of a country's accounts meet in 64 bits

_BAD_LINK = N_("Liên kết vào họp không đúng. Xin mở lại liên kết thư ký đã gửi.")


def read_key(data_dir: Path) -> bytes:
    """The hub's secret, made at first start with mode 0600. Hubs of one cluster share the file."""
    path = data_dir / KEY_FILE
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise BadInput(
            N_("Tệp khóa %(path)s hỏng: cần đúng %(bytes)s byte."),
            values={"path": path, "bytes": KEY_BYTES},
        )
    return key


def fingerprint(key: bytes) -> str:
    """Tells one key from another, and nothing about either. 64 characters."""
    return hmac.digest(key, b"fingerprint 1", hashlib.sha256).hex()


def _make_key(path: Path) -> None:
    """Whole or not at all: of two hubs that start at once, one's key stays and serves both."""
    unfinished = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink()


class Signer:
    """Signs and opens payloads of one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key = hmac.digest(key, purpose.encode(), hashlib.sha256)

    def sign(self, payload: bytes) -> str:
        mac = hmac.digest(self._key, payload, hashlib.sha256)
        return f"{_encode(payload)}.{_encode(mac)}"

    def open(self, token: str, most: int = MAX_TOKEN_LENGTH) -> bytes | None:
        """The payload, or None for whatever we did not sign. Constant time in the signature."""
        if len(token) > most:
            return None
        head, dot, tail = token.partition(".")
        try:
            payload, mac = _decode(head), _decode(tail)
        except (ValueError, binascii.Error):
            return None
        # Base64 has spare bits: only the one spelling we write is accepted.
        if not dot or _encode(payload) != head or _encode(mac) != tail:
            return None
        good = hmac.compare_digest(mac, hmac.digest(self._key, payload, hashlib.sha256))
        return payload if good else None

    def mark(self, payload: bytes, size: int = _MARK_BYTES) -> bytes:
        """Tells one payload from another, and nothing about either. 8 bytes, or as many as asked
        for, up to 32."""
        return hmac.digest(self._key, payload, hashlib.sha256)[:size]


class LinkTokens:
    """Tokens of one use that name a join link.

    No date is in them: whether the link lives, and its meeting's doors are open, the store says.
    So an address that was printed and sent outlives every change of the meeting's time.
    """

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def sign(self, link: JoinLink) -> str:
        return self._signer.sign(link.id.encode("ascii"))

    def read(self, token: str) -> str:
        """The link's id. Raises BadInput if we never signed it."""
        payload = self._signer.open(token)
        if payload is None:
            raise BadInput(_BAD_LINK, code="bad_link")
        # Addresses from when links had a date begin with its eight bytes; ids never hold a NUL.
        return payload[_DATE_BYTES if payload.startswith(b"\0") else 0 :].decode("ascii")


class AnswerTokens:
    """Of addresses to which a site answers an invitation: the link's id and its signature, in small
    letters and digits, since a mail server may change capitals, and has 64 letters for all.

    What names our mails looks alike and answers nothing: whoever is written to about an invitation
    reads its Message-ID.
    """

    def __init__(self, addresses: Signer, mails: Signer) -> None:
        self._addresses = addresses
        self._mails = mails

    def sign(self, link_id: str) -> str:
        return _marked(self._addresses, link_id)

    def read(self, token: str) -> str | None:
        """The link's id; None for whatever we did not sign."""
        return _link_in(self._addresses, token)

    def sign_mail(self, link_id: str) -> str:
        return _marked(self._mails, link_id)

    def read_mail(self, token: str) -> str | None:
        """Likewise of a mail's name; the first invitations were named by their address's token."""
        return _link_in(self._mails, token) or self.read(token)


class JoinTokens(LinkTokens):
    """Of addresses of join links; and the signers of all other purposes.

    `whip` and `whep` are what a site's devices carry to send and to receive: whoever may have
    the site's link may have these, and they die with it.
    """

    def __init__(self, key: bytes) -> None:
        super().__init__(Signer(key, "join link 1"))
        self.sign_ins = Signer(key, "sign-in 1")
        self.accounts = Signer(key, "account of a sign-in 1")
        self.devices = Signer(key, "known browser 1")
        self.relayed = Signer(key, "relayed 1")
        self.files = Signer(key, "files of a link's page 1")
        self.said = Signer(key, "said on the next page 1")
        self.answers = AnswerTokens(
            Signer(key, "answer by mail 1"), Signer(key, "name of a mail 1")
        )
        self.feeds = Signer(key, "calendar feed 1")
        self.programs = Signer(key, "access of a program 1")
        self.whip = LinkTokens(Signer(key, "whip 1"))
        self.whep = LinkTokens(Signer(key, "whep 1"))


def _marked(signer: Signer, link_id: str) -> str:
    mark = signer.mark(link_id.encode("ascii"), _ANSWER_BYTES)
    return link_id + base64.b32encode(mark).decode("ascii").lower()


def _link_in(signer: Signer, token: str) -> str | None:
    link_id = token.lower()[:-_ANSWER_LETTERS]
    if not link_id or not token.isascii():
        return None
    good = hmac.compare_digest(_marked(signer, link_id).encode(), token.lower().encode())
    return link_id if good else None


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.b64decode(
        text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
    )
