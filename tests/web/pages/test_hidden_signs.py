"""What does not show is left out at the door of every form, and what shows is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import pytest
from sqlalchemy import select

from confhub.desks import agreements as desk
from confhub.people.actor import Actor
from confhub.planning.agreement.rule import Rule
from confhub.store import tables as t
from tests.confhub.letters.samples import TYPED
from tests.web.browser import SignedIn
from tests.web.meeting_pages import FORM, ROOMS, hidden, schedule
from web.services import Services

UNSEEN = "\u200b\u202e"
# As signs, and as JSON may write them.
STORED = re.compile("[\u200b\u202e]|\\\\u200[bB]|\\\\u202[eE]")
AGENDA = {"agenda_title": "Báo cáo", "agenda_presenter": "Ông Ánh", "agenda_minutes": "15"}


@dataclass(frozen=True)
class Case:
    """`texts` are typed with signs in between that nobody sees. `status`: of what is saved."""

    path: str
    texts: Mapping[str, str]
    rest: Mapping[str, str]
    role: str = "admin"
    unit: str = "nam-po"
    status: int = 303


PERSON = {"name": "Lò Thị Mai", "title": "Chủ tịch", "email": "mai@xa.gov.vn", "phone": "0912345"}
PLAN = {"title": "Giao ban", "chair_name": "Ông Hùng", "note": "Mang báo cáo", **AGENDA}
TIMES = {name: FORM[name] for name in ("date", "start", "end")}
CASES = {
    "account": Case(
        "/accounts/new",
        {**PERSON, "login": "mai.lo"},
        {"role": "site", "unit_id": "cha-nua", "language": "vi", "active": "1"},
        status=200,
    ),
    "site": Case(
        "/sites/new",
        {
            "code": "phong-hai",
            "name": "Phòng hai",
            "contact_name": "Bà Mai",
            "contact_phone": "0912",
            "technician_name": "Ông Sơn",
            "technician_phone": "0913",
            "room_phone": "0215",
            "email": "hai@xa.gov.vn",
            "room": "Số hai",
            "streams": "12",
            "equipment_note": "Tivi\nLoa",
            "line0_provider": "VNPT",
            "line0_down": "50",
            "line0_up": "7,5",
            "line0_note": "Cáp mới",
        },
        {"unit_id": "cha-nua", "active": "1", "line0_kind": "fibre"},
        "technician",
    ),
    "blocking": Case(
        f"/blockings?site={ROOMS['cha-nua']}",
        {"reason": "Thay biến áp", "first": "2/12/2026", "last": "2/12/2026", "start": "07:00"},
        {"target": f"site:{ROOMS['cha-nua']}", "kind": "power_cut", "end": "11:00"},
        "technician",
    ),
    "pattern": Case(
        "/patterns/new",
        {"name": "Họp tuần", **PLAN},
        {**FORM, "kind": "meeting", "length": "90"},
        "secretary",
    ),
    "grant": Case(
        "/accounts/site-cha-nua/grants/new",
        {"last": "30/11/2026", "reason": "QĐ 12"},
        {"role": "secretary", "unit_id": "si-pha"},
    ),
    "own data": Case("/account", {"email": "a@xa.gov.vn", "phone": "0912345"}, {}, "secretary"),
    "person": Case("/people/new", PERSON, {"unit_id": "nam-po"}, "secretary"),
    "day off": Case(
        "/working-days", {"day": "02/12/2026", "name": "Nghỉ bù"}, {"kind": "off"}, unit="central"
    ),
    "meeting": Case("/meetings/new", PLAN, FORM, "secretary"),
    "series": Case(
        "/meetings/new",
        {**PLAN, "repeat_count": "4"},
        {**FORM, "repeat": "week", "repeat_ends": "count"},
        "secretary",
    ),
    "changed meeting": Case("/meetings/{meeting}/edit", PLAN, FORM, "secretary"),
    "postponed meeting": Case(
        "/meetings/{meeting}/postpone",
        {"reason": "Bão số 5", "date": "03/12/2026"},
        {**TIMES, "mode": "move"},
        "secretary",
    ),
    "cancelled meeting": Case(
        "/meetings/{meeting}/cancel", {"reason": "Bão số 5"}, {}, "secretary"
    ),
    "answer to a time": Case(
        "/meetings/{meeting}/answer",
        {"reason": "Bảo trì"},
        {"mode": "decline"},
        "technician",
        "dien-bien",
    ),
    "answer": Case(
        f"/meetings/{{meeting}}/sites/{ROOMS['cha-nua']}/answer",
        {
            "name-0": "Lò Thị Mai",
            "title-0": "Chủ tịch",
            "reason-1": "đi công tác",
            "name-1": "Tòng Văn Bun",
            "title-1": "Phó",
            "technician_name": "Ông Sơn",
            "technician_phone": "0912345",
            "remark": "Cần micrô",
        },
        {"state": "attending", "part-0": "leader", "part-1": "substitute", "takes": "all"},
        "site",
        "cha-nua",
    ),
    "letter": Case(
        "/meetings/{meeting}/letter",
        {k: v for k, v in msgspec.structs.asdict(TYPED).items() if k != "number"},
        {"number": "", "as": "issue", "key": "0123456789abcdef"},
        "secretary",
    ),
    "letterhead": Case(
        "/units/nam-po/letterhead",
        {"agency": "Ủy ban\nhuyện", "signer": "Lò Văn Ánh", "post": "Chủ tịch", "closing": "Hết"},
        {},
    ),
}


def faults(page: str) -> list[str]:
    """What a page says of its fields."""
    return re.findall(r'class="[^"]*(?:error|problem|alert|notice)[^"]*"[^>]*>(.{1,200})', page)


def hide(text: str) -> str:
    """Within each line, and around it."""
    return "\n".join(f"{UNSEEN}{one[:1]}{UNSEEN}{one[1:]}{UNSEEN}" for one in text.split("\n"))


async def stored(services: Services) -> list[tuple[str, str]]:
    """Every text of the record, with its table."""
    found = []
    async with services.store.units._database.read() as connection:
        for table in t.metadata.tables.values():
            for row in await connection.execute(select(table)):
                found += [(table.name, one) for one in map(_text, row) if one]
    return found


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value) if isinstance(value, str | list | dict) else ""


@pytest.mark.parametrize("name", CASES)
async def test_what_does_not_show_is_not_kept(
    signed_in: SignedIn, services: Services, name: str
) -> None:
    case, path = CASES[name], CASES[name].path
    if "{meeting}" in path:
        if name == "answer to a time":
            now = services.clock().astimezone(services.zone)
            rule = Rule("nam-po", "dien-bien")
            await desk.set_rule(services.store, Actor(now), "nam-po", rule)
        meeting = await schedule(await signed_in("secretary", "nam-po"), services)
        path = path.format(meeting=meeting.id)
    browser = await signed_in(case.role, case.unit)
    typed = {**case.rest, **{field: hide(text) for field, text in case.texts.items()}}
    form = {**await hidden(browser, path), **typed}
    answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == case.status, faults(await answer.text())
    record = await stored(services)
    assert [one for one in record if STORED.search(one[1])] == []
    texts = "\n".join(text for _, text in record)
    kept = [text for text in case.texts.values() if not re.search(r"\d", text)]
    assert [one for text in kept for one in text.split("\n") if one not in texts] == []


async def test_a_unit_s_name_and_code_are_kept_without_what_does_not_show(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "nam-po")
    typed = {"unit_id": "nam-po", "level_id": "commune", "day": ""}
    typed |= {"name": hide("Xã Mới"), "code": hide("03300")}
    page = await browser.post("/units/new", data={**await hidden(browser, "/units/new"), **typed})
    seal = (await page.text()).partition('name="seal" value="')[2].partition('"')[0]
    form = {**await hidden(browser, "/units/new"), **typed, "seal": seal}
    answer = await browser.post("/units/new", data=form, allow_redirects=False)
    assert answer.status == 303, faults(await answer.text())
    record = await stored(services)
    assert [one for one in record if STORED.search(one[1])] == []
    assert {("unit_name", "Xã Mới"), ("unit_code", "03300")} <= set(record)
