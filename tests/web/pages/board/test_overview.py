"""The link board as pages without script: who sees what, in which order, narrowed how."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from confhub.people.account import Role
from confhub.quality import Path
from confhub.units.site import Line, Site
from tests.web.board_pages import TITLE, add_meeting, report, with_board
from tests.web.browser import Clock, SignedIn, WebClient, sign_in
from web.app import build_app
from web.services import Services


@pytest_asyncio.fixture
async def services(services: Services) -> AsyncIterator[Services]:
    async with with_board(services) as made:
        yield made


async def read(browser: WebClient, path: str = "/board") -> str:
    answer = await browser.get(path)
    assert answer.status == 200, await answer.text()
    return await answer.text()


def counters(page: str) -> dict[str, int]:
    found = re.findall(r'data-standing="(\w+)".*?data-f="number">(\d+)<', page, re.S)
    return {name: int(number) for name, number in found}


def rows(page: str, section: str) -> list[str]:
    """Site ids of one part of the table."""
    part = re.search(rf'<tbody data-section="{section}".*?</tbody>', page, re.S)
    return re.findall(r'data-site="([\w-]+)"', part[0]) if part else []


@pytest.mark.parametrize("role", ["admin", "secretary", "technician"])
async def test_it_and_secretaries_see_the_board(signed_in: SignedIn, role: Role) -> None:
    page = await read(await signed_in(role, "nam-po"))
    assert "Phòng họp Huyện Nậm Pồ" in page
    assert "Số liệu lúc 12:00" in page
    assert '<meta http-equiv="refresh" content="30">' in page  # within noscript


async def test_a_site_s_account_does_not(signed_in: SignedIn) -> None:
    browser = await signed_in("site", "nam-po")
    for path in ("/board", "/board/stream", "/board/sites/nam-po-room"):
        assert (await browser.get(path)).status == 403


async def test_a_commune_s_technician_sees_its_own_room_only(signed_in: SignedIn) -> None:
    browser = await signed_in("technician", "cha-nua")
    page = await read(browser)
    assert "Phòng họp Xã Chà Nưa" in page
    assert "Nậm Pồ" not in page
    assert "Si Pa Phìn" not in page
    for path in (
        "/board?unit=nam-po",
        "/board?unit=si-pha",
        "/board/stream?unit=si-pha",
        "/board/sites/si-pha-room",
    ):
        assert (await browser.get(path)).status == 404, path


async def test_sites_are_counted_and_the_worst_come_first(
    signed_in: SignedIn, services: Services
) -> None:
    await add_meeting(services, "nam-po", "cha-nua", "si-pha", "dien-bien")
    await report(services, "nam-po")
    await report(services, "cha-nua", loss_up=0.12)
    await report(services, "dien-bien", connected=False)
    page = await read(await signed_in("technician", "dien-bien"))
    assert counters(page) == {
        "lost": 1, "poor": 1, "fair": 0, "missing": 1, "awaited": 0, "good": 1, "absent": 0,
    }  # fmt: skip
    assert rows(page, "trouble") == ["dien-bien-room", "cha-nua-room", "si-pha-room"]
    assert "Mất gói lên 12 %" in page
    assert "Chưa vào phòng họp" in page
    assert TITLE in page


async def test_the_number_that_is_marked_is_the_one_that_the_words_name(
    signed_in: SignedIn, services: Services
) -> None:
    await add_meeting(services, "nam-po", "cha-nua")
    await report(services, "cha-nua", loss_up=0.12)
    page = await read(await signed_in("technician", "nam-po"))
    row = re.findall(r'<tr[^>]*data-site="cha-nua-room".*?</tr>', page, re.S)[0]  # of the trouble
    assert re.findall(r'data-cell="(\w+)"[^>]*data-mark', row) == ["loss_up"]
    assert "Mất gói lên 12 %" in row


async def test_a_district_s_communes_are_rows_of_one_group(signed_in: SignedIn) -> None:
    page = await read(await signed_in("technician", "nam-po"))
    assert rows(page, "nam-po") == ["nam-po-room", "cha-nua-room", "si-pha-room"]
    assert rows(page, "cha-nua") == []


async def test_a_province_s_districts_are_groups_that_open_by_link(signed_in: SignedIn) -> None:
    browser = await signed_in("technician", "dien-bien")
    page = await read(browser)
    assert rows(page, "nam-po") == ["nam-po-room", "cha-nua-room", "si-pha-room"]
    assert 'href="/board?open=dien-bien"' in page
    page = await read(browser, "/board?open=dien-bien")
    assert rows(page, "dien-bien") == ["dien-bien-room"]
    assert rows(page, "nam-po") == []


async def test_the_board_narrows_by_state_and_by_words_without_diacritics(
    signed_in: SignedIn, services: Services
) -> None:
    await report(services, "cha-nua", loss_up=0.12)
    await report(services, "si-pha")
    browser = await signed_in("technician", "dien-bien")
    page = await read(browser, "/board?state=poor")
    assert rows(page, "nam-po") == ["cha-nua-room"]
    assert 'data-section="trouble"' not in page
    assert 'data-section="dien-bien"' not in page
    assert "Bỏ lọc" in page
    page = await read(browser, "/board?q=si+pa+phin")
    assert rows(page, "nam-po") == ["si-pha-room"]
    page = await read(browser, "/board?q=si+pa+phin&state=poor")
    assert "Không có điểm cầu nào như vậy" in page
    assert rows(page, "nam-po") == []
    page = await read(browser, '/board?state="><b>&q=')
    assert rows(page, "nam-po") == ["nam-po-room", "cha-nua-room", "si-pha-room"]


async def test_a_large_board_shows_groups_and_their_counts_until_one_is_opened(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.sites.add_many(
        [Site(f"extra{n}", "si-pha", f"x-{n}", f"Phòng họp thôn {n}") for n in range(500)]
    )
    await report(services, "cha-nua", loss_up=0.12)
    browser = await signed_in("technician", "dien-bien")
    page = await read(browser)
    assert '"full":false' in page
    assert rows(page, "nam-po") == []
    assert rows(page, "trouble") == ["cha-nua-room"]
    assert "503 điểm cầu" in page
    page = await read(browser, "/board?open=nam-po")
    assert len(rows(page, "nam-po")) == 503
    page = await read(browser, "/board?q=thon")
    assert len(rows(page, "nam-po")) == 400
    assert "Còn 100 điểm cầu nữa" in page


async def test_a_site_says_why_and_whom_to_call(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    site = await services.store.sites.get("cha-nua-room")
    await services.store.sites.update(
        dataclasses.replace(
            site,
            technician_name="Lò Văn Pâng",
            technician_phone="0912 000 111",
            room_phone="0215 3 000 222",
            lines=(
                Line("mobile", "Viettel", backup=True),
                Line("fibre", "VNPT", down_bps=50_000_000, up_bps=20_000_000),
            ),
        )
    )
    for _ in range(6):
        await report(services, "cha-nua", loss_up=0.12)
        clock.pass_by(seconds=5)
    browser = await signed_in("technician", "nam-po")
    for path in ("/board/sites/cha-nua-room", "/board/sites/cha-nua-room?part=1"):
        page = await read(browser, path)
        for words in (
            "Mất gói lên 12 %",
            "Lò Văn Pâng",
            'href="tel:0912000111"',
            'href="tel:02153000222"',
            "Dự phòng",
            "50 / 20 Mbps",
            "SRTP_AEAD_AES_256_GCM",
            "spark-line",
            "band-poor",
        ):
            assert words in page, (path, words)
        assert page.index("VNPT") < page.index("Viettel")
        assert ("<html" in page) == ("part" not in path)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (Path(rtt_ms=20, candidate_type="host", transport="udp"), "trực tiếp (UDP)"),
        (Path(rtt_ms=20, candidate_type="srflx", transport="udp"), "trực tiếp (UDP)"),
        (Path(rtt_ms=20, candidate_type="prflx", transport="tcp"), "qua TCP"),
        (Path(rtt_ms=20, candidate_type="relay", transport="udp"), "qua TURN (UDP)"),
        (Path(rtt_ms=20, candidate_type="relay", transport="tls"), "qua TURN (TLS)"),
    ],
)
async def test_a_site_says_by_which_way_it_comes_and_its_row_does_where_that_is_a_detour(
    signed_in: SignedIn, services: Services, path: Path, words: str
) -> None:
    await report(services, "cha-nua", path=path)
    browser = await signed_in("technician", "nam-po")
    page = await read(browser, "/board/sites/cha-nua-room?part=1")
    assert f"<dt>Kết nối hình và tiếng</dt><dd>{words}</dd>" in page
    assert (words in await read(browser)) == words.startswith("qua")


async def test_a_site_s_device_is_named_and_judged_by_the_hub_s_measure(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    for _ in range(6):
        await report(services, "cha-nua", device=True)
        clock.pass_by(seconds=5)
    page = await read(await signed_in("technician", "nam-po"), "/board/sites/cha-nua-room")
    assert "Thiết bị WHIP" in page
    assert "state-good" in page


async def test_a_site_nobody_heard_of_shows_what_is_written_down(signed_in: SignedIn) -> None:
    page = await read(await signed_in("technician", "nam-po"), "/board/sites/si-pha-room")
    assert "Không họp" in page
    assert "Chưa có số liệu trong 5 phút qua" in page
    assert "Chưa ghi đường truyền nào" in page


async def test_a_room_of_a_unit_that_ended_keeps_its_page(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    await add_meeting(services, "nam-po", "cha-nua")
    today = clock.now.astimezone(services.zone).date()
    await services.store.units.close_units(["cha-nua"], today)
    await report(services, "cha-nua", loss_up=0.08)
    browser = await signed_in("technician", "nam-po")
    assert "cha-nua-room" in await read(browser)
    assert "Mất gói lên 8" in await read(browser, "/board/sites/cha-nua-room")


async def test_numbers_are_written_as_people_here_write_them(
    signed_in: SignedIn, services: Services
) -> None:
    await report(services, "nam-po")
    page = await read(await signed_in("technician", "nam-po"))
    assert ">4,4<" in page
    assert ">1,1<" in page  # Mbps


async def test_without_a_board_the_page_says_so(services: Services) -> None:
    bare = dataclasses.replace(services, board=None)
    async with TestClient(TestServer(build_app(bare))) as browser:
        await sign_in(browser, "technician.nam-po")
        assert (await browser.get("/board")).status == 503
