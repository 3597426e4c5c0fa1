"""Signed tokens: only what we signed, for one purpose, in one spelling, in its time."""

from __future__ import annotations

import datetime as dt
import stat
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from confhub.errors import BadInput
from confhub.meetings.meeting import JoinLink
from confhub.meetings.tokens import (
    KEY_BYTES,
    KEY_FILE,
    MAX_TOKEN_LENGTH,
    JoinTokens,
    Signer,
    read_key,
)

KEY = bytes(range(KEY_BYTES))
NOW = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
LINK = JoinLink("0123456789abcdef", "meeting-1", "site-1", NOW + dt.timedelta(hours=1))
TOKEN = JoinTokens(KEY).sign(LINK)


def test_a_link_s_token_names_the_link() -> None:
    assert JoinTokens(KEY).read(TOKEN) == LINK.id
    assert len(TOKEN) < 100  # it is printed, and scanned as a QR code


def test_an_address_that_was_sent_with_a_date_in_it_still_names_its_link() -> None:
    """As they were before 0.2; links live with their meeting."""
    payload = struct.pack(">q", int(NOW.timestamp())) + LINK.id.encode()
    assert JoinTokens(KEY).read(Signer(KEY, "join link 1").sign(payload)) == LINK.id


def test_a_token_of_another_key_is_not_ours() -> None:
    with pytest.raises(BadInput) as bad:
        JoinTokens(bytes(KEY_BYTES)).read(TOKEN)
    assert bad.value.code == "bad_link"


def test_a_token_of_another_purpose_is_not_ours() -> None:
    tokens = JoinTokens(KEY)
    payload = LINK.id.encode()
    for signer in (tokens.devices, tokens.sign_ins, Signer(KEY, "something else")):
        with pytest.raises(BadInput):
            tokens.read(signer.sign(payload))
    assert tokens.devices.open(TOKEN) is None


def test_every_changed_sign_spoils_a_token() -> None:
    tokens = JoinTokens(KEY)
    for place, sign in enumerate(TOKEN):
        forged = TOKEN[:place] + ("A" if sign != "A" else "B") + TOKEN[place + 1 :]
        with pytest.raises(BadInput):
            tokens.read(forged)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.b",
        TOKEN[:-1],
        TOKEN + "=",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.replace(".", ".."),
        TOKEN.partition(".")[0],
        TOKEN.partition(".")[0] + ".",
        TOKEN.upper(),
        "ố" * 40,
        "\ud800",
        TOKEN + "A" * MAX_TOKEN_LENGTH,
    ],
)
def test_whatever_else_is_sent_is_not_ours(text: str) -> None:
    with pytest.raises(BadInput):
        JoinTokens(KEY).read(text)


def test_a_signature_has_one_spelling() -> None:
    # The last sign of 32 bytes in base64 has two spare bits.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = alphabet.index(TOKEN[-1])
    twins = [TOKEN[:-1] + alphabet[place ^ spare] for spare in (1, 2, 3)]
    assert [Signer(KEY, "join link 1").open(twin) for twin in twins] == [None] * 3


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    key = read_key(folder)
    assert len(key) == KEY_BYTES
    assert read_key(folder) == key
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [one.name for one in folder.iterdir()] == [KEY_FILE]


def test_hubs_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: read_key(tmp_path), range(64)))
    assert len(keys) == 1


def test_a_damaged_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(BadInput) as bad:
        read_key(tmp_path)
    assert KEY_FILE in str(bad.value)
    assert (tmp_path / KEY_FILE).read_bytes() == b"short"
