"""A file of the record is checked line by line, whatever stands between its lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import pytest

from confhub.errors import BadInput
from confhub.trail import export
from confhub.trail.chain import BEGINNING, Sealed, seal
from confhub.trail.export import Form
from confhub.trail.file_check import FileCheck, FileVerdict
from tests.confhub.trail.test_check import TEN

WITH_BEFORE = [
    dataclasses.replace(one, before=TEN[number - 1].hash if number else BEGINNING)
    for number, one in enumerate(TEN)
]
PART = [*WITH_BEFORE[2:5], *WITH_BEFORE[7:9]]


def judged(lines: Iterable[Sealed], noted: tuple[int, str] | None = None) -> FileVerdict:
    check = FileCheck(noted)
    for one in lines:
        check.take(one)
    return check.verdict()


@pytest.mark.parametrize("form", ["json", "lines"])
def test_what_was_written_is_read_again(form: Form) -> None:
    waiting = Sealed(TEN[0].line)
    text = export.head(form) + export.piece(form, PART[:2], is_first=True)
    text += export.piece(form, [*PART[2:], waiting], is_first=False) + export.tail(form)
    found = [one for one in map(export.read_line, text.splitlines()) if one]
    assert found == [*PART, waiting]
    assert judged(found) == FileVerdict(5, 1, 2, ((5, TEN[4].hash), (9, TEN[8].hash)), (), 0)


def test_lines_of_others_may_be_missing_and_a_noted_one_must_be_there() -> None:
    assert judged(PART, (4, TEN[3].hash)).is_whole
    assert [one.kind for one in judged(PART, (6, TEN[5].hash)).faults] == ["noted"]
    assert judged(TEN).is_whole  # of a whole one the beginning is known


@pytest.mark.parametrize("number", range(len(PART)))
def test_a_line_that_was_changed_is_told(number: int) -> None:
    line = PART[number].line._replace(detail="other")
    changed = dataclasses.replace(PART[number], line=line)
    verdict = judged([*PART[:number], changed, *PART[number + 1 :]])
    assert [(one.kind, one.seq) for one in verdict.faults] == [("altered", changed.seq)]
    # With a hash of its own the next line, or the end of the piece, does not fit.
    anew = dataclasses.replace(changed, hash=seal(changed.before, changed.seq, line))
    verdict = judged([*PART[:number], anew, *PART[number + 1 :]])
    assert not verdict.is_whole or verdict.ends != judged(PART).ends
    bare = dataclasses.replace(PART[number], before="")
    is_known = number not in (0, 3)
    assert judged([*PART[:number], bare, *PART[number + 1 :]]).is_whole is is_known


def test_lines_that_stand_twice_or_out_of_order_are_told() -> None:
    kinds = [one.kind for one in judged([*PART, PART[1]]).faults]
    assert kinds == ["repeated"]


@pytest.mark.parametrize(
    "text", ["seq,id", "{", "[1]", "{}", '{"seq": 1}', "7", '"text"', '{"seq": [], "id": "x"}']
)
def test_what_is_no_line_of_a_record_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        export.read_line(text)
