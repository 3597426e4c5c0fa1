"""A unit's rooms: what their lines carry, and who looks after whom."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from confhub.units.site import Site
from tests.web.browser import SignedIn
from web.services import Services

HALL = "Hội trường tầng 2"


async def test_rooms_lines_and_technicians_of_a_unit_are_told(
    signed_in: SignedIn, services: Services
) -> None:
    sites = services.store.sites
    phone: dict[str, Any] = {"technician_name": "Lò Văn A", "technician_phone": "0912 345 678"}
    hall = await sites.get("nam-po-room")
    await sites.update(dataclasses.replace(hall, room=HALL, streams=12, **phone))
    await sites.add(Site("second", "nam-po", "npo-2", "Bàn kỹ thuật", room=f" {HALL.lower()}"))
    below = await sites.get("cha-nua-room")
    served = dataclasses.replace(below, technician_phone="0912.345.678", name="Phòng <xã>")
    await sites.update(served)
    elsewhere = await sites.get("lai-chau-room")
    await sites.update(dataclasses.replace(elsewhere, **phone))
    clerk = await signed_in("secretary", "nam-po")
    assert "/units/nam-po/rooms" in await (await clerk.get("/units/nam-po")).text()
    page = await (await clerk.get("/units/nam-po/rooms")).text()
    assert page.count("2 điểm cầu dùng chung") == 2
    assert re.search(r"Phòng họp Huyện Nậm Pồ <small[^>]*>12 luồng", page)
    assert "Phòng &lt;xã&gt;" in page  # looked after by the same, however the number is written
    assert "Lai Châu" not in page
    # A commune's stream passes the district's line.
    page = await (await clerk.get("/units/cha-nua/rooms")).text()
    assert re.search(r"Phòng họp Huyện Nậm Pồ <small[^>]*>12 luồng", page)
    assert "chưa ghi phòng" in page


async def test_a_unit_out_of_reach_shows_no_rooms(signed_in: SignedIn) -> None:
    clerk = await signed_in("secretary", "cha-nua")
    assert (await clerk.get("/units/nam-po/rooms")).status == 404
