"""What typst makes of letters: read back by other programs."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
import subprocess
import unicodedata
from pathlib import Path

import msgspec
import pytest

from confhub.errors import Unavailable
from confhub.letters import press
from confhub.letters.invitation import Invitation, read, written
from confhub.letters.sheets import Sheet, Sheets, Way
from tests.confhub.letters.samples import ANNEX, DAY, TYPED

NOW = dt.datetime(2026, 12, 5, 1, tzinfo=dt.UTC)
# Letters were issued with these: what was printed once prints the same for ever.
ISSUED_WITH = {"letter-1": "4f65280acdd8652bab3b48ec1a583dde8fc21d258a086bd3a0ee7f4119faed96"}


def ran(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def plain(text: str) -> str:
    """Without what lines and pages do to blanks."""
    return re.sub(r"\s+", "", text)


def texts(it: Invitation) -> list[str]:
    said = [it.superior.upper(), *map(str.upper, it.agency), it.number, it.dated, it.nation]
    said += [it.motto, it.title, it.subject, it.greeting, *it.guests, *it.purpose, *it.closing]
    said += [*it.recipients, it.authority.upper(), it.post.upper(), it.signer, it.annex_note]
    said += [one for label, lines in it.facts for one in (label, *lines)]
    return said + [one for group in it.annex for row in group.rows for one in row]


async def test_a_letter_is_an_archive_pdf_whose_words_come_back_letter_by_letter(
    tmp_path: Path,
) -> None:
    every = " ".join(map(chr, range(0x1EA0, 0x1EFA))) + "ăâđêôơưĂÂĐÊÔƠƯàáãèéìíòóõùúýĩũ – “”‘’…₫№•≤"
    closing = f"{TYPED.closing}\nChữ: {every}"
    typed = read({**msgspec.structs.asdict(TYPED), "closing": closing})
    it = written(typed, DAY, ANNEX, dated=True)
    pdf = await press.pdf("letter-1", it, NOW, "a-2b")
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf)
    back = ran("pdftotext", "-layout", str(file), "-")
    assert back == unicodedata.normalize("NFC", back)
    for said in texts(it):  # columns stand side by side: word by word
        assert all(plain(word) in plain(back) for word in said.split()), said
    for whole in (it.number, it.dated, it.purpose[0], f"Chữ: {every}"):
        assert plain(whole) in plain(back)
    fonts = ran("pdffonts", str(file)).splitlines()[2:]
    assert fonts
    assert all(" yes yes yes " in line and "LiberationSerif" in line for line in fonts), fonts
    ran("qpdf", "--check", str(file))
    assert b"pdfaid:part" in pdf
    assert b"2026-12-05" in pdf  # the moment it was made, by our clock
    sizes = set(re.findall(r"Page +\d+ size: +(\S+ x \S+)", ran("pdfinfo", "-l", "9", str(file))))
    assert sizes == {"595.276 x 841.89"}


def test_a_template_that_letters_were_issued_with_never_changes() -> None:
    folder = Path(press.__file__).parent
    hashes = {p.stem: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("letter-*")}
    assert hashes == ISSUED_WITH, "add a new template beside the old ones"


async def test_sheets_have_a_page_for_each_site_and_long_addresses_stay_on_it(
    tmp_path: Path,
) -> None:
    code = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h1v1H0z"/></svg>'
    link = "https://hop.example.gov.vn/join/" + "Ab0_-" * 30
    ways = (Way("Vào họp tại", link, code), Way("Xác nhận người dự tại", f"{link}/answer", code))
    facts, parts = (("Thời gian", "08:00"),), (("Ghi chú", ("Mang báo cáo 😀", "#pagebreak()")),)
    pages = tuple(
        Sheet("Giấy mời", "Kính mời", f"Xã số {n}", "Phòng họp", facts, parts, ways, ())
        for n in range(3)
    )
    file = tmp_path / "sheets.pdf"
    file.write_bytes(await press.pdf("sheets-1", Sheets("Họp", pages), NOW, "1.7"))
    back = ran("pdftotext", "-layout", str(file), "-")
    assert back.count("\f") == 3
    assert back.count(link) == 6
    assert back.count(f"Xác nhận người dự tại: {link}/answer") == 3
    assert back.count("#pagebreak()") == 3


async def test_what_takes_too_long_or_fails_is_said_and_leaves_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = written(TYPED, DAY, (), dated=True)
    with pytest.raises(Unavailable):
        await press.pdf("letter-0", it, NOW, "a-2b")  # there is no such template
    monkeypatch.setattr(press, "LONGEST_S", 0.01)
    with pytest.raises(Unavailable):
        await press.pdf("letter-1", it, NOW, "a-2b")
    monkeypatch.undo()
    gone = asyncio.create_task(press.pdf("letter-1", it, NOW, "a-2b"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert (await press.pdf("letter-1", it, NOW, "a-2b")).startswith(b"%PDF")
