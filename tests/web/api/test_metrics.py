"""/metrics: who may read it, and what the whole application tells."""

from __future__ import annotations

import dataclasses
import re
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession, TCPConnector
from aiohttp.connector import AddrInfoType
from aiohttp.test_utils import TestClient, TestServer

from monitoring.machine.disk import Disk
from rooms.hub.hub import RoomHub
from rooms.hub.ownership import new_hub
from rooms.media.router import MediaRouter
from rooms.plane.local import LocalPlane
from tests.monitoring.promtool import promtool
from tests.web.board_pages import report, with_board
from tests.web.browser import Making, SignedIn, WebClient
from tests.web.wire.owners import AS_ROOT, NOBODY, socket_of
from web.api.metrics import node_reading
from web.app import build_app
from web.services import Services


@pytest_asyncio.fixture
async def services(services: Services) -> AsyncIterator[Services]:
    async with with_board(services) as made:
        yield made


async def test_this_machine_reads_the_sites_by_code_level_and_province(
    client: WebClient, services: Services
) -> None:
    await report(services, "cha-nua")
    answer = await client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = await answer.text()
    labels = 'level="commune",province="Tỉnh Điện Biên",site="CHA-NUA"'
    assert f'confhub_site_link_state{{{labels},state="good"}} 1.0' in text
    assert "confhub_board_reports_total 1.0" in text


PROXIES = [
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "x-forwarded-anything",
    "X-Real-IP",
    "x-real-port",
    "X-Original-Host",
    "X-Original-URL",
    "X-Scheme",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "X-Envoy-External-Address",
    "X-ProxyUser-IP",
    "X-Azure-ClientIP",
    "X-Request-Id",
    "X-Confhub-Relayed",
    "Forwarded",
    "Via",
    "CF-Connecting-IP",
    "CF-Ray",
    "CDN-Loop",
    "True-Client-IP",
    "Client-IP",
    "Fastly-Client-IP",
    "Akamai-Origin-Hop",
    "CloudFront-Viewer-Address",
    "Fly-Client-IP",
    "Ali-CDN-Real-IP",
    "DO-Connecting-IP",
    "Proxy-Client-IP",
    "WL-Proxy-Client-IP",
    "Remote-Addr",
]


async def test_what_a_proxy_passes_on_is_not_this_machine(client: WebClient) -> None:
    for name in PROXIES:
        answer = await client.get("/metrics", headers={name: "127.0.0.1"})
        assert answer.status == 403, name


async def test_what_browsers_and_prometheus_send_is_of_this_machine(client: WebClient) -> None:
    own = {
        "X-Prometheus-Scrape-Timeout-Seconds": "10",
        "X-CSRF-Token": "a",
        "Sec-Fetch-Site": "none",
    }
    own |= {"X-Requested-With": "XMLHttpRequest", "Referer": "http://localhost/", "DNT": "1"}
    assert (await client.get("/metrics", headers=own)).status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:9090", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("[::1]", 200),
        ("evil.example", 403),
        ("evil.example:8080", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example:80", 403),
        ("10.0.0.8", 403),
        ("\udcff", 403),
    ],
)
async def test_another_site_s_name_that_leads_here_is_not_this_machine(
    client: WebClient, host: str, status: int
) -> None:
    assert (await client.get("/metrics", headers={"Host": host})).status == status


@AS_ROOT
async def test_a_forwarder_of_bytes_that_another_user_runs_is_not_this_machine(
    client: WebClient,
) -> None:
    def theirs(found: AddrInfoType) -> socket.socket:
        return socket_of(NOBODY, found[0])

    async with ClientSession(connector=TCPConnector(socket_factory=theirs)) as forwarder:
        answer = await forwarder.get(client.make_url("/metrics"))
        assert answer.status == 403
        assert "metrics_token" in (await answer.json())["detail"]


async def test_a_token_opens_it_from_anywhere_and_nothing_else_does(new_client: Making) -> None:
    client = await new_client(metrics_token="bi-mat-1")
    passed_on = {"X-Forwarded-For": "203.0.113.7"}
    for sent in ("", "Bearer bi-mat-2", "Bearer ", "bi-mat-1", "Bearer bi-mật-1", "Bearer \udcff"):
        headers = {"Authorization": sent} if sent else {}
        assert (await client.get("/metrics", headers=headers)).status == 403, sent
    good = {"Authorization": "Bearer bi-mat-1"} | passed_on
    assert (await client.get("/metrics", headers=good)).status == 200


async def test_requests_are_timed_by_route_not_by_address(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    for path in ("/units/cha-nua", "/units/si-pha", "/nothing", "/units/khong-co"):
        await browser.get(path)
    await browser.request("PROPFIND", "/units")
    text = await (await browser.get("/metrics")).text()
    counted = re.findall(r"request_duration_seconds_count\{(.*?)\} ([\d.]+)", text)
    found = dict(counted)
    assert found['code="200",method="GET",route="/units/{unit_id}"'] == "2.0"
    assert found['code="404",method="GET",route="/units/{unit_id}"'] == "1.0"
    assert found['code="404",method="GET",route="unmatched"'] == "1.0"
    assert any('method="other"' in labels for labels in found)
    assert not any("cha-nua" in labels or "PROPFIND" in labels for labels in found)


async def test_without_a_board_the_hub_s_own_numbers_stand(services: Services) -> None:
    bare = dataclasses.replace(services, board=None)
    async with TestClient(TestServer(build_app(bare))) as client:
        text = await (await client.get("/metrics")).text()
    assert "confhub_build_info{" in text
    assert "confhub_rooms_live 0.0" in text


async def test_a_whole_hub_passes_promtool(services: Services) -> None:
    router = await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=lambda _: None)
    media = LocalPlane(router)
    rooms = RoomHub(store=services.store, bus=services.bus, media=media, hub=new_hub("hub-1"))
    await rooms.start()
    whole = dataclasses.replace(services, rooms=rooms, media=media)
    try:
        await report(whole, "nam-po", loss_up=0.12)
        async with TestClient(TestServer(build_app(whole))) as client:
            text = await (await client.get("/metrics")).text()
        reading = await node_reading(whole, Disk(whole.settings.data_dir))
        assert reading.joins is not None
        assert list(reading.media) == [""]
    finally:
        await rooms.close()
        await router.close()
    await promtool("check", "metrics", text=text)
