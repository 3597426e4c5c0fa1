"""The page of join links: QR codes, revoking, renewing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html

from confhub.meetings.meeting import JoinLink
from confhub.units.site import Site
from tests.statuses import set_status
from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import ROOMS, fill_in, heard, hidden, schedule
from web.pages.meetings.join_links import PAGE_SITES
from web.pages.meetings.link_code import qr_code
from web.services import Services


async def _link(services: Services, meeting_id: str, site_id: str) -> JoinLink:
    links = await services.store.links.latest(meeting_id)
    return next(link for link in links if link.site_id == site_id)


async def test_every_invited_site_has_its_own_code(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    page = await (await browser.get(f"/meetings/{meeting.id}/links")).text()
    assert page.count("/code.svg") == 3
    addresses = {part.split('"')[0] for part in page.split('data-copy="')[1:]}
    assert len(addresses) == 3
    invitations = [html.unescape(part.split('"')[0]) for part in page.split('data-invite="')[1:]]
    assert all("Giao ban tháng 12\n08:00–09:30, Thứ Tư, 02/12/2026\n" in one for one in invitations)
    assert {one.rsplit(" ", 1)[1] for one in invitations} == addresses


async def test_a_cancelled_meeting_hands_out_no_links(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    await set_status(services.store, meeting.id, "cancelled", "Bão số 5")
    for path in (f"/meetings/{meeting.id}", f"/meetings/{meeting.id}/links"):
        page = await (await browser.get(path)).text()
        assert "/join/" not in page
        assert "/code.svg" not in page


def test_a_code_is_an_svg_of_one_path_without_script() -> None:
    code = qr_code("https://hop.vn/join/abc").decode()
    assert code.startswith("<svg")
    assert code.count("<path") == 2  # paper and ink
    assert "script" not in code


async def test_a_code_is_a_picture_kept_by_its_own_browser_only(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    link = await _link(services, meeting.id, ROOMS["cha-nua"])
    page = await (await browser.get(f"/meetings/{meeting.id}/links")).text()
    path = f"/meetings/{meeting.id}/links/{link.id}/code.svg"
    assert f'src="{path}" loading="lazy"' in page
    assert services.tokens.sign(link) not in path
    assert "lazy" not in await (await browser.get(f"/meetings/{meeting.id}/links?all=1")).text()
    answer = await browser.get(path)
    assert answer.content_type == "image/svg+xml"
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    address = f"{str(browser.make_url('/')).rstrip('/')}/join/{services.tokens.sign(link)}"
    assert await answer.read() == qr_code(address)


async def test_a_code_is_for_who_may_see_the_link_while_it_opens_the_room(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    link = await _link(services, meeting.id, ROOMS["cha-nua"])
    path = f"/meetings/{meeting.id}/links/{link.id}/code.svg"
    able = {"technician/nam-po": 200, "technician/cha-nua": 200, "secretary/dien-bien": 200}
    unable = {"site/cha-nua": 404, "technician/si-pha": 404, "secretary/lai-chau": 404}
    for who, status in (able | unable).items():
        role, unit = who.split("/")
        assert (await (await signed_in(role, unit)).get(path)).status == status, who
    answer = await client.get(path, allow_redirects=False)
    assert (answer.status, answer.content_type) != (200, "image/svg+xml")
    foreign = await schedule(browser, services, date="2026-12-08")
    assert (await browser.get(path.replace(meeting.id, foreign.id))).status == 404
    await services.store.links.revoke(link.id, services.clock())
    assert (await browser.get(path)).status == 404
    other = await _link(services, meeting.id, ROOMS["si-pha"])
    await set_status(services.store, meeting.id, "cancelled", "Bão số 5")
    assert (await browser.get(path.replace(link.id, other.id))).status == 404


async def test_in_the_seats_above_the_host_only_their_own_people_sit(
    signed_in: SignedIn, services: Services
) -> None:
    commune = await signed_in("secretary", "cha-nua")
    own = {"host_unit_id": "cha-nua", "chair_site_id": ROOMS["cha-nua"], "level_id": "commune"}
    invited = f"{ROOMS['nam-po']} {ROOMS['dien-bien']}"
    meeting = await schedule(commune, services, **own, chair_name="", sites=invited)
    sign = services.tokens.sign
    addresses = {
        link.site_id: (f"/meetings/{meeting.id}/links/{link.id}/code.svg", f"/join/{sign(link)}")
        for link in await services.store.links.latest(meeting.id)
    }
    assert len(addresses) == 3
    for who, seen in (
        ("cha-nua", {ROOMS["cha-nua"]}),
        ("nam-po", {ROOMS["cha-nua"], ROOMS["nam-po"]}),  # they may all that the commune may
        ("dien-bien", set(addresses)),
    ):
        browser = await signed_in("secretary", who)
        for path in ("", "/links?all=1", "/invitations", "/invitations.csv"):
            text = await (await browser.get(f"/meetings/{meeting.id}{path}")).text()
            shown = {site_id for site_id, (_, link) in addresses.items() if link in text}
            assert shown == seen, (who, path)
        for site_id, (code, _) in addresses.items():
            assert ((await browser.get(code)).status == 200) is (site_id in seen), (who, site_id)
        said = "chỉ người của đơn vị đó xem được"
        page = await (await browser.get(f"/meetings/{meeting.id}/links")).text()
        assert (said in page) is (len(seen) < 3)


async def test_a_revoked_link_shows_so_stays_so_after_an_edit_and_can_be_renewed(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    link = await _link(services, meeting.id, ROOMS["cha-nua"])
    path = f"/meetings/{meeting.id}/links/{link.id}"
    async with heard(services) as told:
        await browser.post(f"{path}/revoke", data=await hidden(browser, f"{path}/revoke"))
    assert [(one.what, one.site_id) for one in told] == [("link_revoked", ROOMS["cha-nua"])]
    await fill_in(browser, f"/meetings/{meeting.id}/edit", title="Giao ban, sửa")
    page = await (await browser.get(f"/meetings/{meeting.id}/links")).text()
    assert page.count("/code.svg") == 2
    assert "Đã thu hồi" in page
    await browser.post(f"{path}/renew", data=await hidden(browser, f"{path}/renew"))
    renewed = await _link(services, meeting.id, ROOMS["cha-nua"])
    assert renewed.id != link.id
    assert renewed.revoked_at is None
    assert renewed.expires_at == meeting.ends_at + dt.timedelta(hours=2)


async def test_a_link_of_another_meeting_is_not_found_here(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    one = await schedule(browser, services)
    two = await schedule(browser, services, date="2026-12-08")
    link = await _link(services, two.id, ROOMS["cha-nua"])
    assert (await browser.get(f"/meetings/{one.id}/links/{link.id}/revoke")).status == 404


async def test_who_only_sees_a_link_does_not_revoke_it(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    link = await _link(services, meeting.id, ROOMS["cha-nua"])
    technician = await signed_in("technician", "nam-po")
    path = f"/meetings/{meeting.id}/links/{link.id}/revoke"
    assert (await technician.get(path)).status == 403


async def test_a_site_s_devices_have_an_address_and_a_token_for_each_direction(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    link = await _link(services, meeting.id, ROOMS["cha-nua"])
    path = f"/meetings/{meeting.id}/links"
    page = await (await browser.get(f"{path}?site={ROOMS['cha-nua']}")).text()
    sending, playing = page.split('data-use="')[1:]
    for use, part in (("whip", sending), ("whep", playing)):
        address, token = [text.split('"')[0] for text in part.split('data-text="')[1:3]]
        assert address == f"{str(browser.make_url('/')).rstrip('/')}/{use}/{meeting.id}"
        assert getattr(services.tokens, use).read(token) == link.id


async def test_a_revoked_link_gives_devices_nothing(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    link = await _link(services, meeting.id, ROOMS["cha-nua"])
    await services.store.links.revoke(link.id, services.clock())
    page = await (await browser.get(f"/meetings/{meeting.id}/links?site={ROOMS['cha-nua']}")).text()
    assert "data-use" not in page


async def test_hundreds_of_links_come_page_by_page_and_whole_for_the_printer(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    more = [Site(f"more-{n}", "nam-po", f"more-{n:02d}", f"Phòng {n:02d}") for n in range(40)]
    await services.store.sites.add_many(more)
    known = await services.store.meetings.get(meeting.id)
    sites = (*known.sites, *(site.id for site in more))
    large = await services.store.meetings.update(dataclasses.replace(known, sites=sites))
    await services.store.links.ensure(large, large.ends_at)
    path = f"/meetings/{meeting.id}/links"

    async def shown(query: str) -> tuple[int, int]:
        page = await (await browser.get(path + query)).text()
        return page.count('class="link-card"'), page.count("/code.svg")

    assert await shown("") == (PAGE_SITES, PAGE_SITES)
    assert await shown(f"?start={PAGE_SITES}") == (43 - PAGE_SITES, 43 - PAGE_SITES)
    assert await shown("?all=1") == (43, 43)
    assert await shown("?site=more-39") == (1, 1)
    page = await (await browser.get(f"{path}?near={ROOMS['cha-nua']}")).text()
    assert f'id="site-{ROOMS["cha-nua"]}"' in page  # of a lower level: after all of the district
