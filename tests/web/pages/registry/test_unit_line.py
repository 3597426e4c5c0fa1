"""How many streams a unit's line carries: entered in its page, told in others."""

from __future__ import annotations

from tests.web.browser import SignedIn, submit
from web.services import Services


async def test_a_technician_enters_what_the_line_carries(
    signed_in: SignedIn, services: Services
) -> None:
    technician = await signed_in("technician", "nam-po")
    assert "/units/nam-po/line" in await (await technician.get("/units/nam-po")).text()
    asked = await technician.get("/units/nam-po/line")
    assert asked.status == 200
    wrong = await submit(technician, "/units/nam-po/line", {"streams": "nhiều"})
    assert wrong.status == 400
    assert "nhiều" in await wrong.text()
    done = await submit(technician, "/units/nam-po/line", {"streams": "40"})
    assert done.headers["Location"] == "/units/nam-po"
    assert "40 luồng cùng lúc" in await (await technician.get("/units/nam-po")).text()
    assert await services.store.unit_lines.streams(["nam-po", "cha-nua"]) == {"nam-po": 40}
    rooms = await (await technician.get("/units/cha-nua/rooms")).text()
    assert "40 luồng" in rooms  # a commune's stream passes it
    await submit(technician, "/units/nam-po/line", {"streams": ""})
    assert await services.store.unit_lines.streams(["nam-po"]) == {}


async def test_who_edits_no_sites_there_is_not_asked(signed_in: SignedIn) -> None:
    below = await signed_in("technician", "cha-nua")
    assert (await below.get("/units/nam-po/line")).status == 404
    clerk = await signed_in("secretary", "nam-po")
    assert "/units/nam-po/line" not in await (await clerk.get("/units/nam-po")).text()
