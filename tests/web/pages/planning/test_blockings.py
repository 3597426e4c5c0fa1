"""When sites cannot meet: entered on a page, shown in calendars and forms, ended."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from confhub.units.site import Site
from tests.web.browser import SignedIn, csrf, submit
from tests.web.meeting_pages import ROOMS, fill_in, schedule
from web.services import Services

FORM = {
    "key": "0123456789abcdef",
    "target": f"site:{ROOMS['cha-nua']}",
    "kind": "power_cut",
    "reason": "Thay trạm <biến áp>",
    "first": "2/12/2026",
    "start": "7h",
    "last": "2/12/2026",
    "end": "11",
    "repeat": "",
}
PLACE = f"/blockings?site={ROOMS['cha-nua']}"


async def test_a_technician_enters_a_power_cut_and_who_planned_a_meeting_then_is_told(
    signed_in: SignedIn, services: Services
) -> None:
    clerk = await signed_in("secretary", "nam-po")
    meeting = await schedule(clerk, services)
    technician = await signed_in("technician", "cha-nua")
    assert PLACE in await (await technician.get(f"/sites/{ROOMS['cha-nua']}")).text()
    answer = await submit(technician, PLACE, FORM)
    assert answer.status == 303, await answer.text()
    assert answer.headers["Location"] == f"/blockings/{FORM['key']}"
    page = await (await technician.get(answer.headers["Location"])).text()
    assert "Thay trạm &lt;biến áp&gt;" in page
    assert "07:00–11:00, 02/12/2026" in page
    assert meeting.title in page
    assert "Huyện Nậm Pồ" in page
    said = "vướng lịch cắt điện “Thay trạm &lt;biến áp&gt;” (07:00–11:00): 1 điểm cầu"
    for path in ("/", f"/meetings/{meeting.id}"):
        assert said in await (await clerk.get(path)).text()
    form = await (await clerk.get(f"/meetings/{meeting.id}/postpone?propose=1")).text()
    assert 'value="11:00"' in form
    assert "Tránh lịch cắt điện" in form
    for view in ("list", "day", "week", "month"):
        path = f"/meetings?view={view}&on=2026-12-02&site={ROOMS['cha-nua']}"
        shown = await (await clerk.get(path)).text()
        assert "Thay trạm &lt;biến áp&gt;" in shown, view
        assert PLACE in shown
    assert (await submit(technician, f"/blockings/{FORM['key']}/end", {})).status == 303
    assert "vướng lịch cắt điện" not in await (await clerk.get("/")).text()
    assert "Thay trạm &lt;" not in await (await technician.get(PLACE)).text()


async def test_a_form_that_was_changed_after_going_back_is_entered_too(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("technician", "cha-nua")
    for _ in range(2):
        assert (await submit(browser, PLACE, FORM)).status == 303
    changed = FORM | {"first": "3/12/2026", "last": "3/12/2026"}
    page = await (await submit(browser, PLACE, changed)).text()
    assert "Biểu mẫu này đã dùng để ghi một mục khác" in page
    assert 'value="03/12/2026"' in page
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    assert (await submit(browser, PLACE, changed | {"key": key[1]})).status == 303
    first, second = [await services.store.blockings.get(one) for one in (FORM["key"], key[1])]
    assert second.starts_at - first.starts_at == dt.timedelta(days=1)


async def test_a_form_is_told_what_blocks_whom_and_asks_for_a_reason(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("admin", "central")
    weekly = FORM | {"first": "18/11/2026", "last": "18/11/2026", "repeat": "weekly"}
    weekly |= {"kind": "busy", "target": "below", "reason": "Họp Hội đồng nhân dân"}
    assert (await submit(browser, "/blockings?unit=nam-po", weekly)).status == 303
    hub = FORM | {"key": "fedcba9876543210", "target": "hub", "kind": "maintenance"}
    assert (await submit(browser, "/blockings?unit=central", hub)).status == 303
    clerk = await signed_in("secretary", "nam-po")
    refused = await fill_in(clerk, "/meetings/new")
    page = await refused.text()
    assert refused.status == 409
    assert "giờ bận “Họp Hội đồng nhân dân”" in page
    assert "lịch bảo trì “Thay trạm &lt;biến áp&gt;”" in page
    assert "mọi điểm cầu" in page
    question = {
        "host_unit_id": "nam-po",
        "chair_site_id": ROOMS["nam-po"],
        "starts": "2026-12-02T08:00",
        "ends": "2026-12-02T09:00",
        "site_ids": [ROOMS["cha-nua"]],
    }
    headers = {"X-CSRF-Token": await csrf(clerk)}
    answer = await clerk.post("/api/meetings/conflicts", json=question, headers=headers)
    found = (await answer.json())["clashes"]
    assert [(one["sites"], one["whole"]) for one in found] == [
        (["Huyện Nậm Pồ", "Xã Chà Nưa"], ""),
        ([], "mọi điểm cầu"),
    ]
    listed = await (await clerk.get("/blockings")).text()
    assert "Thứ Tư hằng tuần 07:00–11:00, từ 18/11/2026" in listed
    assert "Mọi cuộc họp trên máy chủ" in listed
    assert 'href="/blockings/fedcba9876543210"' not in listed  # it is the house's


async def test_a_form_is_told_of_rooms_technicians_and_lines(
    signed_in: SignedIn, services: Services
) -> None:
    store = services.store.sites
    phone = {"technician_name": "Lò Văn A", "technician_phone": "0912 345 678"}
    for unit_id, values in (
        ("nam-po", {"room": "Phòng số 2", "streams": 2}),
        ("cha-nua", phone),
        ("si-pha", phone),
    ):
        site = await store.get(ROOMS[unit_id])
        await store.update(dataclasses.replace(site, **values))
    clerk = await signed_in("secretary", "nam-po")
    second = Site("hall-2", "nam-po", "hall-2", "Điểm cầu 2", room="phòng số 2")
    await store.add(second)
    await schedule(clerk, services, sites=ROOMS["cha-nua"], confirm="", chair_name="")
    question = {
        "host_unit_id": "nam-po",
        "chair_site_id": second.id,
        "starts": "2026-12-02T09:00",
        "ends": "2026-12-02T10:00",
        "site_ids": [ROOMS["si-pha"]],
    }
    headers = {"X-CSRF-Token": await csrf(clerk)}
    answer = await clerk.post("/api/meetings/conflicts", json=question, headers=headers)
    (found,) = (await answer.json())["clashes"]
    assert found["sites"] == []
    assert found["title"] == "Giao ban tháng 12"
    name = (await store.get(ROOMS["nam-po"])).name
    assert found["whole"].split(", ", 2) == [
        "cùng phòng “phòng số 2”",
        "cùng cán bộ kỹ thuật Lò Văn A",
        f"đường truyền {name}: 3 luồng, tải được 2",
    ]
    question["site_ids"] = [ROOMS["cha-nua"], ROOMS["si-pha"]]
    question["starts"], question["ends"] = "2026-12-03T09:00", "2026-12-03T10:00"
    answer = await clerk.post("/api/meetings/conflicts", json=question, headers=headers)
    advice = (await answer.json())["advice"]
    assert "Lò Văn A là cán bộ kỹ thuật của 2 nơi" in " ".join(advice)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "hub"}, "Xin chọn nơi không họp được."),
        ({"target": f"site:{ROOMS['dien-bien']}"}, "Xin chọn nơi không họp được."),
        ({"target": ""}, "Xin chọn nơi không họp được."),
        ({"kind": "meeting"}, "Xin chọn loại."),
        ({"reason": " "}, "Xin ghi lý do"),
        ({"first": ""}, "Xin nhập ngày."),
        ({"last": "31/2/2027"}, "Lịch không có ngày này"),
        ({"end": "?"}, "Xin nhập giờ, ví dụ 08:00."),
        ({"end": "6"}, "Giờ kết thúc phải sau giờ bắt đầu."),
        ({"first": "1/11/2026", "last": "1/11/2026"}, "Thời gian này đã qua."),
        ({"repeat": "weekly", "until": "1/12/2026"}, "Ngày cuối phải sau"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_it(
    signed_in: SignedIn, change: dict[str, str], said: str
) -> None:
    browser = await signed_in("technician", "cha-nua")
    answer = await submit(browser, PLACE, FORM | change)
    page = await answer.text()
    assert answer.status in (400, 403), page
    if "hub" not in change.values():
        assert said in page
        assert "Thay trạm &lt;biến áp&gt;" in page or "reason" in change
