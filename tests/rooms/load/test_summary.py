"""What a run is summed up to."""

from __future__ import annotations

from rooms.load.plan import Report, SiteReport
from rooms.load.summary import spread, summarize
from rooms.load.verdict import Spread, describe


def site(**values: object) -> SiteReport:
    return SiteReport(joined_s=0.2, first_media_s=0.5, **values)  # type: ignore[arg-type]


def test_percentiles_are_values_that_were_seen() -> None:
    assert spread([float(value) for value in range(1, 101)]) == Spread(100, 51, 96, 100, 100)
    assert spread([7.0]) == Spread(1, 7, 7, 7, 7)
    assert spread([]) == Spread()


def test_what_our_own_sockets_lost_is_not_held_against_the_hub() -> None:
    report = Report((site(packets=90, expected=100, received=90, own_drops=4),))
    summary = summarize(report, 10.0, None)
    assert (summary.loss, summary.own_loss) == (0.06, 0.04)
    more = Report((site(packets=99, expected=100, received=99, own_drops=4),))
    assert (summarize(more, 10.0, None).loss, summarize(more, 10.0, None).own_loss) == (0, 0.01)


def test_the_hub_s_time_is_shared_out_among_the_packets_that_came() -> None:
    report = Report((site(packets=4000), site(packets=6000)), cpu_s=2.0)
    summary = summarize(report, 10.0, 0.05)
    assert summary.hub_us_per_packet == 5.0
    assert (summary.hub_cores, summary.load_cores) == (0.005, 0.2)


def test_sites_that_stayed_out_count_for_nothing_but_their_reason() -> None:
    out = SiteReport(60.0, None, "not in after 60 s", packets=5)
    summary = summarize(Report((site(packets=10), out, out)), 1.0, None)
    assert (summary.sites, summary.packets_out) == (1, 10)
    assert summary.failed == ("not in after 60 s",)
    assert "not in after 60 s" in describe(summary)


def test_a_run_without_packets_can_be_described() -> None:
    text = describe(summarize(Report(), 1.0, 0.0))
    assert "0 gói/s" in text
    assert "us CPU" not in text
