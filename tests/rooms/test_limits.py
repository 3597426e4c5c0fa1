"""Rates, outboxes, offers and digests: the small pure parts around a socket."""

from __future__ import annotations

import pytest

from confhub.quality import Devices, Digest, Inbound, Outbound, Path
from rooms.protocol import messages as p
from rooms.protocol.digest import clamp_digest
from rooms.protocol.rate import ALL, RATES, SocketRates
from rooms.sockets.outbox import (
    MAX_WAITING_BYTES,
    MAX_WAITING_UNIQUE,
    Finish,
    Outbox,
    Text,
    WsPing,
)
from rooms.state.features import table
from rooms.state.offers import ANSWER_TIMEOUT_S, Offers, StaleAnswer


def test_too_much_is_told_once_until_it_is_within_its_rate_again() -> None:
    rates = SocketRates(RATES | table.RATES)
    burst = table.RATES["hand"].burst
    verdicts = [rates.judge("hand", 0.0) for _ in range(burst + 3)]
    assert verdicts[:burst] == ["pass"] * burst
    assert verdicts[burst:] == ["tell", "drop", "drop"]
    assert rates.judge("camera", 0.0) == "pass"
    assert [rates.judge("hand", 0.5), rates.judge("hand", 0.5)] == ["pass", "tell"]


def test_the_sum_of_everything_is_a_flood() -> None:
    rates = SocketRates(RATES | table.RATES)
    verdicts = [rates.judge("mute", 0.0) for _ in range(ALL.burst + 1)]
    assert verdicts[-1] == "flood"
    assert "flood" not in verdicts[:-1]


def test_made_up_types_share_one_bucket() -> None:
    rates = SocketRates(RATES | table.RATES)
    verdicts = [rates.judge(f"type-{number}", 0.0) for number in range(20)]
    assert verdicts.count("pass") < 10


async def test_a_newer_state_takes_the_place_of_the_older_at_the_end() -> None:
    outbox = Outbox()
    outbox.put("seat 1", ("member", "a"))
    outbox.put("problem", None)
    outbox.put("seat gone", ("member", "a"))
    outbox.put("seat 2", ("member", "a"))
    assert [await outbox.take(), await outbox.take()] == [Text("problem"), Text("seat 2")]
    assert len(outbox) == 0


@pytest.mark.parametrize(
    "message",
    [
        p.Speaking([], None),
        p.Slots([]),
        p.Pong(1.0),
        p.MemberGone("s-xa"),
        p.RoomChanged(p.RoomView("m", "t", None, 0, 0, p.Layout())),
    ],
)
def test_states_have_keys(message: p.HubMessage) -> None:
    assert message.key() is not None


@pytest.mark.parametrize("message", [p.Offer(1, ""), p.Published(""), p.Problem("a", "b")])
def test_answers_have_none(message: p.HubMessage) -> None:
    assert message.key() is None


async def test_an_outbox_is_bounded_by_count_and_by_bytes() -> None:
    outbox = Outbox()
    assert all(outbox.put("x", None) for _ in range(MAX_WAITING_UNIQUE))
    assert outbox.put("x", None) is False
    assert outbox.put("state", "speaking") is True
    await outbox.take()
    assert outbox.put("x", None) is True
    assert Outbox().put("x" * (MAX_WAITING_BYTES + 1), "welcome") is False


async def test_nothing_follows_a_goodbye() -> None:
    outbox = Outbox()
    outbox.put_control(WsPing())
    outbox.put_control(WsPing())
    outbox.finish(1000, "bye")
    outbox.put("late", None)
    outbox.finish(1012, "twice")
    assert [await outbox.take(), await outbox.take()] == [WsPing(), Finish(1000, "bye")]
    assert len(outbox) == 0


def test_one_offer_is_out_at_a_time() -> None:
    offers = Offers()
    assert not offers.is_due(0.0)
    offers.want()
    assert offers.is_due(0.0)
    assert offers.send(0.0) == 1
    offers.want()
    assert not offers.is_due(1.0)
    offers.check(1)
    offers.settle()
    assert offers.is_due(1.0)
    assert offers.send(1.0) == 2


def test_an_offer_nobody_answers_is_made_again_under_a_new_id() -> None:
    offers = Offers()
    offers.want()
    offers.send(0.0)
    assert offers.deadline() == ANSWER_TIMEOUT_S
    assert offers.is_due(ANSWER_TIMEOUT_S)
    assert offers.send(ANSWER_TIMEOUT_S) == 2
    with pytest.raises(StaleAnswer):
        offers.check(1)
    offers.withdraw()
    assert offers.is_due(ANSWER_TIMEOUT_S)
    with pytest.raises(StaleAnswer):
        offers.check(2)


def test_numbers_that_cannot_be_are_clamped() -> None:
    clamped = clamp_digest(
        Digest(
            interval_ms=-1,
            audio_in=Inbound(packets_received=-4, packets_lost=10**12, jitter_ms=-1.0),
            video_out=Outbound(loss_fraction=7.0, rtt_ms=1e9, limitation="cpu", frame_height=-1),
            path=Path(available_out_bps=1e15, candidate_type="host"),
            devices=Devices(camera=True, microphone_level=3.0),
            app_version="v" * 1000,
        )
    )
    assert clamped.interval_ms == 500
    assert clamped.audio_in == Inbound(packets_received=0, packets_lost=10_000_000)
    assert clamped.video_out == Outbound(loss_fraction=1.0, rtt_ms=60_000.0, limitation="cpu")
    assert clamped.path == Path(available_out_bps=10e9, candidate_type="host")
    assert clamped.devices == Devices(camera=True, microphone_level=1.0)
    assert len(clamped.app_version) == 40
    assert clamp_digest(clamped) == clamped
