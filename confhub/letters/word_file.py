"""Letters and sheets as DOCX, for who must edit them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from docx import Document
from docx.document import Document as DocumentFile
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from confhub.letters.invitation import Invitation
from confhub.letters.sheets import Sheet

# What people have who open it; Liberation Serif has the same widths.
_FONT = "Times New Roman"
_CENTRE, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY


def letter(it: Invitation) -> bytes:
    """As letter-1.typ sets it."""
    made = _blank(14)
    made.core_properties.title = f"{it.title}: {it.subject}"
    made.core_properties.author = " ".join(it.agency)
    left, right = _cells(made, 66, 94)
    if it.superior:
        _say(left, it.superior.upper(), 12)
    for line in it.agency:
        _say(left, line.upper(), 12, bold=True)
    _rule(left, 12)
    _say(left, it.number, 13)
    _say(right, it.nation, 12, bold=True)
    _say(right, it.motto, 13, bold=True)
    _rule(right, 26)
    _say(right, it.dated, 13, italic=True)
    _say(made, "", 8)
    _say(made, it.title, 14, bold=True)
    _say(made, it.subject, 14, bold=True)
    _rule(made, 14)
    _say(made, "", 8)
    _guests(made, it)
    for line in it.purpose:
        _text(made, line)
    for label, lines in it.facts:
        _labelled(made, label, lines)
    for line in it.closing:
        _text(made, line)
    _say(made, "", 8)
    _signature(made, it)
    if it.annex:
        _annex(made, it)
    return _bytes(made)


def sheets(pages: Iterable[Sheet]) -> bytes:
    """A page for each site."""
    made = _blank(13)
    for number, page in enumerate(pages):
        if number:
            made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _say(made, page.heading.upper(), 16, bold=True)
        _say(made, page.unit, 15, bold=True)
        _say(made, page.site, 13)
        cells = _cells(made, *(160 // len(page.ways) for _ in page.ways)) if page.ways else ()
        for cell, way in zip(cells, page.ways, strict=True):
            _say(cell, way.label, 12, bold=True)
            picture = _say(cell, "", 12)
            picture.add_run().add_picture(io.BytesIO(way.code_png), width=Mm(48))
        for way in page.ways:
            _say(made, f"{way.label}: {way.address}", 11)
        for hint in page.hints:
            _say(made, hint, 12)
        for label, value in page.facts:
            _labelled(made, label, (value,), indent=0)
        for label, lines in page.parts:
            _labelled(made, label, lines, indent=0)
    return _bytes(made)


def _blank(size: int) -> DocumentFile:
    made = Document()
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = Mm(20)
    page.left_margin, page.right_margin = Mm(30), Mm(20)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(size)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    normal.paragraph_format.space_after = Pt(4)
    return made


def _cells(made: DocumentFile, *widths: int) -> Sequence[_Cell]:
    """A row of cells without lines; each with its first paragraph gone."""
    table = made.add_table(rows=1, cols=len(widths))
    table.autofit = False
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        cell.width = Mm(width)
        cell._element.remove(cell.paragraphs[0]._element)
    cells: Sequence[_Cell] = table.rows[0].cells
    return cells


def _say(
    where: DocumentFile | _Cell,
    text: str,
    size: int,
    *,
    bold: bool = False,
    italic: bool = False,
    centred: bool = True,
) -> Paragraph:
    said = where.add_paragraph()
    said.paragraph_format.space_after = Pt(2)
    if centred:
        said.alignment = _CENTRE
    run = said.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    return said


def _rule(where: DocumentFile | _Cell, blanks: int) -> None:
    """The line below a text: as long as so many blanks that are drawn upon."""
    said = _say(where, "", 6)
    run = said.add_run("\u00a0" * 2 * blanks)
    run.font.size, run.font.strike = Pt(6), True
    said.paragraph_format.space_after = Pt(4)


def _text(made: DocumentFile, text: str, *, bold: str = "", indent: int = 10) -> None:
    said = made.add_paragraph()
    said.alignment = _JUSTIFY
    said.paragraph_format.first_line_indent = Mm(indent)
    if bold:
        said.add_run(bold).bold = True
    said.add_run(text)


def _guests(made: DocumentFile, it: Invitation) -> None:
    if len(it.guests) == 1:
        _text(made, f"{it.greeting} {it.guests[0]}")
        return
    for line in (it.greeting, *(f"- {one}" for one in it.guests)):
        _text(made, line)


def _labelled(made: DocumentFile, label: str, lines: Sequence[str], indent: int = 10) -> None:
    if len(lines) == 1:
        _text(made, f" {lines[0]}", bold=f"{label}:", indent=indent)
        return
    _text(made, "", bold=f"{label}:", indent=indent)
    for line in lines:
        _text(made, f"- {line}", indent=indent)


def _signature(made: DocumentFile, it: Invitation) -> None:
    left, right = _cells(made, 80, 80)
    head = _say(left, it.recipients_head, 12, bold=True, italic=True, centred=False)
    head.paragraph_format.keep_with_next = True
    for line in it.recipients:
        _say(left, f"- {line}", 11, centred=False)
    if it.authority:
        _say(right, it.authority.upper(), 14, bold=True)
    _say(right, it.post.upper(), 14, bold=True)
    for _ in range(4):  # the place of the signature
        _say(right, "", 14)
    _say(right, it.signer, 14, bold=True)


def _annex(made: DocumentFile, it: Invitation) -> None:
    made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    _say(made, it.annex_title, 14, bold=True)
    _say(made, it.annex_note, 14, italic=True)
    table = made.add_table(rows=1, cols=3, style="Table Grid")
    table.autofit = False
    for cell, head in zip(table.rows[0].cells, it.annex_heads, strict=True):
        _fill(cell, head, bold=True)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    number = 0
    for group in it.annex:
        cells = table.add_row().cells
        _fill(cells[0].merge(cells[2]), f"{group.name} ({len(group.rows)})", bold=True)
        for unit, site in group.rows:
            number += 1
            for cell, text in zip(table.add_row().cells, (str(number), unit, site), strict=True):
                _fill(cell, text)
    for row in table.rows:
        for cell, width in zip(row.cells, (12, 74, 74), strict=True):
            cell.width = Mm(width)


def _fill(cell: _Cell, text: str, *, bold: bool = False) -> None:
    run = cell.paragraphs[0].add_run(text)
    run.bold, run.font.size = bold, Pt(12)
    cell.paragraphs[0].paragraph_format.space_after = Pt(0)


def _bytes(made: DocumentFile) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
