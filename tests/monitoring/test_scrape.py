"""What Prometheus reads, judged by promtool; and the page that documents it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from confhub.bus.news import QualityReport
from confhub.words.durations import Durations
from monitoring.directory import Labels
from monitoring.links import LinkBook
from monitoring.machine.node import MediaReading, NodeReading
from monitoring.scrape import Scrape
from tests.monitoring.evidence import HEALTHY_DIGEST, HEALTHY_HUB_SIDE, NOW, presence
from tests.monitoring.promtool import promtool

ROOT = Path(__file__).parents[2]
RULES = ROOT / "monitoring" / "rules" / "confhub.yml"
LABELS = {"site": Labels("dbn-npo", "district", "11")}


def durations(*seconds: float) -> Durations:
    made = Durations((0.1, 1.0))
    for one in seconds:
        made.add(one)
    return made


def links() -> LinkBook:
    book = LinkBook()
    book.take(
        QualityReport(
            "site",
            "meeting",
            NOW,
            presence=presence(since=NOW),
            digest=HEALTHY_DIGEST,
            hub_side=HEALTHY_HUB_SIDE,
        ),
        NOW,
    )
    return book


NODE = NodeReading(
    members={"site": 2},
    messages={"hello": 3},
    rejected={"bad_message": 1},
    tasks={"room": 2},
    tasks_failing={"room": 0},
    task_failures={"room": 1},
    job_outcomes={("old links", "done"): 1},
    news_outcomes={("meetings", "delivered"): 5},
    mail_waiting=2,
    mail_results={"sent": 7},
    disk_free_bytes=5,
    disk_bytes=50,
    backup_at=1_795_000_000.0,
    certificate_ends_at=1_800_000_000.0,
    connections=3,
    connections_limit=768,
    connections_refused={"address": 0},
    joins=durations(0.05, 0.5, 7.0),
    media={
        "0": MediaReading(durations(0.05), bytes_in=9, bad_datagrams={"stun_401": 4}),
        "1": MediaReading(durations(0.05, 0.5), bytes_in=5, connected=2),
    },
    media_workers_up={"0": True, "1": True, "2": False},
)


async def scrape(node: NodeReading = NODE, book: LinkBook | None = None) -> str:
    made = Scrape("hub-1")
    made.instruments.http.labels("GET", "/", "200").observe(0.01)
    text = await made.text((book or links()).links(), LABELS, node)
    return text.decode()


async def test_promtool_finds_nothing_wrong() -> None:
    await promtool("check", "metrics", text=await scrape())


async def test_promtool_finds_nothing_wrong_with_an_empty_hub() -> None:
    await promtool("check", "metrics", text=await scrape(NodeReading(), LinkBook()))


async def test_a_site_is_told_in_base_units_under_its_code() -> None:
    text = await scrape()
    labels = 'level="district",province="11",site="dbn-npo"'
    for line in (
        f'confhub_site_link_state{{{labels},state="good"}} 1.0',
        f'confhub_site_link_state{{{labels},state="lost"}} 0.0',
        f"confhub_site_round_trip_seconds{{{labels}}} 0.02",
        f'confhub_site_media_bytes_per_second{{direction="up",{labels}}} 137500.0',
    ):
        assert line in text


async def test_a_site_without_labels_goes_by_its_id() -> None:
    made = Scrape("hub-1")
    text = (await made.text(links().links(), {}, NodeReading())).decode()
    assert 'confhub_site_voice_mos{level="unknown",province="unknown",site="site"}' in text


async def test_a_number_nobody_measured_has_no_series() -> None:
    book = LinkBook()
    book.take(QualityReport("site", "meeting", NOW, presence=presence(since=NOW)), NOW)
    text = await scrape(book=book)
    assert 'state="good"} 1.0' in text
    assert "confhub_site_round_trip_seconds{" not in text


async def test_durations_are_cumulative_buckets() -> None:
    text = await scrape()
    for line in (
        'confhub_join_duration_seconds_bucket{le="0.1"} 1.0',
        'confhub_join_duration_seconds_bucket{le="1.0"} 2.0',
        'confhub_join_duration_seconds_bucket{le="+Inf"} 3.0',
        "confhub_join_duration_seconds_count 3.0",
        "confhub_join_duration_seconds_sum 7.55",
    ):
        assert line in text


async def test_every_worker_has_series_of_its_own_and_one_that_is_silent_has_none() -> None:
    text = await scrape()
    for line in (
        'confhub_media_received_bytes_total{worker="0"} 9.0',
        'confhub_media_received_bytes_total{worker="1"} 5.0',
        'confhub_media_bad_datagrams_total{reason="stun_401",worker="0"} 4.0',
        'confhub_forwarding_duration_seconds_count{worker="1"} 2.0',
        'confhub_media_worker_up{worker="2"} 0.0',
    ):
        assert line in text
    assert 'bytes_total{worker="2"}' not in text


async def test_a_hub_that_forwards_by_itself_has_series_without_a_worker() -> None:
    alone = NodeReading(media={"": MediaReading(durations(0.05), bytes_in=9, connected=2)})
    text = await scrape(alone)
    assert "confhub_media_received_bytes_total 9.0" in text
    assert "confhub_transports_connected 2.0" in text
    assert "worker=" not in text


async def test_the_documentation_names_every_metric_and_no_other() -> None:
    told = dict(re.findall(r"^# TYPE (confhub_\w+) (\w+)$", await scrape(), re.M))
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    documented = dict(re.findall(r"^\| `(confhub_\w+)` \| (\w+) \|", page, re.M))
    assert documented == told


async def test_alerts_name_only_metrics_that_there_are() -> None:
    told = set(re.findall(r"^(confhub_\w+)", await scrape(), re.M))
    used = set(re.findall(r"\bconfhub_\w+", RULES.read_text("utf-8")))
    assert used <= told


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", str(RULES)),
        ("test", "rules", str(Path(__file__).with_name("rules_test.yml"))),
    ],
    ids=["check", "test"],
)
async def test_the_alerts_hold(arguments: tuple[str, ...]) -> None:
    await promtool(*arguments)
