"""How a unit's letters begin: its letterhead and its texts, with places to be filled in. Pure.

Each field is a text with places such as {don_vi}. One that a unit leaves empty is as the nearest
unit above has it: texts always, those of the letterhead where that unit hands them down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.letters.invitation import LIMITS, not_printed, put_in_order

# Who issues and who signs: of the unit itself, unless it says otherwise.
HEAD = ("superior", "agency", "symbol", "place", "authority", "post", "signer")
TEXTS = ("guests", "purpose", "venue", "closing", "recipients")
# What may stand between braces, and what it is.
PLACES: Mapping[str, str] = MappingProxyType(
    {
        "don_vi": N_("đơn vị chủ trì"),
        "ten_don_vi": N_("tên đơn vị, không có cấp"),
        "cuoc_hop": N_("tên cuộc họp"),
        "nguoi_chu_tri": N_("người chủ trì"),
        "thoi_gian": N_("thời gian họp"),
        "diem_cau": N_("điểm cầu chủ trì"),
        "gio_mo": N_("giờ mở phòng họp"),
    }
)
_PLACE = re.compile(r"\{([^{}]*)\}")

_NO_PLACE = N_("Không có chỗ điền “{%(name)s}”. Các chỗ điền được: %(known)s.")
_OPEN = N_("Dấu ngoặc nhọn lẻ ở “%(near)s”: chỗ điền viết như {don_vi}.")
_TOO_LONG = N_("Dài quá %(limit)s ký tự.")


class LetterForm(msgspec.Struct, frozen=True):
    """Of one unit; `hands_down`: units below have its letterhead too. No empty fields are kept."""

    fields: Mapping[str, str]
    hands_down: bool = False


def read_form(typed: Mapping[str, str], *, hands_down: bool) -> LetterForm | None:
    """None: the unit has nothing of its own. FieldErrors, naming the place that is wrong."""
    fields, errors = dict[str, str](), dict[str, ConfhubError]()
    for name in (*HEAD, *TEXTS):
        text = put_in_order(name, typed.get(name, ""))
        error = _wrong(name, text)
        if error is not None:
            errors[name] = error
        elif text:
            fields[name] = text
    if errors:
        raise FieldErrors(errors)
    return LetterForm(fields, hands_down) if fields else None


def _wrong(name: str, text: str) -> ConfhubError | None:
    for place in _PLACE.findall(text):
        if place not in PLACES:
            known = ", ".join(f"{{{one}}}" for one in PLACES)
            return BadInput(_NO_PLACE, values={"name": place, "known": known})
    rest = _PLACE.sub("", text)
    at = next((at for at, sign in enumerate(rest) if sign in "{}"), None)
    if at is not None:
        return BadInput(_OPEN, values={"near": rest[max(0, at - 10) : at + 20]})
    if len(text) > LIMITS[name]:
        return BadInput(_TOO_LONG, values={"limit": LIMITS[name]})
    return not_printed(text)


def in_force(path: Sequence[str], forms: Mapping[str, LetterForm]) -> dict[str, tuple[str, str]]:
    """By field the unit whose text holds, and that text. `path`: ids of units from the root to the
    one whose letters they are; `forms` by unit."""
    found: dict[str, tuple[str, str]] = {}
    for unit_id in path:
        form = forms.get(unit_id)
        if form is None:
            continue
        own = unit_id == path[-1]
        for name, text in form.fields.items():
            if own or name in TEXTS or form.hands_down:
                found[name] = (unit_id, text)
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """With what stands for its places; all of PLACES are among `values`. A line that is empty by
    them goes."""
    lines = (
        _PLACE.sub(lambda found: values.get(found[1], found[0]), line) for line in text.split("\n")
    )
    return "\n".join(line for line in lines if line.strip())
