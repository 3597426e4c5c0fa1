"""A site says who comes: behind its link, and by an account."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace

import pytest
import pytest_asyncio

from confhub.answers.answer import Answer
from confhub.meetings.meeting import AgendaItem, MeetingStatus
from confhub.meetings.sitting import Sitting
from tests.statuses import set_status
from tests.web.browser import NOON, Clock, SignedIn, WebClient, submit
from tests.web.meeting_pages import of_nam_po
from web.pages.answers.form import PACE
from web.services import Services

MEETING = of_nam_po(
    NOON + dt.timedelta(days=2),
    agenda=(AgendaItem("Báo cáo của các xã"), AgendaItem("Bàn về lúa")),
)
COMING = {
    "version": "0",
    "state": "attending",
    "name-0": "Lò Thị  Mai",
    "title-0": "Chủ tịch UBND xã",
    "part-0": "leader",
    "name-1": "Tòng Văn Bun",
    "part-1": "substitute",
    "reason-1": "đi công tác",
    "technician_name": "Quàng Văn Sơn",
    "technician_phone": "0912 345 678",
    "takes": "all",
    "has_documents": "1",
}
BY_ACCOUNT = "/meetings/briefing/sites/cha-nua-room/answer"


@pytest_asyncio.fixture
async def path(services: Services) -> str:
    """Of the form behind Chà Nưa's link."""
    await services.store.meetings.add(MEETING)
    links = await services.store.links.ensure(MEETING, MEETING.ends_at)
    link = next(link for link in links if link.site_id == "cha-nua-room")
    return f"/join/{services.tokens.sign(link)}/answer"


async def stands(services: Services) -> Answer:
    found = await services.store.answers.find("briefing", "cha-nua-room")
    assert found is not None
    return found


async def test_a_site_answers_behind_its_link_from_the_door_that_is_shut(
    client: WebClient, services: Services, path: str
) -> None:
    html = await (await client.get(path.removesuffix("/answer"))).text()
    assert f'href="{path}"' in html
    answer = await client.post(path, data=COMING, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, path)
    given = (await stands(services)).given
    assert [(one.name, one.part, one.reason) for one in given.people] == [
        ("Lò Thị Mai", "leader", ""),
        ("Tòng Văn Bun", "substitute", "đi công tác"),
    ]
    assert (given.items, given.has_documents) == (None, True)
    html = await (await client.get(path)).text()
    assert "Điểm cầu đã trả lời: dự họp (qua liên kết" in html
    assert all(f'value="{told}"' in html for told in ("Lò Thị Mai", "0912 345 678", "đi công tác"))


async def test_what_was_typed_stays_where_something_is_wrong(
    client: WebClient, services: Services, path: str
) -> None:
    wrong = {**COMING, "reason-1": "", "technician_phone": "gọi sau", "remark": "Đến sớm <b>"}
    for posted in (wrong, {**wrong, "state": ""}):
        answer = await client.post(path, data=posted)
        html = await answer.text()
        assert answer.status == 400
        assert all(told in html for told in ("Lò Thị Mai", "gọi sau", "Đến sớm &lt;b&gt;"))
        assert 'class="field-error"' in html
    assert await services.store.answers.find("briefing", "cha-nua-room") is None


async def test_enter_sends_the_answer(client: WebClient, path: str) -> None:
    html = await (await client.get(path)).text()
    form = html[html.index('name="version"') :]
    first = re.search(r"<button[^>]*>(.*?)</button>", form, re.DOTALL)
    assert first is not None
    assert 'name="' not in first[0]
    assert "Gửi xác nhận" in first[1]


async def test_more_rows_come_without_a_script(client: WebClient, path: str) -> None:
    def rows(html: str) -> int:
        return len(re.findall(r'name="name-\d+"', html))

    before = rows(await (await client.get(path)).text())
    html = await (await client.post(path, data={**COMING, "more": "1"})).text()
    assert rows(html) > before
    assert "Lò Thị Mai" in html


