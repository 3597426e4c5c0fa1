"""Conflicts as the form is filled in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from confhub.planning.shared.capacity import Capacity
from tests.web.browser import SignedIn, WebClient, csrf
from tests.web.meeting_pages import ROOMS, schedule
from web.services import Services

QUESTION: dict[str, Any] = {
    "host_unit_id": "nam-po",
    "chair_site_id": ROOMS["nam-po"],
    "chair_name": "",
    "starts": "2026-12-02T09:00",
    "ends": "2026-12-02T10:00",
    "site_ids": [ROOMS["cha-nua"]],
}


async def _ask(browser: WebClient, **changes: object) -> tuple[int, dict[str, Any]]:
    headers = {"X-CSRF-Token": await csrf(browser)}
    answer = await browser.post(
        "/api/meetings/conflicts", json={**QUESTION, **changes}, headers=headers
    )
    return answer.status, await answer.json()


async def test_a_taken_site_is_named_by_its_unit_with_the_other_meeting(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    _, found = await _ask(browser)
    (clash,) = found["clashes"]
    assert clash["title"] == "Giao ban tháng 12"
    assert clash["href"] == f"/meetings/{meeting.id}"
    assert clash["when"] == "08:00–09:30, 02/12/2026"
    assert clash["sites"] == ["Huyện Nậm Pồ", "Xã Chà Nưa"]
    assert found["seal"]


async def test_it_says_whose_meeting_gives_way_and_who_is_told(
    signed_in: SignedIn, services: Services
) -> None:
    district = await signed_in("secretary", "nam-po")
    await schedule(district, services)
    (clash,) = (await _ask(district))[1]["clashes"]
    assert clash["whose"].startswith("Của Huyện Nậm Pồ, thư ký ")
    assert clash["whose"].endswith("hệ thống không báo cho họ, xin trao đổi trước.")
    above = await signed_in("secretary", "dien-bien")
    (clash,) = (await _ask(above, host_unit_id="dien-bien"))[1]["clashes"]
    assert clash["whose"].startswith("Của Huyện Nậm Pồ, thư ký ")
    assert "cuộc họp này phải nhường giờ; thư ký được báo" in clash["whose"]
    (clash,) = (await _ask(above, host_unit_id="cha-nua"))[1]["clashes"]
    assert "cuộc họp của bạn phải nhường giờ" in clash["whose"]
    # Of a chair alone nobody is told.
    chair = {"chair_name": "Lò Văn Chiến", "chair_site_id": ROOMS["dien-bien"], "site_ids": []}
    _, found = await _ask(above, host_unit_id="dien-bien", **chair)
    assert all("không báo" in one["whose"] for one in found["clashes"])


async def test_what_sites_take_along_is_read_once_for_each_question(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(" ".join(statement.split()))

    engine = services.store.accounts._database._aside_engine  # type: ignore[attr-defined]
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    status, _found = await _ask(browser)
    assert status == 200
    assert len([one for one in asked if "site.room, site.technician_name" in one]) == 1


async def test_a_clash_past_midnight_says_that_the_other_ends_the_next_day(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, start="22:00", end="01:30")
    _, found = await _ask(browser, starts="2026-12-02T23:00", ends="2026-12-03T00:15")
    (clash,) = found["clashes"]
    assert clash["when"] == "22:00–01:30 hôm sau, 02/12/2026"


async def test_a_meeting_does_not_clash_with_itself(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    _, found = await _ask(browser, meeting_id=meeting.id)
    assert found["clashes"] == []


async def test_the_title_of_an_unseen_meeting_is_not_given_away(
    signed_in: SignedIn, services: Services
) -> None:
    province = await signed_in("secretary", "dien-bien")
    await schedule(
        province,
        services,
        title="Họp kín",
        host_unit_id="dien-bien",
        level_id="province",
        chair_site_id=ROOMS["dien-bien"],
        sites=ROOMS["central"],
    )
    district = await signed_in("secretary", "nam-po")
    _, found = await _ask(district, site_ids=[ROOMS["dien-bien"]])
    (clash,) = found["clashes"]
    assert (clash["title"], clash["href"]) == ("một cuộc họp khác", None)


async def test_short_notice_is_said_without_asking_for_a_confirmation(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    _, found = await _ask(browser, starts="2026-11-25T09:00", ends="2026-11-25T10:00")
    assert "ngày làm việc" in found["advice"][0]
    assert found["seal"] == ""


async def test_an_unfinished_form_has_no_conflicts_yet(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    for change in ({"starts": "T"}, {"ends": "2026-12-02T08:00"}, {"host_unit_id": ""}):
        status, found = await _ask(browser, **change)
        assert (status, found["clashes"], found["advice"]) == (200, [], [])


async def test_nonsense_and_foreign_hosts_are_refused(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    assert (await _ask(browser, extra=1))[0] == 400
    assert (await _ask(browser, host_unit_id="dien-bien"))[0] == 403


async def _find(browser: WebClient, **changes: object) -> tuple[int, dict[str, Any]]:
    headers = {"X-CSRF-Token": await csrf(browser)}
    question = {**QUESTION, "site_ids": [ROOMS["cha-nua"], ROOMS["si-pha"]], **changes}
    answer = await browser.post("/api/meetings/slots", json=question, headers=headers)
    return answer.status, await answer.json()


async def test_times_at_which_all_are_free_are_proposed_with_who_is_missing(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, sites=ROOMS["cha-nua"])  # 08:00–09:30 of that day
    _, found = await _find(browser)
    first, second, _third = found["slots"]
    assert found["sites"] == 3
    assert (first["date"], first["start"], first["end"]) == ("2026-12-02", "09:30", "10:30")
    assert first["when"] == "Thứ Tư, 02/12/2026, 09:30–10:30"
    assert (first["free"], first["missing"]) == (3, [])
    assert second["start"] == "13:30"
    # Presided over by a commune that is free, two of three are enough.
    _, found = await _find(
        browser,
        chair_site_id=ROOMS["si-pha"],
        site_ids=[ROOMS["cha-nua"], ROOMS["dien-bien"]],
        least=2,
    )
    first, *_ = found["slots"]
    assert (first["start"], first["free"], first["missing"]) == ("08:00", 2, ["Xã Chà Nưa"])


async def test_an_unfinished_form_has_no_free_times_and_a_foreign_host_is_refused(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    assert await _find(browser, starts="T") == (200, {"sites": 0, "slots": []})
    assert (await _find(browser, host_unit_id="dien-bien"))[0] == 403
    assert (await _find(browser, least="all"))[0] == 400


async def test_hubs_that_would_be_fuller_than_they_were_measured_for_are_named_with_the_hour(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)  # of three sites, each of which is sent two pictures
    wanted = {"chair_site_id": ROOMS["dien-bien"], "site_ids": [ROOMS["dien-bien"]]}
    _, found = await _ask(browser, **wanted)
    assert (found["seal"], found["clashes"]) == ("", [])
    services.store.takings.capacity = Capacity((1,))  # which is sent five
    _, found = await _ask(browser, **wanted)
    (clash,) = found["clashes"]
    assert (clash["title"], clash["href"]) == ("lúc máy chủ họp đầy", None)
    assert clash["when"] == "09:00–09:30, 02/12/2026"
    assert clash["whole"].startswith("đầy 140%: cần gửi 7 luồng hình")
    assert found["seal"]
