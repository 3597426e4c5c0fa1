"""A meeting's invitations by mail on its page."""

from __future__ import annotations

import dataclasses

from confhub.desks.mail.planning import plan
from confhub.mail.letter import Mail
from confhub.mail.outcome import TOO_LATE, UNKNOWN, Outcome
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from tests.web.browser import SignedIn, WebClient, submit
from tests.web.meeting_pages import ROOMS, schedule
from web.services import Services

ORIGIN = "http://hop.dienbien.gov.vn"
MAIL = {
    "mail_host": "mail.test",
    "mail_from": "hop@dienbien.gov.vn",
    "public_origin": ORIGIN,
}
ADDRESS = "chanua@dienbien.gov.vn"


async def mailed(services: Services) -> None:
    """Give two of the three sites an address."""
    for name, email in (("cha-nua", ADDRESS), ("si-pha", "sipha@dienbien.gov.vn")):
        site = await services.store.sites.get(ROOMS[name])
        await services.store.sites.update(dataclasses.replace(site, email=email))


async def planned(services: Services, meeting: Meeting) -> dict[str, Mail]:
    """As the job does it."""
    async with services.store.work(Actor(services.clock())) as work:
        await plan(work, meeting.id, "", 200, 60)
    return await services.store.mail.latest(meeting.id)


async def on_their_way(
    signed_in: SignedIn, services: Services
) -> tuple[WebClient, Meeting, list[Mail]]:
    """The mails of a meeting to two sites, handed to whoever sends them."""
    await mailed(services)
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await schedule(browser, services)
    await submit(browser, f"/meetings/{meeting.id}/mail", {})
    await planned(services, meeting)
    now = services.clock()
    return browser, meeting, await services.store.mail.claim(now, now, 2)


async def page_of(browser: WebClient, meeting: Meeting) -> str:
    answer = await browser.get(f"/meetings/{meeting.id}")
    assert answer.status == 200
    return await answer.text()


async def test_who_has_no_mail_server_sees_nothing_of_mail(
    signed_in: SignedIn, services: Services
) -> None:
    await mailed(services)
    browser = await signed_in("secretary", "nam-po")
    page = await page_of(browser, await schedule(browser, services))
    assert "Thư mời" not in page
    assert ADDRESS not in page


async def test_the_page_says_for_each_site_how_its_mail_stands(
    signed_in: SignedIn, services: Services
) -> None:
    await mailed(services)
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await schedule(browser, services)
    page = await page_of(browser, meeting)
    assert "Gửi thư mời tới 2 điểm cầu" in page
    assert "Chưa có địa chỉ thư" in page
    answer = await submit(browser, f"/meetings/{meeting.id}/mail", {})
    assert answer.headers["Location"] == f"/meetings/{meeting.id}#mail"
    mailing = await services.store.mail.mailing(meeting.id)
    assert mailing is not None
    assert mailing.origin == ORIGIN
    mails = await planned(services, meeting)
    page = await page_of(browser, meeting)
    assert "Đang gửi thư mời tới các điểm cầu." in page
    assert page.count("Chờ gửi thư") == 3  # of each site, and counted
    assert "Gửi thư mời tới" not in page
    cha_nua, si_pha = (mails[ROOMS[name]] for name in ("cha-nua", "si-pha"))
    store, now = services.store.mail, services.clock()
    for mail in await store.claim(now, now, 2):
        if mail.id == cha_nua.id:
            await store.refused(mail, ADDRESS, "550 5.1.1 <b>No</b> such mailbox", now)
        else:
            await store.sent(mail, "sipha@dienbien.gov.vn", now)
    page = await page_of(browser, meeting)
    assert "550 5.1.1 &lt;b&gt;No&lt;/b&gt; such mailbox" in page
    assert page.count("Thư bị từ chối") == page.count("Đã gửi thư") == 2
    again = f"/meetings/{meeting.id}/mail/again"
    answer = await submit(browser, again, {"site": cha_nua.site_id})
    assert answer.status == 303
    latest = await store.latest(meeting.id)
    assert (latest[cha_nua.site_id].state, latest[cha_nua.site_id].number) == ("waiting", 2)
    assert latest[si_pha.site_id].id == si_pha.id
    assert (await submit(browser, again, {"site": cha_nua.site_id})).status == 409
    assert (await submit(browser, again, {"site": "nobody"})).status == 404


async def test_a_meeting_that_is_off_has_no_button_to_invite_again(
    signed_in: SignedIn, services: Services
) -> None:
    browser, meeting, (first, second) = await on_their_way(signed_in, services)
    store, now = services.store.mail, services.clock()
    await store.refused(first, ADDRESS, "550 5.1.1 No such mailbox", now)
    await store.sent(second, ADDRESS, now)
    again = f'action="/meetings/{meeting.id}/mail/again"'
    assert (await page_of(browser, meeting)).count(again) == 2
    await submit(browser, f"/meetings/{meeting.id}/cancel", {"reason": "Bão"})
    page = await page_of(browser, meeting)
    assert again not in page
    assert "550 5.1.1 No such mailbox" in page
    site = {"site": first.site_id}
    answer = await submit(browser, f"/meetings/{meeting.id}/mail/again", site)
    assert answer.status == 409
    assert "Không gửi lại thư này" in await answer.text()


async def test_what_happened_to_a_mail_is_told_in_the_language_of_whoever_reads(
    signed_in: SignedIn, services: Services
) -> None:
    browser, meeting, (first, second) = await on_their_way(signed_in, services)
    store, now = services.store.mail, services.clock()
    cut = Outcome("unknown", "OSError: broken\npipe", ours=UNKNOWN)
    await store.refused(first, ADDRESS, cut.on_record, now)
    await store.refused(second, ADDRESS, Outcome("refused", ours=TOO_LATE).on_record, now)
    page = await page_of(browser, meeting)
    assert "<small>Đã trao thư hai lần mà không biết" in page
    assert '<small lang="en">OSError: broken pipe</small>' in page
    await submit(browser, "/language", {"language": "en", "next": "/"})
    page = await page_of(browser, meeting)
    assert "<small>Đã trao" not in page
    assert "<small>Chưa gửi" not in page
    assert "OSError: broken pipe" in page


async def test_only_who_may_change_the_meeting_mails_it_or_reads_addresses(
    signed_in: SignedIn, services: Services
) -> None:
    await mailed(services)
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await schedule(browser, services)
    other = await signed_in("site", "cha-nua", **MAIL)
    assert ADDRESS not in await page_of(other, meeting)
    for path in ("mail", "mail/again"):
        assert (await submit(other, f"/meetings/{meeting.id}/{path}", {})).status == 403
    assert await services.store.mail.mailing(meeting.id) is None
