"""The board over a real bus: what it hears, whom it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from confhub.bus.local import LocalBus
from confhub.bus.news import MEETINGS_TOPIC, QUALITY_TOPIC, MeetingNews, QualityReport, encode
from monitoring.board import Board
from monitoring.links import LinkBook
from tests.monitoring.evidence import HEALTHY_DIGEST, HEALTHY_HUB_SIDE, NOW, presence
from tests.waiting import until


class Hall:
    """A board, its bus, and a clock that tests set."""

    def __init__(self) -> None:
        self.now = NOW
        self.bus = LocalBus()
        self.board = Board(self.bus, clock=lambda: self.now)

    async def report(self) -> None:
        told = QualityReport(
            "site", "meeting", self.now, presence(since=self.now), HEALTHY_DIGEST, HEALTHY_HUB_SIDE
        )
        before = self.board.reports
        await self.bus.publish(QUALITY_TOPIC, encode(told))
        await holds(lambda: self.board.reports > before)


async def holds(condition: Callable[[], bool]) -> None:
    async def check() -> bool:
        return condition()

    await until(check)


@pytest_asyncio.fixture
async def hall() -> AsyncIterator[Hall]:
    made = Hall()
    await made.board.start()
    yield made
    await made.board.close()
    await made.bus.close()


async def test_a_report_shows_and_is_told_to_who_watches(hall: Hall) -> None:
    with hall.board.changes() as changes:
        await hall.report()
        assert await changes.wait(10) == {"site"}
        assert await changes.wait(0) == frozenset()
    link = hall.board.link("site")
    assert link is not None
    assert link.state == "good"
    assert [point.state for point in hall.board.history("site")] == ["good"]


async def test_many_changes_of_a_site_are_one_for_a_slow_watcher(hall: Hall) -> None:
    with hall.board.changes() as changes:
        for _ in range(5):
            await hall.report()
        assert await changes.wait(10) == {"site"}


async def test_silence_is_told_without_a_report(hall: Hall) -> None:
    await hall.report()
    with hall.board.changes() as changes:
        hall.now += 40
        assert "site" in await changes.wait(10)
    assert hall.board.sites()["site"].state == "lost"


async def test_the_end_of_a_meeting_sends_its_sites_home(hall: Hall) -> None:
    await hall.report()
    await hall.bus.publish(MEETINGS_TOPIC, encode(MeetingNews("meeting", "ended")))
    await holds(lambda: hall.board.sites()["site"].state == "absent")


async def test_unreadable_news_is_counted_and_passed_over(hall: Hall) -> None:
    await hall.bus.publish(QUALITY_TOPIC, b'{"site_id": 1}')
    await hall.report()
    assert hall.board.unreadable == 1
    assert hall.board.link("site") is not None


async def test_news_go_on_after_an_error_nobody_foresaw(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:

    def fails(_book: LinkBook, _report: QualityReport, _now: float) -> bool:
        raise ZeroDivisionError

    with monkeypatch.context() as failing:
        failing.setattr(LinkBook, "take", fails)
        await hall.report()
        await holds(lambda: "board news quality failed and is started again" in caplog.text)

    async def shown() -> bool:
        # Again and again: the bus keeps nothing for who has not come back yet.
        report = QualityReport("site", "meeting", hall.now, presence(since=hall.now))
        await hall.bus.publish(QUALITY_TOPIC, encode(report))
        return hall.board.link("site") is not None

    await until(shown)


@pytest.mark.parametrize("topic", [QUALITY_TOPIC, MEETINGS_TOPIC])
async def test_where_news_were_lost_all_who_watch_ask_anew(hall: Hall, topic: str) -> None:
    await hall.report()
    with hall.board.changes() as one, hall.board.changes() as other:
        assert not one.take_question()
        hall.bus.lose_news(topic)
        for watcher in (one, other):
            assert await watcher.wait(10) == {"site"}  # each link is sent again
            await watcher.rest(3600)  # in a hurry
            assert watcher.take_question()
            assert not watcher.take_question()
    await hall.report()  # the board hears on
    with hall.board.changes() as later:
        assert not later.take_question()


async def test_closing_wakes_who_waits_and_who_rests(hall: Hall) -> None:
    with hall.board.changes() as changes:
        waiting = asyncio.gather(changes.wait(3600), changes.rest(3600))
        assert hall.board.watchers == 1
        hall.board.end_watches()
        async with asyncio.timeout(10):
            await waiting
        assert changes.closed
    assert hall.board.watchers == 0