async def test_some_items_of_the_agenda(client: WebClient, services: Services, path: str) -> None:
    item = (await services.store.meetings.get("briefing")).agenda[1].id
    none = {**COMING, "takes": "some"}
    assert (await client.post(path, data=none)).status == 400
    await client.post(path, data={**none, "items": item})
    assert (await stands(services)).given.items == (item,)


async def test_two_who_answer_at_once_see_each_other(
    client: WebClient, services: Services, path: str
) -> None:
    await client.post(path, data=COMING)
    late = {"version": "0", "state": "declined", "remark": "Mưa lũ"}
    answer = await client.post(path, data=late)
    html = await answer.text()
    assert answer.status == 409
    assert "Mưa lũ" in html
    assert "đã trả lời: dự họp" in html
    assert (await stands(services)).given.state == "attending"
    await client.post(path, data={**late, "version": "1"})
    assert (await stands(services)).given.state == "declined"


async def test_a_meeting_that_moved_is_confirmed_again(
    client: WebClient, services: Services, path: str
) -> None:
    await client.post(path, data=COMING)
    known = await services.store.meetings.get("briefing")
    hour = dt.timedelta(hours=1)
    await services.store.meetings.update(
        replace(known, starts_at=known.starts_at + hour, ends_at=known.ends_at + hour)
    )
    assert "xin xác nhận lại" in await (await client.get(path)).text()
    await client.post(path, data={**COMING, "version": "1"})
    assert "xin xác nhận lại" not in await (await client.get(path)).text()


@pytest.mark.parametrize("status", ["cancelled", "postponed", "ended"])
async def test_what_is_off_takes_no_answer(
    client: WebClient, services: Services, path: str, status: MeetingStatus
) -> None:
    await set_status(services.store, "briefing", status, "Bão")
    html = await (await client.get(path)).text()
    assert 'name="state"' not in html
    assert (await client.post(path, data=COMING)).status == 409
    assert await services.store.answers.find("briefing", "cha-nua-room") is None


async def test_links_that_open_nothing_take_no_answer(
    client: WebClient, services: Services, path: str
) -> None:
    assert (await client.post("/join/bm9uc2Vuc2U/answer", data=COMING)).status == 400
    links = await services.store.links.living("briefing", ["cha-nua-room"])
    await services.store.links.revoke(links["cha-nua-room"].id, NOON)
    for answer in (await client.get(path), await client.post(path, data=COMING)):
        assert answer.status == 410
        assert MEETING.title not in await answer.text()


async def test_accounts_answer_for_their_own_and_for_units_below(
    signed_in: SignedIn, services: Services, path: str, clock: Clock
) -> None:
    room = await signed_in("site", "cha-nua")
    html = await (await room.get("/meetings/briefing/room")).text()
    assert BY_ACCOUNT in html
    assert (await submit(room, BY_ACCOUNT, COMING)).status == 303
    assert (await stands(services)).by.way == "account"
    clock.pass_by(minutes=1)
    district = await signed_in("secretary", "nam-po")
    await submit(district, BY_ACCOUNT, {**COMING, "version": "1", "state": "unsure"})
    by = (await stands(services)).by
    assert (by.way, by.unit_id) == ("behalf", "nam-po")
    html = await (await district.get(BY_ACCOUNT)).text()
    assert "Huyện Nậm Pồ đã trả lời thay: chưa chắc" in html
    other = await signed_in("secretary", "si-pha")
    assert (await other.get(BY_ACCOUNT)).status == 404
    assert (await room.get(BY_ACCOUNT.replace("cha-nua", "nam-po"))).status == 404


