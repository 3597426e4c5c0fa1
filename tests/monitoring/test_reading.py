import pytest

from confhub.quality import Digest, HubSide, Inbound, Outbound, Path
from monitoring.reading import read


def test_nothing_known_gives_nothing() -> None:
    reading = read(None, None)
    assert reading.rtt_ms is None
    assert reading.mos is None
    assert reading.up_bps is None


def test_hub_side_stands_for_a_device_without_a_page() -> None:
    hub_side = HubSide(
        rtt_ms=30, loss_up_fraction=0.02, loss_down_fraction=0.01, jitter_down_ms=7, up_bps=9e5
    )
    reading = read(None, hub_side)
    assert reading.jitter_down_ms == 7
    assert (reading.rtt_ms, reading.up_bps) == (30, 9e5)
    assert (reading.loss_up_fraction, reading.loss_down_fraction) == (0.02, 0.01)
    assert reading.mos is not None


def test_loss_of_sound_goes_before_loss_of_everything() -> None:
    digest = Digest(
        interval_ms=5000,
        audio_in=Inbound(packets_received=240, packets_lost=10),
        video_in=Inbound(packets_received=900, packets_lost=900),
        audio_out=Outbound(loss_fraction=0.01),
    )
    hub_side = HubSide(loss_down_fraction=0.5, loss_up_fraction=0.5)
    reading = read(digest, hub_side)
    assert reading.loss_down_fraction == pytest.approx(0.04)
    assert reading.loss_up_fraction == 0.01


def test_loss_of_a_handful_of_packets_is_not_a_fraction() -> None:
    digest = Digest(interval_ms=5000, audio_in=Inbound(packets_received=9, packets_lost=1))
    assert read(digest, None).loss_down_fraction is None


def test_duplicates_do_not_make_loss_negative() -> None:
    digest = Digest(interval_ms=5000, audio_in=Inbound(packets_received=200, packets_lost=-3))
    assert read(digest, None).loss_down_fraction == 0.0


def test_an_empty_slot_that_conceals_silence_is_not_patchy_sound() -> None:
    silent = Inbound(packets_received=0, samples_received=240_000, concealed_samples=240_000)
    assert read(Digest(interval_ms=5000, audio_in=silent), None).concealed_fraction is None


def test_delay_is_mouth_to_ear_with_the_measured_buffer() -> None:
    digest = Digest(interval_ms=5000, path=Path(rtt_ms=100), audio_in=Inbound(jitter_buffer_ms=75))
    assert read(digest, None).delay_ms == 100 + 75 + 40


def test_freezes_become_a_rate_whatever_the_interval() -> None:
    digest = Digest(interval_ms=10_000, video_in=Inbound(freezes=3))
    assert read(digest, None).freezes_per_min == 18
    assert read(Digest(interval_ms=0, video_in=Inbound(freezes=3)), None).freezes_per_min is None


def test_opinion_is_that_of_the_worse_direction() -> None:
    up = read(Digest(interval_ms=5000, audio_out=Outbound(loss_fraction=0.2)), HubSide())
    clean = read(Digest(interval_ms=5000, audio_out=Outbound(loss_fraction=0.0)), HubSide())
    assert up.mos is not None
    assert clean.mos is not None
    assert up.mos < 3 < 4.2 < clean.mos
