"""The chain tells whatever is done to its lines, and nothing where nothing was done."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from confhub.trail.chain import BEGINNING, Ends, Line, Sealed, forgotten, seal
from confhub.trail.check import FORGOTTEN, MOST_FAULTS, Check, Verdict

NOON = dt.datetime(2026, 11, 30, 5, 0, tzinfo=dt.UTC)


def line(number: int, **other: Any) -> Line:
    made = Line(f"id-{number}", NOON + dt.timedelta(minutes=number), "acc", "act", "m", "d", "", "")
    return made._replace(**other)


def chained(lines: Iterable[Line]) -> list[Sealed]:
    sealed: list[Sealed] = []
    for seq, one in enumerate(lines, 1):
        before = sealed[-1].hash if sealed else BEGINNING
        sealed.append(Sealed(one, seq, seal(before, seq, one)))
    return sealed


def ends_of(sealed: list[Sealed]) -> Ends:
    return Ends(last=sealed[-1].seq, head=sealed[-1].hash)


def judged(
    ends: Ends,
    sealed: Iterable[Sealed],
    noted: tuple[int, str] | None = None,
    waiting: Iterable[Line] = (),
) -> Verdict:
    check = Check(ends, noted)
    for one in sealed:
        check.take(one)
    for late in waiting:
        check.take_waiting(late)
    return check.verdict()


TEN = chained(line(number) for number in range(10))


def test_the_form_of_a_seal_stays_as_it_is() -> None:
    """Lines that are sealed already are checked by it for ever."""
    one = Line("i", NOON, "a", "x.y", "s", "“đ”", "::1", '{"t":["1","2"]}')
    assert (
        seal(BEGINNING, 7, one)
        == "3f83011579b3e4044716cc96fdaea9eeb0f2517f0d857b09b93142e6a0d9c542"
    )


def test_a_chain_that_nobody_touched_is_whole() -> None:
    verdict = judged(ends_of(TEN), TEN, waiting=[line(11)])
    assert verdict.is_whole
    assert (verdict.lines, verdict.waiting, verdict.late) == (10, 1, 0)
    assert (verdict.first_at, verdict.last_at) == (NOON, NOON + dt.timedelta(minutes=9))
    assert judged(Ends(), []).is_whole


def with_line(seq: int, **values: Any) -> list[Sealed]:
    return [
        dataclasses.replace(one, line=one.line._replace(**values)) if one.seq == seq else one
        for one in TEN
    ]


def swapped() -> list[Sealed]:
    lines = list(TEN)
    lines[3] = dataclasses.replace(TEN[3], line=TEN[4].line)
    lines[4] = dataclasses.replace(TEN[4], line=TEN[3].line)
    return lines


def put_in(position: int) -> list[Sealed]:
    """One more line in the midst, the numbers after it shifted."""
    lines = [*TEN[:position], Sealed(line(99), position + 1, "f" * 64)]
    return [*lines, *(dataclasses.replace(one, seq=one.seq + 1) for one in TEN[position:])]


@pytest.mark.parametrize(
    ("tampered", "kind"),
    [
        *((lambda name=name: with_line(5, **{name: "other"}), "altered") for name in
          ("id", "account_id", "action", "subject", "detail", "address", "changes")),
        (lambda: with_line(5, at=NOON), "altered"),
        (swapped, "altered"),
        (lambda: [one for one in TEN if one.seq != 5], "missing"),
        (lambda: TEN[2:], "missing"),
        (lambda: TEN[:-1], "missing"),
        (list, "missing"),
        (lambda: put_in(4), "altered"),
        (lambda: [*TEN[:4], Sealed(line(99), 4, "f" * 64), *TEN[4:]], "repeated"),
        (lambda: chained([*(one.line for one in TEN), line(10)]), "head"),
        (lambda: chained(one.line._replace(detail="anew") for one in TEN), "head"),
    ],
)  # fmt: skip
def test_what_was_changed_taken_added_or_swapped_is_told(
    tampered: Callable[[], list[Sealed]], kind: str
) -> None:
    verdict = judged(ends_of(TEN), tampered())
    assert not verdict.is_whole
    assert verdict.faults[0].kind == kind


def test_who_makes_the_whole_chain_anew_is_told_by_a_head_that_was_noted() -> None:
    anew = chained(one.line._replace(detail="anew") for one in TEN)
    assert judged(ends_of(anew), anew).is_whole
    noted = TEN[6].seq, TEN[6].hash
    assert judged(ends_of(TEN), TEN, noted).is_whole
    assert [one.kind for one in judged(ends_of(anew), anew, noted).faults] == ["noted"]
    short = TEN[:5]
    assert not judged(ends_of(short), short, noted).is_whole


def test_lines_may_be_forgotten_from_the_front_where_a_line_says_so() -> None:
    ends = Ends(5, TEN[3].hash, 10, TEN[-1].hash)
    said = line(11, action=FORGOTTEN, account_id="", detail=forgotten(ends))
    assert judged(ends, TEN[4:], waiting=[said]).is_whole
    assert judged(ends, TEN[4:], (4, TEN[3].hash), [said]).is_whole
    assert [one.kind for one in judged(ends, TEN[4:]).faults] == ["anchor"]
    by_hand = said._replace(account_id="acc")
    assert not judged(ends, TEN[4:], waiting=[by_hand]).is_whole


def test_a_line_that_comes_late_is_noted_and_breaks_nothing() -> None:
    late = chained([line(5), line(2), line(6)])
    verdict = judged(ends_of(late), late)
    assert (verdict.is_whole, verdict.late) == (True, 1)


def test_faults_are_counted_on_beyond_those_that_are_listed() -> None:
    many = chained(line(number) for number in range(3 * MOST_FAULTS))
    broken = [dataclasses.replace(one, hash=one.hash[::-1]) for one in many]
    verdict = judged(ends_of(many), broken)
    assert len(verdict.faults) == MOST_FAULTS < verdict.fault_count
