"""The exception tree: every member says what it is to programs, to HTTP and to people."""

from __future__ import annotations

import re

import pytest

import confhub.errors
import confhub.meetings.admission
from confhub.errors import BadInput, ConfhubError, Conflict, FieldErrors, NotFound, TooMany

assert confhub.meetings.admission  # its errors belong to the tree


def members(root: type[ConfhubError]) -> list[type[ConfhubError]]:
    return [root, *(one for child in root.__subclasses__() for one in members(child))]


TREE = [one for one in members(ConfhubError) if one.__module__.startswith("confhub.")]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_each_has_a_code_a_status_and_a_message(kind: type[ConfhubError]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert 400 <= kind.http_status <= 599
    assert kind.message.endswith((".", "%(date)s.", "%(reason)s"))


def test_codes_are_each_of_one_kind() -> None:
    # One that says none is its parent's kind, and knows more.
    codes = [kind.code for kind in TREE if "code" in vars(kind)]
    assert len(codes) == len(set(codes))


def test_the_document_of_the_tree_lists_every_member_with_its_status() -> None:
    listed = dict(re.findall(r"── (\w+)\s+(\d{3})", confhub.errors.__doc__ or ""))
    own = {
        kind.__name__: str(kind.http_status)
        for kind in TREE
        if kind.__module__ == "confhub.errors" and kind is not ConfhubError
    }
    assert {name: listed.get(name) for name in own} == own


def test_message_and_code_may_be_more_precise_than_the_kind() -> None:
    error = NotFound("Không có %(what)s.", code="no_site", values={"what": "điểm cầu"})
    assert (error.code, error.http_status) == ("no_site", 404)
    assert str(error) == "('no_site', 'Không có điểm cầu.')"
    assert (Conflict().code, Conflict().message) == (Conflict.code, Conflict.message)


def test_a_percent_sign_in_a_message_without_values_is_only_a_sign() -> None:
    assert "100% xong" in str(BadInput("100% xong"))


def test_field_errors_keep_the_fault_of_each_field() -> None:
    fault = BadInput("Thiếu tên.")
    error = FieldErrors({"name": fault})
    assert error.fields == {"name": fault}
    assert isinstance(error, BadInput)


def test_too_many_says_when_to_come_back() -> None:
    error = TooMany(30)
    assert (error.retry_after_s, error.values) == (30, {"seconds": 30})
    assert "30 giây" in str(error)
