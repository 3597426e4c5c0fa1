"""`confhub load` against a real hub: sites come in, send a clip, and tell what they got."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from rooms.load.verdict import Summary
from tests.e2e.hub_process import HubProcess, demo_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    with demo_hub(tmp_path_factory.mktemp("hub")) as made:
        yield made


def test_a_few_sites_meet_and_everything_arrives(hub: HubProcess) -> None:
    told = hub.command(
        *("load", "--origin", hub.origin, "--json"),
        *("--sites", "4", "--cameras", "2", "--voices", "2", "--seconds", "2"),
    )
    summary = msgspec.json.decode(told, type=Summary)
    assert (summary.sites, summary.failed) == (4, ())
    assert summary.cipher == "SRTP_AEAD_AES_256_GCM"
    assert summary.packets_in > 0
    assert summary.packets_out > 0
    assert summary.join_ms.count == summary.first_media_ms.count == 4
    assert summary.delay_ms.count > 0
    assert summary.jitter_ms.count == 4
    assert summary.hub_us_per_packet is not None


def test_a_wrong_password_is_told_in_words(hub: HubProcess) -> None:
    with pytest.raises(AssertionError, match="không nhận tên đăng nhập"):
        hub.command("load", "--origin", hub.origin, "--password", "sai")
