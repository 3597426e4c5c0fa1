"""What a site says of its coming to a meeting, and the bounds on it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.people.person import MAX_PHONE_LENGTH, MAX_TITLE_LENGTH, is_phone

State = Literal["attending", "declined", "unsure"]
STATES: tuple[State, ...] = get_args(State)
# leader: of the unit, as invited; substitute: in their place; member: who comes with them.
Part = Literal["leader", "substitute", "member"]
PARTS: tuple[Part, ...] = get_args(Part)

# The store's columns.
NAME_LENGTH = 120
REASON_LENGTH = 200  # a line: "đi công tác tỉnh"
REMARK_LENGTH = 500  # a sentence or two, as of other reasons
# A commune's room with all its heads; more is a list to be handed in on paper.
MOST_PEOPLE = 30

_TOO_LONG = N_("Dài nhất %(limit)s ký tự; đang có %(has)s.")


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who will sit in the room. `reason`: why it is a substitute."""

    name: str
    title: str = ""
    part: Part = "leader"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """`items`: ids of the agenda's items that it takes part in, None: the whole meeting.
    `has_documents`: the meeting's papers arrived. Texts as `one_line` leaves them."""

    state: State
    people: tuple[Attendee, ...] = ()
    technician_name: str = ""
    technician_phone: str = ""
    items: tuple[str, ...] | None = None
    has_documents: bool = False
    remark: str = ""

    @property
    def has_substitute(self) -> bool:
        return self.state == "attending" and any(p.part == "substitute" for p in self.people)


def check(given: Given, agenda: Collection[str]) -> None:
    """FieldErrors by the form's fields; of the person at 0: `name-0`, `title-0`, `reason-0`.

    `agenda`: ids of the meeting's items. Nobody has to be named yet: a site that says that it comes
    has said what matters most.
    """
    errors: dict[str, ConfhubError] = {}
    _check_length(errors, "remark", given.remark, REMARK_LENGTH)
    if given.state == "declined" and not given.remark:
        errors["remark"] = BadInput(N_("Xin nêu lý do không dự; đơn vị chủ trì sẽ đọc được."))
    _check_length(errors, "technician_name", given.technician_name, NAME_LENGTH)
    _check_length(errors, "technician_phone", given.technician_phone, MAX_PHONE_LENGTH)
    phone = given.technician_phone
    if phone and "technician_phone" not in errors and not is_phone(phone):
        errors["technician_phone"] = BadInput(N_("Xin ghi số điện thoại, ví dụ 0215 3 825 111."))
    if len(given.people) > MOST_PEOPLE:
        message = N_("Nhiều nhất %(limit)s người dự ở một điểm cầu.")
        errors["people"] = BadInput(message, values={"limit": MOST_PEOPLE})
    for number, person in enumerate(given.people[:MOST_PEOPLE]):
        _check_person(errors, number, person)
    if given.items is not None and (not given.items or set(given.items) - set(agenda)):
        errors["items"] = BadInput(
            N_("Xin chọn nội dung điểm cầu tham gia, hoặc chọn dự toàn bộ cuộc họp.")
        )
    if errors:
        raise FieldErrors(errors)


def _check_person(errors: dict[str, ConfhubError], number: int, person: Attendee) -> None:
    if not person.name:
        errors[f"name-{number}"] = BadInput(N_("Xin ghi họ tên."))
    _check_length(errors, f"name-{number}", person.name, NAME_LENGTH)
    _check_length(errors, f"title-{number}", person.title, MAX_TITLE_LENGTH)
    _check_length(errors, f"reason-{number}", person.reason, REASON_LENGTH)
    if person.part == "substitute" and not person.reason:
        errors[f"reason-{number}"] = BadInput(N_("Xin nêu lý do cử người dự thay."))


def _check_length(errors: dict[str, ConfhubError], field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        errors[field] = BadInput(_TOO_LONG, values={"limit": limit, "has": len(text)})
