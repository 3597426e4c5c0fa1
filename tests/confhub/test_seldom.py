"""Lines of the log that would come in crowds."""

from __future__ import annotations

from confhub.seldom import Seldom


def test_one_of_each_kind_in_a_while_and_the_others_are_counted() -> None:
    seldom = Seldom()
    assert seldom.due("full", 100.0, 60.0) == 0
    assert [seldom.due("full", 100.0 + second, 60.0) for second in range(3)] == [None] * 3
    assert seldom.due("away", 101.0, 60.0) == 0
    assert seldom.due("full", 160.0, 60.0) == 3
    assert seldom.due("full", 300.0, 60.0) == 0
