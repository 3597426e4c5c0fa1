"""The form in which a site says who comes: what was typed, and what it means.

It works without scripts: there are always some empty rows of people, and a button for more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from multidict import MultiMapping

from confhub.answers.given import MOST_PEOPLE, PARTS, STATES, Attendee, Given, Part, State
from confhub.errors import N_, BadInput, FieldErrors
from confhub.words.texts import one_line

EMPTY_ROWS = 2  # below those that are filled in; a commune's room has three or four
PART_WORDS: Mapping[Part, str] = {
    "leader": N_("Lãnh đạo"),
    "substitute": N_("Dự thay"),
    "member": N_("Thành phần khác"),
}
STATE_CHOICES: Mapping[State, tuple[str, str]] = {
    "attending": (N_("Có dự họp"), N_("Ghi người dự và cán bộ kỹ thuật bên dưới, nếu đã rõ.")),
    "unsure": (N_("Chưa chắc"), N_("Sẽ xác nhận lại trước giờ họp.")),
    "declined": (N_("Không dự"), N_("Nêu lý do ở phần ghi chú.")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A person as typed."""

    name: str = ""
    title: str = ""
    part: str = "member"
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.title or self.reason)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds. `version`: of the answer that was looked at, 0: there was none."""

    version: int = 0
    state: str = ""
    rows: Sequence[Row] = ()
    technician_name: str = ""
    technician_phone: str = ""
    takes_some: bool = False
    items: frozenset[str] = field(default=frozenset())
    has_documents: bool = False
    remark: str = ""

    def with_empty_rows(self, more: int = 0) -> Sequence[Row]:
        """What the page shows; a first one is the leader."""
        filled = list(self.rows)
        for _ in range(min(EMPTY_ROWS + more, MOST_PEOPLE - len(filled))):
            filled.append(Row() if filled else Row(part="leader"))
        return filled


def typed_of(given: Given | None, version: int) -> Typed:
    """The form as it begins: with what the site said before."""
    if given is None:
        return Typed(version)
    return Typed(
        version,
        given.state,
        [Row(one.name, one.title, one.part, one.reason) for one in given.people],
        given.technician_name,
        given.technician_phone,
        given.items is not None,
        frozenset(given.items or ()),
        given.has_documents,
        given.remark,
    )


def read(posted: MultiMapping[object], version: int) -> Typed:
    """What was sent; rows that nobody filled in are left out."""

    def text(name: str) -> str:
        return one_line(str(posted.get(name, "")))

    def row(number: int) -> Row:
        name, title, part, reason = (
            text(f"{column}-{number}") for column in ("name", "title", "part", "reason")
        )
        return Row(name, title, part or "member", reason)

    rows = [row(number) for number in range(MOST_PEOPLE)]
    return Typed(
        version,
        text("state"),
        [one for one in rows if not one.is_empty],
        text("technician_name"),
        text("technician_phone"),
        text("takes") == "some",
        frozenset(str(one) for one in posted.getall("items", [])),
        bool(text("has_documents")),
        text("remark"),
    )


def given_of(typed: Typed, agenda: Sequence[str]) -> Given:
    """What it means; FieldErrors (`state`). The rest is checked where it is kept."""
    state = next((one for one in STATES if one == typed.state), None)
    if state is None:
        raise FieldErrors({"state": BadInput(N_("Xin chọn dự họp, chưa chắc hoặc không dự."))})
    people = tuple(_attendee(row) for row in typed.rows)
    return Given(
        state,
        people,
        typed.technician_name,
        typed.technician_phone,
        tuple(one for one in agenda if one in typed.items) if typed.takes_some else None,
        typed.has_documents,
        typed.remark,
    )


def _attendee(row: Row) -> Attendee:
    """A reason is a substitute's alone, also where a browser sent one left behind."""
    part: Part = next((one for one in PARTS if one == row.part), "member")
    return Attendee(row.name, row.title, part, row.reason if part == "substitute" else "")
