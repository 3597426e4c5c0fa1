"""Who may read a paper, what it may be called, how much a meeting takes."""

from __future__ import annotations

import pytest

from confhub.errors import ConfhubError, FieldErrors
from confhub.papers.paper import (
    MOST_VERSIONS,
    NAME_LENGTH,
    Limits,
    Reader,
    Shown,
    check_room,
    check_shown,
    clean_name,
    may_read,
)

LIMITS = Limits(paper=100, meeting=250, daily=400, kinds=("pdf",))
COMMUNES = Shown("levels", ("commune",))


@pytest.mark.parametrize(
    ("shown", "reader", "allowed"),
    [
        (Shown("all"), Reader(), True),
        (Shown("host"), Reader(frozenset({"commune"})), False),
        (Shown("host"), Reader(is_officer=True), False),
        (Shown("host"), Reader(may_change=True), True),
        (COMMUNES, Reader(frozenset({"commune", "district"})), True),
        (COMMUNES, Reader(frozenset({"district"})), False),
        (COMMUNES, Reader(is_officer=True), True),
    ],
)
def test_who_may_read(shown: Shown, reader: Reader, allowed: bool) -> None:
    assert may_read(shown, reader) is allowed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("C:\\Users\\hung\\Báo cáo.pdf", "Báo cáo.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\nb.pdf", "a b.pdf"),
        ("x" * 300 + ".pdf", "x" * (NAME_LENGTH - 4) + ".pdf"),
    ],
)
def test_a_name_has_no_folders_and_an_end(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "folder/", "..."])
def test_a_file_has_a_name(typed: str) -> None:
    with pytest.raises(FieldErrors):
        clean_name(typed)


def test_levels_are_those_that_there_are() -> None:
    assert check_shown(Shown("levels", ("commune", "moon")), ["commune"]) == COMMUNES
    assert check_shown(Shown("all", ("commune",)), ["commune"]) == Shown("all")
    with pytest.raises(FieldErrors):
        check_shown(Shown("levels", ("moon",)), ["commune"])


@pytest.mark.parametrize(
    ("size", "count", "used"),
    [(0, 0, 0), (101, 0, 0), (100, 2, 151), (1, MOST_VERSIONS, 0)],
)
def test_there_is_no_room(size: int, count: int, used: int) -> None:
    with pytest.raises(ConfhubError):
        check_room(size, count, used, LIMITS)


def test_there_is_room() -> None:
    check_room(100, 2, 150, LIMITS)
