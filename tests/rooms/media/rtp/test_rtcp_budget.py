from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.rtp.rtcp import Dlrr, KeyFrameRequest, Nack, Remb, RtcpMessage, TransportFeedback
from rooms.media.rtp.rtcp_budget import (
    BYTE_US,
    COMPOUND_US,
    MAX_COMPOUND_US,
    PER_SECOND_US,
    REPAIR_US,
    RtcpBudget,
    cost_us,
)
from tests.rooms.media.packets import asked

MESSAGES: st.SearchStrategy[RtcpMessage] = st.sampled_from(
    [
        KeyFrameRequest(1),
        Remb(1),
        Dlrr(1, 1),
        TransportFeedback(b""),
        Nack(1, b""),
        Nack(1, asked(*range(300))),
    ]
)
SIZES = st.integers(0, 1_500)


@given(st.lists(st.tuples(st.lists(MESSAGES, max_size=40), SIZES, st.floats(0, 0.2)), max_size=60))
def test_a_flood_costs_no_more_than_a_second_holds(
    compounds: list[tuple[list[RtcpMessage], int, float]],
) -> None:
    budget = RtcpBudget()
    now = spent_us = 0.0
    for messages, size, later_s in compounds:
        now += later_s
        if budget.is_spent(now):
            continue
        budget.begin(size)
        taken = list(budget.admit(messages))
        spent_us += COMPOUND_US + BYTE_US * size + sum(map(cost_us, taken))
        assert sum(map(cost_us, taken)) <= MAX_COMPOUND_US
        assert spent_us <= PER_SECOND_US * (1 + now) + COMPOUND_US + BYTE_US * 1_500


def test_a_compound_is_acted_on_up_to_what_is_over_its_budget() -> None:
    budget = RtcpBudget()
    budget.is_spent(0.0)
    budget.begin(0)
    dear = TransportFeedback(bytes(10) + b"\x08\x00")
    messages: list[RtcpMessage] = [KeyFrameRequest(1), *[dear] * 20, KeyFrameRequest(2)]
    taken = list(budget.admit(messages))
    left_us = MAX_COMPOUND_US - COMPOUND_US - cost_us(messages[0])
    assert taken == messages[: 1 + int(left_us / cost_us(dear))]
    assert budget.refused == 1
    budget.begin(0)
    assert list(budget.admit([dear])) == [dear]


def test_what_a_message_causes_counts_before_the_next_one() -> None:
    budget = RtcpBudget()
    budget.is_spent(0.0)
    budget.begin(0)
    taken = []
    for message in budget.admit([Nack(1, asked(1)), Nack(1, asked(2))]):
        taken.append(message)
        budget.spend(budget.affords(REPAIR_US) * REPAIR_US)
    assert len(taken) == 1


def test_a_budget_that_is_spent_is_whole_again_after_a_second() -> None:
    budget = RtcpBudget()
    assert not budget.is_spent(5.0)
    budget.spend(PER_SECOND_US)
    assert budget.is_spent(5.0)
    assert budget.affords(1.0) == 0
    assert not budget.is_spent(5.1)
    assert not budget.is_spent(9.0)
    budget.begin(0)
    assert budget.affords(MAX_COMPOUND_US - COMPOUND_US) == 1


def test_an_honest_receiver_of_25_pictures_on_a_poor_line_is_heard() -> None:
    """20 messages of feedback, and a NACK of twelve packets for each picture ten times a second."""
    budget = RtcpBudget()
    for tenth in range(100):
        now = tenth / 10
        for _ in range(2):
            assert not budget.is_spent(now)
            budget.begin(300)
            assert len(list(budget.admit([TransportFeedback(b"")]))) == 1
        for _ in range(25):
            assert not budget.is_spent(now)
            budget.begin(60)
            for _ in budget.admit([Nack(1, asked(*range(0, 24, 2)))]):
                assert budget.affords(REPAIR_US) >= 12
                budget.spend(2 * REPAIR_US)
    assert budget.refused == 0


def test_a_long_compound_that_says_nothing_costs_more_than_a_short_one() -> None:
    budget = RtcpBudget()
    count = 0
    while not budget.is_spent(0.0):
        budget.begin(1_400)
        count += 1
    assert count <= PER_SECOND_US / (1_400 * BYTE_US)
