"""A letter that tests print."""

from __future__ import annotations

import datetime as dt

from confhub.letters.invitation import Group, Typed

DAY = dt.date(2026, 12, 5)
TYPED = Typed(
    superior="UBND tỉnh Điện Biên",
    agency="Ủy ban nhân dân\nhuyện Nậm Pồ",
    symbol="UBND",
    number="7",
    place="Nậm Pồ",
    subject="Giao ban tháng 12 #set text(red) $x^2$ *đậm* \\ [link] <nhãn> @tham-chiếu",
    guests="Lãnh đạo các xã;\nThành viên Ủy ban nhân dân huyện.",
    purpose="Tới dự cuộc họp trực tuyến, cụ thể như sau:",
    chair="Ông Lò Văn Ánh, Chủ tịch UBND huyện.",
    time="Từ 08 giờ 00 đến 09 giờ 30, ngày 10 tháng 12 năm 2026 (thứ Năm).",
    venue="Điểm cầu chủ trì: Phòng họp UBND huyện;\nCác điểm cầu khác: tại đơn vị.",
    content="Phổ biến hướng dẫn kỹ thuật, giữ gìn an toàn đường truyền.",
    closing="Đề nghị các đại biểu dự họp đúng thành phần và đúng giờ./.",
    recipients="Như trên;\nLưu: VT.",
    authority="TM. Ủy ban nhân dân",
    post="Chủ tịch",
    signer="Lò Văn Ánh",
)
ANNEX = (
    Group("Huyện", (("Huyện Nậm Pồ", "Phòng họp UBND huyện Nậm Pồ"),)),
    Group("Xã", tuple((f"Xã Chà Nưa {n}", f"Phòng họp xã Chà Nưa {n}") for n in range(60))),
)
