"""How a meeting is conducted from its room, in real browsers over a real hub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.chromium import WAIT_MS
from tests.e2e.briefing import Briefing, House, gathered, open_briefing
from tests.e2e.reception import everybody_receives_everybody
from tests.e2e.seat import Seat
from tests.waiting import until

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
# As a browser that wants a click before it plays, whatever this one would do.
STRICT = """
const play = HTMLMediaElement.prototype.play;
window.played = 0;
window.clicked = false;
addEventListener("pointerdown", () => { window.clicked = true; }, { capture: true });
HTMLMediaElement.prototype.play = function () {
  if (this.muted) return play.call(this);
  if (!window.clicked) return Promise.reject(new DOMException("no click", "NotAllowedError"));
  window.played += 1;
  return play.call(this);
};
"""
# What the page uses where there is any (docs/browsers.md): none of it is here.
BARE = """
delete RTCRtpTransceiver.prototype.setCodecPreferences;
delete RTCRtpSender.getCapabilities;
delete RTCPeerConnection.prototype.setConfiguration;
delete RTCRtpReceiver.prototype.jitterBufferTarget;
delete MediaStreamTrack.prototype.contentHint;
delete HTMLVideoElement.prototype.requestVideoFrameCallback;
delete HTMLMediaElement.prototype.setSinkId;
delete MediaDevices.prototype.getDisplayMedia;
delete Navigator.prototype.permissions;
delete Navigator.prototype.wakeLock;
delete AbortSignal.timeout;
delete AbortSignal.any;
delete window.AudioContext;
for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException("no cookies here", "SecurityError"); },
  });
}
"""
# A microphone that is plugged in and gives nothing at all.
DEAF = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) =>
  wish.audio ? new AudioContext().createMediaStreamDestination().stream : ask(wish);
"""
MICROPHONE = """
(kind) => {
  const senders = window.confhubRoom.send.getSenders();
  const track = senders.find((sender) => sender.track?.kind === "audio").track;
  if (kind === "ended") track.stop();
  track.dispatchEvent(new Event(kind));
}
"""
OLD = "delete RTCPeerConnection.prototype.connectionState"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def briefing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Briefing]:
    async with open_briefing(tmp_path_factory.mktemp("hub")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def house(briefing: Briefing) -> AsyncIterator[House]:
    async with gathered(briefing, console=True) as made:
        yield made


async def test_blocked_sound_stays_asked_for_and_any_click_brings_it(house: House) -> None:
    page = house.secretary.page
    # Loaded anew it goes straight back in: nobody has clicked in this page yet.
    await page.add_init_script(STRICT)
    await page.reload()
    await house.secretary.is_live()
    blocked = page.locator(".notice-card", has_text="đang chặn tiếng")
    await expect(blocked).to_be_visible()
    await expect(blocked.get_by_role("button", name="Bật âm thanh")).to_be_visible()
    await page.evaluate("window.dispatchEvent(new Event('offline'))")
    await house.secretary.is_live()
    await expect(blocked).to_be_visible()

    await page.locator("#room-title").click()

    await until(partial(page.evaluate, "window.played > 0"))
    await expect(blocked).to_have_count(0)


async def test_a_browser_without_what_is_only_used_meets_like_any_other(house: House) -> None:
    page = house.commune.page
    await page.add_init_script(BARE)
    await house.commune.enter_by_link(house.link)
    await everybody_receives_everybody([house.chair, house.commune], {})
    assert await page.evaluate("navigator.permissions === undefined")


async def test_a_browser_that_is_too_old_says_so_and_which_to_use(house: House) -> None:
    page = house.commune.page
    await page.add_init_script(OLD)
    await page.goto(house.link)
    told = page.locator("#too-old")
    await expect(told).to_be_visible()
    await expect(told).to_contain_text("Chrome, Edge từ bản 109")
    await expect(page.locator("#too-old-missing")).to_have_text("RTCPeerConnection.connectionState")
    await expect(page.locator("#join")).to_be_hidden()


async def test_a_browser_that_makes_no_connection_does_not_blame_the_network(
    house: House,
) -> None:
    page = house.commune.page
    await page.add_init_script(
        "RTCPeerConnection.prototype.addTransceiver = () => { throw new Error('none here'); }"
    )
    await house.commune.enter_by_link(house.link)
    banner = page.locator("#banner")
    await expect(banner).to_contain_text("trình duyệt này không truyền được")
    await expect(banner).not_to_contain_text("UDP")


async def test_a_microphone_that_the_machine_mutes_or_loses_is_told_of(house: House) -> None:
    page = house.commune.page
    muted = page.locator(".notice-card", has_text="Micrô bị tắt ở máy hoặc trên tai nghe")
    await page.evaluate(MICROPHONE, "mute")
    await expect(muted).to_be_visible()
    await muted.get_by_role("button", name="Chọn thiết bị").click()
    await expect(page.locator("#devices-dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.evaluate(MICROPHONE, "unmute")
    await expect(page.locator(".notice-card", has_text="Micrô đã được bật lại")).to_be_visible()
    # Pulled out: another one goes on, and is named.
    await page.evaluate(MICROPHONE, "ended")
    await expect(page.locator(".notice-card", has_text="Micrô vừa bị rút ra")).to_be_visible()
    await expect(page.locator("#tool-microphone")).to_have_attribute("data-on", "true")
    await everybody_receives_everybody([house.chair, house.commune], {})


async def test_a_microphone_that_stays_silent_when_it_is_switched_on_is_told_of(
    house: House,
) -> None:
    page = house.commune.page
    await page.add_init_script(DEAF)
    await house.commune.enter_by_link(house.link)
    silent = page.locator(".notice-card", has_text="chưa nghe thấy tiếng")
    await expect(silent).to_be_visible(timeout=WAIT_MS)
    await page.click("#tool-microphone")
    await expect(silent).to_have_count(0)


def row(seat: Seat, member: Seat) -> Locator:
    return seat.page.locator(f".roster-row[data-member='{member.member_id}']")


def told(seat: Seat, words: str) -> Locator:
    return seat.page.locator(".notice-card", has_text=words)


async def test_the_queue_is_numbered_and_who_is_invited_speaks_by_one_click(house: House) -> None:
    secretary, commune = house.secretary, house.commune
    await commune.page.click("#tool-microphone")
    await house.chair.page.click("#tool-hand")
    await commune.page.click("#tool-hand")
    await secretary.page.click("#tool-people")
    await expect(row(secretary, commune).locator(".roster-place")).to_have_text("2")
    await row(secretary, commune).get_by_role("button", name="phát biểu").click()
    await told(commune, "mời bạn phát biểu").get_by_role("button", name="Bật micrô").click()
    on = commune.page.locator("#tool-microphone")
    await expect(on).to_have_attribute("data-on", "true")
    await expect(commune.page.locator("#tool-hand")).to_have_attribute("data-on", "false")
    await row(secretary, house.chair).get_by_role("button", name="Hạ tay").click()
    await expect(told(house.chair, "Thư ký đã hạ tay của bạn")).to_be_visible()

    await secretary.page.click("#mute-all")
    await expect(on).to_have_attribute("data-on", "false")
    await expect(told(commune, "Thư ký đã tắt micrô của bạn")).to_be_visible()
    chair = house.chair.page.locator("#tool-microphone")
    await expect(chair).to_have_attribute("data-on", "true")


async def test_a_site_that_is_sent_out_reads_why_and_comes_back_when_it_is_let_in(
    house: House,
) -> None:
    secretary, commune = house.secretary, house.commune
    await secretary.page.click("#tool-people")
    await row(secretary, commune).get_by_role("button", name="ra khỏi phòng").click()
    box = secretary.page.locator("#send-out-dialog")
    await box.get_by_role("button", name="Mời ra").click()
    await expect(box).to_contain_text("Hãy ghi lý do")
    await box.get_by_label("Lý do").fill("Thiết bị gây ồn")
    await box.get_by_role("button", name="Mời ra").click()
    for _ in range(2):  # told so again when it comes before it is let in
        await commune.has_state("closed")
        await expect(commune.page.locator("#closed-message")).to_contain_text("Thiết bị gây ồn")
        await commune.page.click("#closed-again")
    await commune.has_state("closed")
    await expect(row(secretary, commune)).to_contain_text("đã được mời ra")
    await row(secretary, commune).get_by_role("button", name="vào lại").click()
    await expect(row(secretary, commune)).not_to_contain_text("đã được mời ra")
    await commune.come_back()


async def test_a_meeting_is_made_longer_in_its_room(house: House) -> None:
    secretary, commune = house.secretary, house.commune
    before = await commune.page.locator("#room-time").inner_text()
    await secretary.page.click("#tool-extend")
    step = secretary.page.locator("[data-minutes='15']")
    later = (await step.inner_text()).rsplit(" ", 1)[1]
    await step.click()
    for seat in house.seats:
        await expect(seat.page.locator("#room-time")).to_have_text(
            f"{before.split(' – ')[0]} – {later}"
        )
        await expect(told(seat, f"kéo dài đến {later}")).to_be_visible()


async def test_an_end_asks_first_and_is_taken_back(house: House) -> None:
    secretary, commune = house.secretary, house.commune
    await secretary.page.click("#tool-leave")
    await secretary.page.click("#end-now")
    await expect(secretary.page.locator("#end-count")).to_contain_text("2 điểm cầu")
    await secretary.page.click("#end-stay")
    await secretary.is_live()
    await secretary.page.click("#tool-leave")
    await secretary.page.click("#end-now")
    await secretary.page.click("#end-sure")
    for seat in house.seats:
        await seat.has_state("closed")
        await expect(seat.page.locator("#closed")).to_have_attribute("data-reason", "ended")
    await expect(commune.page.locator("#closed-reopen")).to_be_hidden()

    await secretary.page.click("#closed-reopen")
    for seat in house.seats:  # the others by themselves
        await seat.is_live()


async def test_pictures_come_back_with_the_camera_that_was_given_up_with_them(
    house: House,
) -> None:
    page = house.commune.page
    camera = page.locator("#tool-camera")
    await expect(camera).to_have_attribute("data-on", "true")
    await page.click("#tool-audio-only")
    await expect(camera).to_have_attribute("data-on", "false")
    await page.click("#tool-audio-only")
    await expect(camera).to_have_attribute("data-on", "true")


async def test_the_secretary_is_told_that_the_chair_is_gone_and_whom_to_call(
    house: House,
) -> None:
    chair, secretary = house.chair, house.secretary
    await chair.page.click("#tool-leave")
    await chair.page.click("#leave-now")
    gone = told(secretary, "đã rời họp")
    await expect(gone).to_contain_text(re.compile(r"Gọi: .*\d{3}"))
    await expect(told(house.commune, "Gọi:")).to_have_count(0)
    await secretary.page.click("#tool-people")
    await expect(row(secretary, chair).locator("a[href^='tel:']").first).to_be_visible()
    await house.commune.page.click("#tool-people")
    await expect(house.commune.page.locator("#roster a[href^='tel:']")).to_have_count(0)
    await chair.come_back()
    await expect(gone).to_have_count(0)
    await expect(told(secretary, "đã vào lại")).to_be_visible()


# Tools whose words are cut or hidden from the eye, or that lie outside the page.
UNREAD = """() => [...document.querySelectorAll(".tool")].filter((tool) => {
  const text = tool.querySelector(".tool-text"), box = tool.getBoundingClientRect();
  const cut = text.clientWidth < 8 || text.scrollWidth > text.clientWidth;
  const outside = box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
  return tool.checkVisibility() && (cut || outside);
}).map((tool) => tool.title)"""


@pytest.mark.parametrize("size", [(844, 390), (683, 384), (390, 844), (1024, 768), (1366, 768)])
async def test_every_tool_of_a_secretary_keeps_its_words_in_sight(
    house: House, size: tuple[int, int]
) -> None:
    page = house.secretary.page
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    more = page.locator("#tool-more")
    if await more.is_visible():
        await more.click()
    await expect(page.locator("#tool-devices")).to_be_visible()
    assert await page.evaluate(UNREAD) == []


# An upright phone, and 1366x768 at 200 %: of the height so much is left to pictures.
@pytest.mark.parametrize(("size", "part"), [((390, 844), 0.6), ((683, 384), 0.55)])
async def test_small_screens_are_for_pictures(
    house: House, size: tuple[int, int], part: float
) -> None:
    page = house.commune.page
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    stage = await page.locator("#stage").bounding_box()
    assert stage is not None
    assert stage["height"] >= part * size[1]
    for tile in await page.locator("#stage video:visible").all():
        await expect(tile).to_be_in_viewport(ratio=0.9)


async def test_whom_to_call_is_one_click_away_in_the_room(house: House) -> None:
    page = house.commune.page
    await page.get_by_role("button", name="Gọi ai?").click()
    box = page.get_by_role("dialog", name="Cần giúp, xin gọi")
    await expect(box.locator("a[href^='tel:']").first).to_be_visible()
    assert await faults(page) == []
    await box.get_by_role("button", name="Đóng").click()
    await expect(box).to_be_hidden()


async def test_a_line_from_the_secretary_is_read_by_all_and_by_who_comes_later(
    house: House,
) -> None:
    secretary, commune = house.secretary, house.commune
    await commune.page.set_viewport_size({"width": 390, "height": 844})
    await expect(commune.page.locator("#tool-notes")).to_be_hidden()  # nothing to read yet
    await secretary.page.click("#tool-notes")
    box = secretary.page.locator("#notes-dialog")
    await box.get_by_role("button", name="Gửi đến mọi điểm cầu").click()
    await expect(box.get_by_role("alert")).to_have_text("Hãy ghi lời nhắn trước khi gửi.")
    await box.get_by_label("Lời nhắn đến mọi điểm cầu").fill("Họp lại lúc 14:00")
    await box.get_by_role("button", name="Gửi đến mọi điểm cầu").click()
    await expect(box).to_be_hidden()
    for seat in house.seats:
        strip = seat.page.locator(".note-strip")
        await expect(strip.get_by_role("status")).to_contain_text("Họp lại lúc 14:00")
        await expect(strip).to_be_in_viewport(ratio=1)
    assert await faults(commune.page) == []

    strip = commune.page.locator(".note-strip")
    await strip.get_by_role("button", name="Đã biết").click()
    await expect(strip).to_be_hidden()
    await commune.page.click("#tool-more")
    await commune.page.click("#tool-notes")
    read = commune.page.locator("#notes-dialog")
    await expect(read.locator(".note-list")).to_contain_text("Họp lại lúc 14:00")
    await expect(read.get_by_label("Lời nhắn đến mọi điểm cầu")).to_be_hidden()
    assert await faults(commune.page) == []
    await read.get_by_role("button", name="Đóng").click()

    house.hub.stop()
    house.hub.start()
    for seat in house.seats:
        await seat.is_live()
    await house.chair.page.reload()  # a new page: all it knows comes from the hub
    await house.chair.is_live()
    late = house.chair.page.locator(".note-strip")
    await expect(late.get_by_role("status")).to_contain_text("Họp lại lúc 14:00")


async def faults(page: Page) -> list[str]:
    """What axe-core holds against the page as it is."""
    await page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = await page.evaluate(
        "axe.run(document, {resultTypes: ['violations']})"
        ".then(({violations}) => violations.map(({id, nodes}) => `${id} ${nodes[0].html}`))"
    )
    return found
