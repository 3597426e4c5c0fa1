"""Addresses of mail as people write them. Pure."""

from __future__ import annotations

import re

from confhub.errors import N_, BadInput, ConfhubError

MAX_EMAIL_LENGTH = 254  # the longest address that SMTP carries (RFC 5321, 4.5.3.1.3)
MAX_LOCAL_LENGTH = 64  # of what stands before the @ (4.5.3.1.1)
# Enough to catch slips; only a letter that arrives proves an address.
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]]+@[^\s@<>,;:\"()\[\]]+\.[^\s@<>,;:\"()\[\].]{2,}")
# What every mail server takes, without quotes and without SMTPUTF8 (RFC 5321, 4.1.2).
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_WRONG = N_("Xin ghi địa chỉ thư không dấu, ví dụ chanua@dienbien.gov.vn.")


def is_email(text: str) -> bool:
    """Whether it may be somebody's address."""
    return len(text) <= MAX_EMAIL_LENGTH and bool(_EMAIL.fullmatch(text))


def can_be_sent_to(text: str) -> bool:
    """Whether any mail server takes it as an address."""
    local = text.partition("@")[0]
    return is_email(text) and len(local) <= MAX_LOCAL_LENGTH and bool(_PLAIN.fullmatch(text))


def wrong_recipient(text: str) -> ConfhubError | None:
    """What is wrong with an address that mail is sent to; empty is no address, and not wrong."""
    return BadInput(_WRONG) if text and not can_be_sent_to(text) else None
