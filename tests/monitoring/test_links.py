import tracemalloc

import pytest

from confhub.bus.news import MeetingNews, QualityReport
from confhub.meetings.admission import LIVE_AFTER_END
from confhub.quality import Digest, HubSide, Inbound, Outbound, SitePresence
from monitoring import links
from monitoring.links import GONE_KEPT_S, LOST_KEPT_S, LinkBook
from tests.monitoring.evidence import HEALTHY_DIGEST, HEALTHY_HUB_SIDE, NOW


def report(
    at: float,
    *,
    site: str = "site",
    meeting: str = "meeting",
    connected: bool | None = None,
    left: bool = False,
    digest: Digest | None = None,
    hub_side: HubSide | None = None,
) -> QualityReport:
    presence = (
        None if connected is None else SitePresence(site, meeting, f"s-{site}", connected, at, left)
    )
    return QualityReport(site, meeting, at, presence, digest, hub_side)


def healthy(at: float, site: str = "site", meeting: str = "meeting") -> QualityReport:
    return report(at, site=site, meeting=meeting, digest=HEALTHY_DIGEST, hub_side=HEALTHY_HUB_SIDE)


def state_of(book: LinkBook, site: str = "site") -> str:
    link = book.link(site)
    return link.state if link else "absent"


@pytest.fixture
def book() -> LinkBook:
    book = LinkBook()
    book.take(report(NOW, connected=True), NOW)
    book.take(healthy(NOW + 5), NOW + 5)
    return book


def test_a_site_that_reports_is_good_with_its_numbers(book: LinkBook) -> None:
    link = book.link("site")
    assert link is not None
    assert (link.state, link.meeting_id, link.since) == ("good", "meeting", NOW)
    assert (link.reading.rtt_ms, link.cipher) == (20, "SRTP_AEAD_AES_256_GCM")
    assert (link.microphone, link.candidate_type) == (True, "host")


def test_parts_that_a_report_lacks_stay_as_they_were(book: LinkBook) -> None:
    book.take(report(NOW + 6, hub_side=HubSide("connected", "connected", up_bps=5.0)), NOW + 6)
    link = book.link("site")
    assert link is not None
    assert (link.reading.up_bps, link.reading.rtt_ms) == (5.0, 20)


def test_silence_makes_a_site_poor_and_then_lost(book: LinkBook) -> None:
    assert book.tick(NOW + 19) == frozenset()
    assert book.tick(NOW + 20.1) == {"site"}
    assert state_of(book) == "poor"
    assert book.tick(NOW + 35.1) == {"site"}
    assert state_of(book) == "lost"


def test_a_lost_socket_shows_at_once_and_its_return_too(book: LinkBook) -> None:
    book.take(report(NOW + 7, connected=False), NOW + 7)
    assert state_of(book) == "lost"
    book.take(report(NOW + 12, connected=True), NOW + 12)
    link = book.link("site")
    assert link is not None
    assert (link.state, link.recovering) == ("poor", True)
    for second in (15, 20, 25):
        book.take(healthy(NOW + second), NOW + second)
    book.tick(NOW + 27.1)
    assert state_of(book) == "good"


def test_leaving_is_absent_not_lost(book: LinkBook) -> None:
    book.take(report(NOW + 7, connected=False, left=True), NOW + 7)
    link = book.link("site")
    assert link is not None
    assert (link.state, link.meeting_id, link.reasons) == ("absent", "", ())


def test_a_late_report_does_not_bring_a_lost_site_back(book: LinkBook) -> None:
    book.take(report(NOW + 7, connected=False), NOW + 7)
    book.take(healthy(NOW + 6), NOW + 7)
    book.take(report(NOW + 8, hub_side=HEALTHY_HUB_SIDE), NOW + 8)
    assert state_of(book) == "lost"


def test_digests_bring_a_site_back_when_the_news_of_its_return_was_dropped(
    book: LinkBook,
) -> None:
    book.take(report(NOW + 7, connected=False), NOW + 7)
    book.take(healthy(NOW + 12), NOW + 12)
    assert state_of(book) == "poor"


def test_leaving_another_meeting_does_not_touch_the_present_one(book: LinkBook) -> None:
    book.take(report(NOW + 7, meeting="next", connected=True), NOW + 7)
    book.take(report(NOW + 8, meeting="meeting", connected=False, left=True), NOW + 8)
    book.take(healthy(NOW + 8, meeting="meeting"), NOW + 8)
    link = book.link("site")
    assert link is not None
    assert (link.state, link.meeting_id) == ("good", "next")


def test_a_board_that_comes_late_learns_presence_from_measurements() -> None:
    book = LinkBook()
    book.take(healthy(NOW), NOW)
    assert state_of(book) == "good"


def test_the_end_of_a_meeting_makes_its_sites_absent(book: LinkBook) -> None:
    book.take(healthy(NOW + 5, site="other", meeting="elsewhere"), NOW + 5)
    assert book.hear(MeetingNews("meeting", "changed"), NOW + 6) == frozenset()
    assert book.hear(MeetingNews("meeting", "ended"), NOW + 6) == {"site"}
    assert (state_of(book), state_of(book, "other")) == ("absent", "good")


def test_a_site_that_left_is_forgotten_with_its_history(book: LinkBook) -> None:
    book.take(report(NOW + 7, connected=False, left=True), NOW + 7)
    assert len(book.history("site", NOW + 8)) == 2
    assert book.tick(NOW + 7 + GONE_KEPT_S) == {"site"}
    assert len(book) == 0


def test_a_lost_site_is_forgotten_after_half_a_day(book: LinkBook) -> None:
    book.take(report(NOW + 7, connected=False), NOW + 7)
    book.tick(NOW + LOST_KEPT_S)
    assert state_of(book) == "lost"
    book.tick(NOW + 7 + LOST_KEPT_S)
    assert len(book) == 0


def test_a_lost_site_stays_on_the_board_while_its_meeting_may_run_over(book: LinkBook) -> None:
    book.take(report(NOW + 7, connected=False), NOW + 7)
    book.tick(NOW + LIVE_AFTER_END.total_seconds() - 1)
    assert state_of(book) == "lost"


def test_a_hub_whose_clock_is_ahead_cannot_keep_a_link_fresh(book: LinkBook) -> None:
    book.take(healthy(NOW + 9999), NOW + 6)
    book.tick(NOW + 60)
    assert state_of(book) == "lost"


def test_a_patch_of_bad_sound_clears_slowly(book: LinkBook) -> None:
    patchy = Digest(
        interval_ms=5000,
        audio_in=Inbound(packets_received=250, samples_received=240_000, concealed_samples=24_000),
        audio_out=Outbound(packets_sent=250),
        devices=HEALTHY_DIGEST.devices,
    )
    book.take(report(NOW + 10, digest=patchy), NOW + 10)
    assert state_of(book) == "poor"
    for second in (15, 20, 25):
        book.take(healthy(NOW + second), NOW + second)
        assert state_of(book) == "poor"
    book.take(healthy(NOW + 30), NOW + 30)
    assert state_of(book) == "good"


def test_memory_is_bounded_for_the_whole_country() -> None:
    book = LinkBook()
    tracemalloc.start()
    for number in range(11_000):
        book.take(healthy(NOW, site=f"site-{number}"), NOW)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < 60e6
    assert len(book) == 11_000


def test_more_sites_than_the_country_has_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MAX_SITES", 3)
    book = LinkBook()
    for number in range(5):
        book.take(healthy(NOW, site=f"site-{number}"), NOW)
    assert len(book) == 3
