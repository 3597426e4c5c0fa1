"""Addresses that mail is sent to."""

from __future__ import annotations

import pytest

from confhub.words.addresses import can_be_sent_to, wrong_recipient


@pytest.mark.parametrize(
    "text",
    ["chanua@dienbien.gov.vn", "hop+a1@x.vn", "UBND.xa-1@may-chu.dienbien.gov.vn", "o'neill@a.vn"],
)
def test_plain_addresses_are_taken(text: str) -> None:
    assert can_be_sent_to(text)


@pytest.mark.parametrize(
    "text",
    [
        "chànưa@dienbien.gov.vn",  # needs SMTPUTF8, which many servers lack
        "a@điệnbiên.vn",
        "a@localhost",
        "a b@c.vn",
        "a@b.vn, c@d.vn",
        "Lò <a@b.vn>",
        '"a b"@c.vn',
        "a@b.vn\r\nRCPT TO:<c@d.vn>",
        "a@b.vn\n",
        "a\0@b.vn",
        ".a@b.vn",
        "a..b@c.vn",
        "a@-b.vn",
        f"{'a' * 65}@b.vn",
        f"a@{'b' * 250}.vn",
    ],
)
def test_whatever_a_server_may_take_otherwise_is_refused(text: str) -> None:
    assert not can_be_sent_to(text)
    assert wrong_recipient(text) is not None


def test_no_address_is_not_a_wrong_one() -> None:
    assert wrong_recipient("") is None
