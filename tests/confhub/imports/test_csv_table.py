"""Reading CSV files as spreadsheets write them."""

from __future__ import annotations

import contextlib
import csv
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from confhub.errors import BadInput, TooLarge
from confhub.imports.csv_table import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_RECORD_LENGTH,
    MAX_ROWS,
    Column,
    CsvTable,
    read_table,
    write_template,
)

COLUMNS = (
    Column("code", ("Mã đơn vị", "Code"), required=True),
    Column("name", ("Tên đơn vị", "Name"), required=True),
    Column("note", ("Ghi chú", "Note")),
)


def read(text: str, encoding: str = "utf-8") -> CsvTable:
    return read_table(text.encode(encoding), COLUMNS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends_of_spreadsheets(
    encoding: str, delimiter: str, end: str
) -> None:
    lines = [delimiter.join(cells) for cells in (["Mã đơn vị", "Tên đơn vị"], ["11", "Điện Biên"])]
    table = read(end.join(lines), encoding)
    assert [dict(row.values) for row in table.rows] == [{"code": "11", "name": "Điện Biên"}]


@pytest.mark.parametrize(
    "header", ["Code,Name", "MA DON VI,Tên Đơn Vị", "code, name ", "Mã_đơn-vị,Name"]
)
def test_headers_in_both_languages_any_case_with_or_without_diacritics(header: str) -> None:
    assert read(f"{header}\n1,A").rows[0].values == {"code": "1", "name": "A"}


def test_a_name_whose_tones_stand_apart_is_the_same_name() -> None:
    text = "Mã đơn vị,Tên đơn vị\n11,Xã Chà Nưa\n"
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    assert read(apart) == read(text)


def test_a_file_in_the_old_vietnamese_of_windows_says_how_to_save_it() -> None:
    old = "Ma\u0303,Tên\n1,Huyê\u0323n Điê\u0323n Biên".encode("cp1258")  # tones stand apart there
    with pytest.raises(BadInput, match="CSV UTF-8"):
        read_table(old, COLUMNS)


def test_line_numbers_count_lines_of_the_file_over_quoted_breaks_and_empty_lines() -> None:
    table = read('Code,Name,Note\n1,A,"hai\ndòng"\n\n2,B,\n')
    assert [(row.line, row.get("code")) for row in table.rows] == [(2, "1"), (5, "2")]
    assert table.rows[0].get("note") == "hai dòng"


def test_excels_separator_line_is_a_setting() -> None:
    table = read('sep=;\nCode;Name\n1;"A, B"\n')
    assert [(row.line, row.get("name")) for row in table.rows] == [(3, "A, B")]


def test_columns_the_file_does_not_have_are_missing_not_empty() -> None:
    assert "note" not in read("Code,Name\n1,A").rows[0].values


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "không có dòng nào"),
        (b"Code,Name\n1,Huy\xea\xf2n", "Tệp không phải UTF-8"),
        (b"PK\x03\x04\x00\x00", "không phải tệp CSV"),
        (b"Code\n1", "Thiếu cột: Tên đơn vị"),
        ("Code,Name,Màu\n1,A,đỏ".encode(), "Cột “Màu” không có trong mẫu"),
        (b"Code,Code,Name\n", "Cột “Code” có hai lần"),
        (b'Code,Name\n1,"A\n2,B\n', "Dòng 3: dấu ngoặc kép"),
        (b"sep=\nCode,Name\n", "Cột “sep=” không có trong mẫu"),
        (b"Code,Name\n1,A\n" + b"a" * (MAX_RECORD_LENGTH + 1), "Dòng 3 dài quá"),
        (b'Code,Name\n\n1,"A\n' + b"2,B\n" * MAX_RECORD_LENGTH, "Dòng 3 dài quá"),
        (b"Code,Name" + b"," * MAX_CELLS, "Xin xóa các cột trống"),
        *((one * MAX_BYTES, "Dòng 1 dài quá") for one in (b",", b"\t", b"a", b" ")),
    ],
)
def test_what_is_no_table_says_why(data: bytes, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_table(data, COLUMNS)
    assert words in str(caught.value.args[1])


def test_a_line_with_too_many_cells_is_a_problem_of_that_line() -> None:
    table = read("Code,Name\n1,A\n2,B,C,D\n3,C,,\n")
    assert [row.line for row in table.rows] == [2, 4]
    assert [(p.line, p.text[:8]) for p in table.problems] == [(3, "Có 4 ô, ")]


def test_a_line_of_very_many_empty_cells_is_a_problem_of_that_line() -> None:
    commas = "," * MAX_CELLS
    table = read(f"Code,Name\n1,A{commas}\n{commas}\n2,B{commas[1:-1]}\n3,C\n")
    assert [row.line for row in table.rows] == [4, 5]
    assert [problem.line for problem in table.problems] == [2, 3]
    assert str(MAX_CELLS) in table.problems[0].text


@pytest.mark.parametrize("text", ["\n", '"', ",", "\t", "a", "a,\n", '"\n'])
def test_no_piece_of_a_file_is_read_for_long_without_letting_go(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = 0
    reader = csv.reader

    def watched(lines: Iterable[str], **how: Any) -> Iterator[list[str]]:
        def counted() -> Iterator[str]:
            nonlocal longest
            for line in lines:
                longest = max(longest, len(line))
                yield line

        return reader(counted(), **how)

    monkeypatch.setattr(csv, "reader", watched)
    with contextlib.suppress(BadInput):
        read(text * (1_000_000 // len(text)))
    assert longest <= MAX_RECORD_LENGTH


def test_limits_of_size_and_rows() -> None:
    with pytest.raises(TooLarge):
        read_table(b"x" * (MAX_BYTES + 1), COLUMNS)
    with pytest.raises(TooLarge):
        read("Code,Name\n" + "1,A\n" * (MAX_ROWS + 1))
    assert len(read("Code,Name\n" + "1,A\n" * MAX_ROWS).rows) == MAX_ROWS


def test_a_template_reads_back_and_cannot_carry_a_formula() -> None:
    data = write_template(COLUMNS, [{"code": "03187", "name": "=1+1"}])
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"'=1+1" in data
    assert read_table(data, COLUMNS).rows[0].values == {
        "code": "03187",
        "name": "=1+1",
        "note": "",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_titles_may_have_line_breaks_whatever_stands_between_them(
    encoding: str, delimiter: str, end: str
) -> None:
    titles = [f'"Mã{end}đơn vị"', f'"Tên, chính thức{end}"', "Ghi chú"]
    columns = (COLUMNS[0], Column("name", ("Tên chính thức",)), COLUMNS[2])
    text = f"{delimiter.join(titles)}{end}{delimiter.join(['11', 'Điện Biên', 'a'])}{end}"
    table = read_table(text.encode(encoding), columns)
    assert [(row.line, dict(row.values)) for row in table.rows] == [
        (4, {"code": "11", "name": "Điện Biên", "note": "a"})
    ]


def test_hidden_characters_are_left_out_of_cells_and_titles() -> None:
    table = read("\u2060Code,Na\u00adme\n\u200b03187\u200b,\u202eXã\x1b Chà Nưa\n\u200b,\u3164\n")
    assert [dict(row.values) for row in table.rows] == [{"code": "03187", "name": "Xã Chà Nưa"}]
