"""A relay that runs is found by the doctor, by UDP and by TCP."""

from __future__ import annotations

from pathlib import Path

from confhub.config import Settings
from confhub.hub.doctor.reach import check_relays
from tests.e2e.turn_server import turn_server


async def test_a_relay_that_runs_is_found(tmp_path: Path) -> None:
    with turn_server(tmp_path, "127.0.0.1", "127.0.0.1") as server:
        urls = (server.url("udp"), server.url("tcp"))
        found = await check_relays(Settings(turn_urls=urls, turn_secret="s"))
    assert [one.verdict for one in found] == ["good", "good"]