async def test_the_host_reads_who_comes_and_takes_it_along_as_a_file(
    client: WebClient, signed_in: SignedIn, path: str
) -> None:
    danger = {**COMING, "title-0": "=1+1", "remark": "Đến sớm"}
    await client.post(path, data=danger)
    host = await signed_in("secretary", "nam-po")
    html = await (await host.get("/meetings/briefing")).text()
    assert "1/1 đã xác nhận, 1 cử người thay" in html
    assert "chưa trả lời" not in html  # by whoever presides, who is not asked
    html = await (await host.get("/meetings/briefing/answers")).text()
    assert all(told in html for told in ("Lò Thị Mai", "Đến sớm", "dự thay: đi công tác"))
    assert BY_ACCOUNT in html
    answer = await host.get("/meetings/briefing/answers.csv")
    data = await answer.read()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    named = [row for row in rows if row[1] == "Xã Chà Nưa"]
    assert [row[5] for row in named] == ["Lò Thị Mai", "Tòng Văn Bun"]
    assert named[0][6] == "'=1+1"
    assert len({len(row) for row in named} | {len(rows[0])}) == 1


async def test_others_read_only_what_their_own_units_answered(
    client: WebClient, signed_in: SignedIn, path: str
) -> None:
    await client.post(path, data=COMING)
    room = await signed_in("site", "cha-nua")
    html = await (await room.get("/meetings/briefing")).text()
    assert "1/1 đã xác nhận" in html
    html = await (await room.get("/meetings/briefing/answers")).text()
    assert "Lò Thị Mai" in html
    assert "Phòng họp Huyện Nậm Pồ" not in html
    above = await signed_in("secretary", "dien-bien")
    assert (await above.get("/meetings/briefing/answers")).status == 200
    beside = await signed_in("secretary", "si-pha")
    assert (await beside.get("/meetings/briefing/answers")).status == 404


async def test_the_first_page_names_what_waits_for_an_answer(
    client: WebClient, signed_in: SignedIn, services: Services, path: str
) -> None:
    room = await signed_in("site", "cha-nua")
    assert BY_ACCOUNT in await (await room.get("/")).text()
    chair = await signed_in("secretary", "nam-po")  # who presides is not asked whether they come
    assert "/sites/nam-po-room/answer" not in await (await chair.get("/")).text()
    await client.post(path, data=COMING)
    assert BY_ACCOUNT not in await (await room.get("/")).text()
    known = await services.store.meetings.get("briefing")
    later = dt.timedelta(hours=1)
    await services.store.meetings.update(replace(known, starts_at=known.starts_at + later))
    assert BY_ACCOUNT in await (await room.get("/")).text()
    await set_status(services.store, "briefing", "cancelled", "Bão")
    assert BY_ACCOUNT not in await (await room.get("/")).text()


async def test_a_link_answers_as_often_as_people_do(
    client: WebClient, services: Services, path: str
) -> None:
    """Each answer that is kept is on record for good: at one a second, 16 GB of a link in a day."""
    for _ in range(PACE.burst):
        await client.post(path, data={**COMING, "more": "1"})
    refused = await client.post(path, data=COMING)
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "120"
    assert await services.store.answers.find("briefing", "cha-nua-room") is None


async def test_the_form_says_which_days_changed_since_the_answer(
    client: WebClient, services: Services, path: str
) -> None:
    day, hour = dt.timedelta(days=1), dt.timedelta(hours=1)

    def over(*days: int) -> dict[str, object]:
        begins = [MEETING.starts_at + number * day for number in days]
        sittings = tuple(Sitting(begin, begin + hour) for begin in begins)
        return {"sittings": sittings, "ends_at": sittings[-1].ends_at}

    meetings = services.store.meetings
    stands = await meetings.update(replace(MEETING, **over(0, 1)))  # type: ignore[arg-type]
    await client.post(path, data=COMING)
    await meetings.update(replace(stands, **over(0, 2)))  # type: ignore[arg-type]
    html = await (await client.get(path)).text()
    assert "xin xác nhận lại" in html
    said = re.sub(r"<[^>]+>|\s+", " ", html.split('class="answer-changed"')[1].split("</dl>")[0])
    dropped, added = said.split("Giờ mới, chờ xác nhận")
    shown = [f"{(MEETING.starts_at + number * day):%d/%m/%Y}" for number in (1, 2)]
    assert shown[0] in dropped
    assert shown[1] in added
