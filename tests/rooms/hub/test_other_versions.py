"""Pages of other versions: the one before this hub's upgrade, a newer one, and one too far away.

YESTERDAY is what the pages of the first version sent and what they read, as it was recorded. It
stays as it is: what is added to the protocol must not change it.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.rooms.house import House, Page, secretary, site_seat

# What the page sends, and the next message it waits for: its type and fields.
YESTERDAY: list[tuple[str, str, dict[str, Any]]] = [
    ('{"type":"publish","sdp":"v=0\\r\\n","sources":{"0":"microphone"}}', "published", {}),
    ('{"type":"answer","offer_id":1,"sdp":"v=0\\r\\n"}', "", {}),
    ('{"type":"restart","fresh":false}', "offer", {"offer_id": 2}),
    ('{"type":"answer","offer_id":1,"sdp":"v=0\\r\\n"}', "problem", {"about": "answer"}),
    ('{"type":"view","tiles":[{"member":"s-xa","source":"camera","height_px":720}]}', "", {}),
    ('{"type":"microphone","on":true}', "member", {"microphone": True}),
    ('{"type":"camera","on":true}', "member", {"camera": True}),
    ('{"type":"screen","on":true}', "member", {"screen": True}),
    ('{"type":"mute","member":"a-thuky","source":"screen"}', "muted", {"source": "screen"}),
    ('{"type":"unmute","member":"a-thuky","source":"camera"}', "problem", {"code": "forbidden"}),
    ('{"type":"mute_all"}', "", {}),
    ('{"type":"hand","raised":true}', "member", {}),
    ('{"type":"lower_hand","member":"a-thuky"}', "member", {"hand_at": None}),
    ('{"type":"invite","member":"a-thuky"}', "invited", {}),
    ('{"type":"invite","member":"s-xa"}', "problem", {"code": "not_here", "about": "invite"}),
    ('{"type":"send_out","member":"s-xa","reason":"Vào nhầm"}', "member", {"sent_out": True}),
    ('{"type":"let_in","member":"s-xa"}', "member", {"sent_out": False}),
    ('{"type":"layout","mode":"single","focus":"s-xa"}', "room", {}),
    ('{"type":"digest","digest":{"interval_ms":5000,"app_version":"0.1.0"}}', "", {}),
    ('{"type":"ping","at":1763942400000.5}', "pong", {"at": 1763942400000.5}),
    ('{"type":"end"}', "closed", {"reason": "ended", "retry": False}),
]
HELLO = '{"type":"hello","version":1,"app_version":"0.1.0","resume":""}'
# Every field that the page reads of each message.
READS = {
    "welcome": "member resume resumed may_drive may_end heartbeat_s digest_s room members",
    "room": "meeting_id title chair starts_at ends_at layout",
    "member": "id name unit level rank role chair presence microphone camera screen hand_at device "
    "players sent_out",
    "published": "sdp",
    "offer": "offer_id sdp",
    "muted": "source",
    "problem": "code message about",
    "pong": "at",
    "closed": "reason message retry",
}


def read(message: dict[str, Any]) -> None:
    """As the page: a field that it wants and does not find breaks it."""
    kind = message["type"]
    part = message[kind] if kind in ("room", "member") else message
    assert READS.get(kind, "").split() == [f for f in READS.get(kind, "").split() if f in part]
    if kind == "welcome":
        read({"type": "room", "room": message["room"]})
        for member in message["members"]:
            read({"type": "member", "member": member})


async def hear(page: Page, kind: str, fields: dict[str, Any]) -> None:
    while (message := await page.receive()) is not None:
        read(message)
        part = message["member"] if kind == "member" == message["type"] else message
        if message["type"] == kind and fields.items() <= part.items():
            return
    raise AssertionError(f"{kind} {fields} did not come: {page.seen}")


async def test_yesterdays_page_works_with_todays_hub(house: House) -> None:
    page = await house.page(secretary())
    await page.socket.send_str(HELLO)
    await hear(page, "welcome", {"resumed": False})
    await hear(page, "offer", {"offer_id": 1})
    for sent, kind, fields in YESTERDAY:
        await page.socket.send_str(sent)
        if kind:
            await hear(page, kind, fields)
    problems = [m["code"] for m in page.seen if m["type"] == "problem"]
    assert problems == ["stale_answer", "forbidden", "not_here"]
    assert not any("request" in m or m["type"] == "done" for m in page.seen)


async def test_yesterdays_page_comes_back_to_todays_hub(house: House) -> None:
    page = await house.page(site_seat("xa"))
    await page.socket.send_str(HELLO)
    token = (await page.expect("welcome"))["resume"]
    await page.socket.close()
    again = await house.page(site_seat("xa"))
    await again.socket.send_str(HELLO.replace('"resume":""', f'"resume":"{token}"'))
    await again.expect("welcome", resumed=True)
    await again.socket.send_str('{"type":"leave"}')
    await again.expect("closed", reason="left", retry=False)


async def test_fields_that_a_newer_page_adds_are_passed_over(house: House) -> None:
    page = await house.page(site_seat("xa"))
    await page.send("hello", version=1, colour="blue", resume="", plan={"a": [1]})
    await page.expect("welcome")
    await page.send("hand", raised=True, why="an agenda item")
    assert await page.member("s-xa", presence="present") is not None
    await page.send("view", tiles=[{"member": "s-xa", "source": "camera", "height_px": 9, "x": 1}])
    await page.send("ping", at=1)
    await page.expect("pong", at=1)
    assert [m for m in page.seen if m["type"] == "problem"] == []


@pytest.mark.parametrize(
    ("offered", "welcomed"),
    [
        ({"version": 1}, {"version": 1, "features": []}),
        ({"version": 1, "features": ["requests"]}, {"version": 1, "features": ["requests"]}),
        (
            {"version": 3, "oldest": 1, "features": ["holograms", "requests", "requests"]},
            {"version": 1, "features": ["requests"]},
        ),
    ],
)
async def test_hello_offers_and_welcome_picks(
    house: House, offered: dict[str, Any], welcomed: dict[str, Any]
) -> None:
    page = await house.page(site_seat("xa"))
    await page.send("hello", **offered)
    await page.expect("welcome", **welcomed)


@pytest.mark.parametrize(
    ("offered", "says"),
    [
        ({"version": 0}, "Trang này đã cũ. Xin tải lại trang."),
        ({"version": 0, "oldest": -5}, "Trang này đã cũ. Xin tải lại trang."),
        ({"version": 2}, "Máy chủ họp đang chạy bản cũ hơn trang này. Xin tải lại trang;"),
        ({"version": 9, "oldest": 2}, "Máy chủ họp đang chạy bản cũ hơn trang này."),
    ],
)
async def test_who_shares_no_version_is_told_what_to_do(
    house: House, offered: dict[str, Any], says: str
) -> None:
    page = await house.page(site_seat("xa"))
    await page.send("hello", **offered)
    closed = await page.expect("closed", reason="protocol", retry=False)
    assert closed["message"].startswith(says)


async def test_an_answer_and_a_problem_repeat_the_request(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.send("publish", sdp="v=0\r\n", sources={}, request="a")
    await page.expect("published", request="a")
    await page.send("publish", sdp="rubbish", sources={}, request="b")
    await page.expect("problem", request="b", code="bad_description")
    await page.send("ping", at=2, request="c")
    await page.expect("pong", at=2, request="c")
    await page.send("layout", mode="grid", request="d")
    await page.expect("problem", request="d", code="forbidden")
    await page.send("hand", raised=5, request="e")
    await page.expect("problem", request="e", code="bad_message")


async def test_what_has_no_answer_of_its_own_is_reported_done(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.expect("offer", offer_id=1)
    said: list[tuple[str, dict[str, Any]]] = [
        ("hand", {"raised": True}),
        ("answer", {"offer_id": 1, "sdp": "v=0\r\n"}),
        ("view", {"tiles": []}),
        ("restart", {}),
        ("digest", {"digest": {"interval_ms": 5000}}),
        ("hand", {"raised": True}),  # nothing changes, and it is done all the same
    ]
    for number, (kind, fields) in enumerate(said):
        await page.send(kind, **fields, request=str(number))
        await page.expect("done", request=str(number))


async def test_too_many_repeats_the_request_that_was_dropped(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    for number in range(30):
        await page.send("camera", on=number % 2 == 0, request=str(number))
    problem = await page.expect("problem", code="too_many")
    done = [m["request"] for m in page.seen if m["type"] == "done"]
    assert int(problem["request"]) >= 10
    assert problem["request"] not in done


@pytest.mark.parametrize("request_id", [5, ["a"], "a" * 37])
async def test_a_request_that_is_none_is_refused_by_name(house: House, request_id: Any) -> None:
    page, _ = await house.join(site_seat("xa"))
    await page.socket.send_str(
        msgspec.json.encode({"type": "mute_all", "request": request_id}).decode()
    )
    problem = await page.expect("problem", code="bad_message", about="mute_all")
    assert "request" in problem["message"]
    assert "request" not in problem
