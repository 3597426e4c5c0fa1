"""Letters and sheets as Word files, read back."""

from __future__ import annotations

import io

import segno
from docx import Document
from docx.document import Document as DocumentFile

from confhub.letters import word_file
from confhub.letters.invitation import written
from confhub.letters.sheets import Sheet, Way
from tests.confhub.letters.samples import ANNEX, DAY, TYPED


def opened(data: bytes) -> tuple[DocumentFile, str]:
    made = Document(io.BytesIO(data))
    cells = [cell for table in made.tables for row in table.rows for cell in row.cells]
    said = [*made.paragraphs, *(one for cell in cells for one in cell.paragraphs)]
    return made, "\n".join(one.text for one in said)


def test_a_letter_says_in_word_what_it_says_in_print() -> None:
    it = written(TYPED, DAY, ANNEX, dated=True)
    made, text = opened(word_file.letter(it))
    for said in (it.nation, it.motto, it.number, it.dated, it.title, it.subject, it.greeting):
        assert said in text
    assert "ỦY BAN NHÂN DÂN\nHUYỆN NẬM PỒ" in text
    assert "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH" in text
    for label, lines in it.facts:
        assert f"{label}:" in text
        assert all(line in text for line in lines)
    page = made.sections[0]
    edges = (page.left_margin, page.right_margin, page.top_margin, page.page_width)
    assert [round(one.mm) for one in edges if one is not None] == [30, 20, 20, 210]
    assert len(made.tables[2].rows) == 1 + 2 + 61


def test_sheets_have_a_page_and_codes_for_each_site() -> None:
    code = io.BytesIO()
    segno.make("https://hop.example.gov.vn/join/x").save(code, kind="png")
    ways = [
        Way(label, "https://hop.example.gov.vn/join/x", code_png=code.getvalue())
        for label in ("Vào họp tại", "Xác nhận người dự tại")
    ]
    pages = [
        Sheet("Giấy mời", "", f"Xã {n}", "Phòng họp", (("Giờ", "08:00"),), (), tuple(ways[:n]), ())
        for n in range(3)
    ]
    made, text = opened(word_file.sheets(pages))
    assert [f"Xã {n}" in text for n in range(3)] == [True] * 3
    assert len(made.inline_shapes) == 0 + 1 + 2
