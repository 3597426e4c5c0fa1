"""What a reason says and advises."""

from __future__ import annotations

from monitoring.reasons import ADVICE, MESSAGES, Reason

# Nothing to do, or only to wait.
QUIET = {"connecting", "bandwidth"}


def test_every_cause_has_its_advice() -> None:
    assert MESSAGES.keys() - ADVICE.keys() == QUIET
    assert Reason("cpu", "fair").advice
    assert Reason("connecting", "good").advice == ""
