"""Whoever's meeting is in the way of a higher one is told, and has another time proposed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from tests.web.browser import Clock, SignedIn, csrf
from tests.web.meeting_pages import ROOMS, hidden, schedule
from web.services import Services

HOUR = dt.timedelta(hours=1)


async def test_the_secretary_of_the_lower_meeting_is_told_and_moves_it_with_one_click(
    signed_in: SignedIn, services: Services
) -> None:
    district = await signed_in("secretary", "nam-po")
    own = await schedule(district, services)
    assert "Xin nhường giờ" not in await (await district.get("/")).text()
    # The province's secretary saw the clash in the form, gave a reason, and took the time.
    higher = dataclasses.replace(
        own,
        id="higher",
        title="Họp tỉnh",
        level_id="province",
        host_unit_id="dien-bien",
        chair_site_id=ROOMS["dien-bien"],
        chair_name="",
        sites=(ROOMS["dien-bien"], ROOMS["nam-po"], ROOMS["cha-nua"]),
        ends_at=own.ends_at + HOUR / 2,
        version=1,
    )
    await services.store.meetings.add(higher)
    said = (
        "“Giao ban tháng 12” (08:00–09:30, 02/12/2026) trùng giờ với cuộc họp cấp trên “Họp tỉnh”"
        " của Tỉnh Điện Biên (08:00–10:00): 2 điểm cầu phải dự cả hai. Xin nhường giờ."
    )
    path = f"/meetings/{own.id}"
    propose = f"{path}/postpone?propose=1"
    for page in ("/", path):
        text = await (await district.get(page)).text()
        assert said in text
        assert propose in text
    above = await signed_in("secretary", "dien-bien")
    assert "Xin nhường giờ" not in await (await above.get("/")).text()
    form = await (await district.get(propose)).text()
    assert 'value="10:00"' in form  # the same day, once the higher one is over
    assert 'value="11:30"' in form
    assert "Nhường giờ cho cuộc họp cấp trên “Họp tỉnh”" in form
    posted = {**await hidden(district, propose), "mode": "move", "date": "2026-12-02"}
    posted |= {"start": "10:00", "end": "11:30", "reason": "Nhường giờ"}
    answer = await district.post(f"{path}/postpone", data=posted, allow_redirects=False)
    assert answer.status == 303
    assert "Xin nhường giờ" not in await (await district.get("/")).text()
    # Nothing is in the way any more: the form is as it always was.
    assert 'value="10:00"' in await (await district.get(propose)).text()


async def test_who_plans_the_next_meeting_is_warned_of_one_that_runs_over(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    district = await signed_in("secretary", "nam-po")
    day = {"date": "2026-11-24", "start": "15:00", "end": "16:00"}
    own = await schedule(district, services, **day)
    start = own.starts_at - HOUR
    live = dataclasses.replace(
        own,
        id="live",
        title="Họp xã",
        host_unit_id="cha-nua",
        chair_site_id=ROOMS["cha-nua"],
        chair_name="",
        sites=(ROOMS["cha-nua"],),
        starts_at=start,
        ends_at=own.starts_at,
        status="live",
        version=1,
    )
    await services.store.meetings.add(live)
    clock.pass_by(seconds=(start - clock.now).total_seconds() + 1800)
    page = f"/meetings/{own.id}"
    assert "họp kéo dài" not in await (await district.get(page)).text()
    await services.store.meetings.update(
        dataclasses.replace(live, ends_at=own.starts_at + HOUR / 4)
    )
    for path in (page, "/"):
        assert "“Họp xã” (Xã Chà Nưa) đang họp kéo dài" in await (await district.get(path)).text()


async def test_an_invited_site_is_not_asked_to_give_way(
    signed_in: SignedIn, services: Services
) -> None:
    own = await schedule(await signed_in("secretary", "nam-po"), services)
    higher = dataclasses.replace(
        own, id="higher", title="Họp tỉnh", host_unit_id="dien-bien", version=1
    )
    await services.store.meetings.add(higher)
    site = await signed_in("site", "cha-nua")
    assert "Xin nhường giờ" not in await (await site.get("/")).text()
    assert "Xin nhường giờ" not in await (await site.get(f"/meetings/{own.id}")).text()


async def test_of_a_meeting_out_of_sight_nothing_is_told_but_that_it_is_there(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    """A host invites rooms above it, which others have asked to meetings that it may not see."""
    commune = await signed_in("secretary", "cha-nua")
    given = {"host_unit_id": "cha-nua", "chair_site_id": ROOMS["cha-nua"], "level_id": "commune"}
    own = await schedule(commune, services, **given, chair_name="", sites=ROOMS["dien-bien"])
    higher = dataclasses.replace(
        own,
        id="higher",
        title="Họp kín của tỉnh",
        level_id="province",
        host_unit_id="dien-bien",
        chair_site_id=ROOMS["dien-bien"],
        sites=(ROOMS["dien-bien"], ROOMS["nam-po"]),
        starts_at=own.starts_at - HOUR * 0.7,
        ends_at=own.ends_at + HOUR * 0.7,
        version=1,
    )
    await services.store.meetings.add(higher)
    page = f"/meetings/{own.id}"
    asked = f"{page}/postpone?propose=1"
    assert (await commune.get("/meetings/higher")).status == 404

    async def texts() -> list[str]:
        found = [await (await commune.get(path)).text() for path in ("/", page, asked)]
        for text in found:
            for secret in ("Họp kín", "của Tỉnh Điện Biên (", "07:18", "10:12"):
                assert secret not in text
        return found

    said = "“Giao ban tháng 12” (08:00–09:30, 02/12/2026) trùng giờ với một cuộc họp cấp trên"
    home, shown, form = await texts()
    assert said in home
    assert said in shown
    assert "Nhường giờ cho một cuộc họp cấp trên" in form
    clock.pass_by(seconds=(own.starts_at - HOUR / 4 - clock.now).total_seconds())
    await services.store.meetings.update(dataclasses.replace(higher, status="live"))
    commune = await signed_in("secretary", "cha-nua")
    home, shown, form = await texts()
    assert "Một cuộc họp khác đang kéo dài" in home
    assert "Một cuộc họp khác đang kéo dài" in shown
    assert "Chờ một cuộc họp trước kết thúc" in form


async def test_who_shares_a_technician_is_told_on_the_page_and_of_which_hour_is_free(
    signed_in: SignedIn, services: Services
) -> None:
    phone: dict[str, Any] = {"technician_name": "Lò Văn A", "technician_phone": "0912 345 678"}
    for room in await services.store.sites.get_many([ROOMS["cha-nua"], ROOMS["lai-chau"]]):
        await services.store.sites.update(dataclasses.replace(room, **phone))
    district = await signed_in("secretary", "nam-po")
    own = await schedule(district, services)
    page = f"/meetings/{own.id}"
    assert "Xin thu xếp" not in await (await district.get(page)).text()
    elsewhere = dataclasses.replace(
        own,
        id="elsewhere",
        title="Họp kín",
        level_id="province",
        host_unit_id="lai-chau",
        chair_site_id=ROOMS["lai-chau"],
        sites=(ROOMS["lai-chau"],),
        version=1,
    )
    await services.store.meetings.add(elsewhere)
    told = "trùng giờ với một cuộc họp khác: cùng cán bộ kỹ thuật Lò Văn A. Xin thu xếp"
    text = await (await district.get(page)).text()
    assert told in text
    assert "Họp kín" not in text
    form = await (await district.get(f"{page}/postpone?propose=1")).text()
    assert 'value="11:00"' in form  # it begins when the other is over
    assert "Tránh trùng cán bộ kỹ thuật hoặc đường truyền với cuộc họp khác" in form
    centre = await signed_in("secretary", "central")
    seen = "trùng giờ với “Họp kín” (08:00–09:30): cùng cán bộ kỹ thuật Lò Văn A"
    assert seen in await (await centre.get(page)).text()


async def test_a_proposed_time_says_that_lower_units_hold_rooms_then(
    signed_in: SignedIn, services: Services
) -> None:
    district = await signed_in("secretary", "nam-po")
    own = await schedule(district, services)
    higher: dict[str, Any] = {"id": "higher", "level_id": "province", "host_unit_id": "dien-bien"}
    room = ROOMS["dien-bien"]
    above = dataclasses.replace(own, **higher, chair_site_id=room, chair_name="", version=1)
    await services.store.meetings.add(above)
    propose = f"/meetings/{own.id}/postpone?propose=1"
    said = "đơn vị cấp dưới đang giữ phòng; phải nêu lý do"
    assert said not in await (await district.get(propose)).text()
    for number in range(3):  # every time that could be proposed
        start = own.starts_at + dt.timedelta(days=10 * number) - HOUR
        lower: dict[str, Any] = {
            "id": f"lower-{number}",
            "host_unit_id": "cha-nua",
            "level_id": "commune",
            "chair_name": "",
            "chair_site_id": ROOMS["si-pha"],
            "sites": (ROOMS["si-pha"], ROOMS["nam-po"]),
            "starts_at": start,
            "ends_at": start + dt.timedelta(days=10),
            "version": 1,
        }
        await services.store.meetings.add(dataclasses.replace(own, **lower))
    own = await services.store.meetings.get(own.id)
    await services.store.meetings.update(dataclasses.replace(own, sites=(ROOMS["nam-po"],)))
    assert said in await (await district.get(propose)).text()
    asked = {"meeting_id": own.id, "starts": "2026-12-02T08:00", "ends": "2026-12-02T09:30"}
    headers = {"X-CSRF-Token": await csrf(district)}
    answer = await district.post("/api/meetings/slots", json=asked, headers=headers)
    assert (await answer.json())["slots"][0]["over_lower"] is True
