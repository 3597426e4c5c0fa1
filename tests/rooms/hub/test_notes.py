"""Lines of text from the secretary to all sites, over a hub."""

from __future__ import annotations

from typing import Any

from confhub.store import Store
from tests.on_record import room_events
from tests.rooms.conftest import NewHouse
from tests.rooms.house import MEETING, House, secretary, site_seat


async def test_a_line_reaches_all_who_are_here_and_who_comes_late(
    new_house: NewHouse, store: Store
) -> None:
    house = await new_house()
    commune, _ = await house.join(site_seat("xa"))
    driver, _ = await house.join(secretary())
    await driver.send("note", text="Họp lại lúc 14:00", request="n1")
    heard: list[dict[str, Any]] = [await page.expect("note") for page in (commune, driver)]
    assert [(m["note"]["text"], m["seq"]) for m in heard] == [("Họp lại lúc 14:00", 1)] * 2
    await driver.expect("done", request="n1")
    late, _ = await house.join(site_seat("huyen"))
    assert (await late.expect("notes"))["notes"] == [heard[0]["note"]]
    await house.close()

    restarted = await new_house()
    back, _ = await restarted.join(site_seat("xa"))
    assert (await back.expect("notes"))["notes"] == [heard[0]["note"]]
    [event] = await room_events(store, MEETING)
    assert (event.seq, event.kind) == (1, "note")
    assert event.payload == {"by": "a-thuky", "text": "Họp lại lúc 14:00"}


async def test_a_line_is_bounded_in_length_and_in_rate(house: House) -> None:
    driver, _ = await house.join(secretary())
    await driver.send("note", text="x" * 301, request="long")
    problem = await driver.expect("problem", code="bad_message", about="note", request="long")
    assert "text" in problem["message"]
    for number in range(12):
        await driver.send("note", text=f"Lời {number}")
    await driver.expect("problem", code="too_many", about="note")
    assert len([m for m in driver.seen if m["type"] == "note"]) <= 6
