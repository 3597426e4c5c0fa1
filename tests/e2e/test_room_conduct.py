"""How a meeting is conducted from its room, in real browsers over a real hub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from confhub.demo import PASSWORD
from tests.chromium import WAIT_MS
from tests.e2e.hub_process import HubProcess
from tests.e2e.reception import everybody_receives_everybody
from tests.e2e.seat import Seat, browser
from tests.e2e.secretary import join_links

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


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    made = HubProcess(tmp_path_factory.mktemp("hub") / "data")
    made.command("demo")
    made.start()
    yield made
    assert made.stop() == 0
    assert "Traceback" not in made.log()


@dataclass
class House:
    hub: HubProcess
    chromium: Browser
    secretary: Seat  # in the room, at a console
    chair: Seat
    commune: Seat  # by its link
    meeting: str  # its page's address
    link: str

    @property
    def seats(self) -> tuple[Seat, Seat, Seat]:
        return self.secretary, self.chair, self.commune


@pytest_asyncio.fixture
async def house(hub: HubProcess) -> AsyncIterator[House]:
    """The demo's briefing with its secretary, the presiding site and a commune in it."""
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await stack.enter_async_context(browser(playwright))
        secretary, chair, commune = [await Seat.open(chromium, hub.origin) for _ in range(3)]
        await secretary.sign_in("thuky.nampo", PASSWORD)
        await secretary.page.locator("section.join a[href^='/meetings/demonpo']").first.click()
        meeting = re.sub(r"/room$", "", secretary.page.url)
        link = (await join_links(secretary, meeting))["Xã Chà Nưa"]
        await secretary.page.goto(f"{meeting}/room")
        await secretary.page.click("#join")  # an officer comes without camera and microphone
        await secretary.is_live()
        await chair.sign_in("diemcau.nampo", PASSWORD)
        await chair.enter("Giao ban huyện Nậm Pồ")
        await commune.enter_by_link(link)
        made = House(hub, chromium, secretary, chair, commune, meeting, link)
        yield made
        for seat in made.seats:
            assert seat.complaints == []


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

    await page.wait_for_function("window.played > 0")
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
