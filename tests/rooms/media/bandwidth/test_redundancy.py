from __future__ import annotations

import pytest

from rooms.media.bandwidth.redundancy import COPY_BPS, HOLD_S, Redundancy

PLENTY = 10_000_000.0


@pytest.mark.parametrize(("loss", "copies"), [(0.0, 0), (0.01, 0), (0.05, 1), (0.2, 2)])
def test_copies_come_with_loss(loss: float, copies: int) -> None:
    line = Redundancy()
    line.receive_loss(loss, 1.0)
    assert line.copies(3, PLENTY) == copies


def test_they_stay_for_a_while_after_the_last_loss() -> None:
    line = Redundancy()
    line.receive_loss(0.1, 1.0)
    line.receive_loss(0.0, 2.0)
    assert line.copies(1, PLENTY) == 2
    line.receive_loss(0.1, 10.0)
    line.receive_loss(0.0, 9.0 + HOLD_S)
    assert line.copies(1, PLENTY) == 2
    line.receive_loss(0.0, 10.0 + HOLD_S)
    assert line.copies(1, PLENTY) == 0


def test_a_line_that_is_full_gets_none() -> None:
    line = Redundancy()
    line.receive_loss(0.2, 1.0)
    assert line.copies(3, 3 * COPY_BPS) == 1
    assert line.copies(3, 2 * COPY_BPS) == 0
    assert line.copies(3, -50_000) == 0
    assert line.copies(0, PLENTY) == 2
