"""CSV files as people's programs write them, read into named columns with line numbers. Pure.

Accepted: UTF-8 with or without a byte order mark, UTF-16 with one (Excel's "Unicode text");
comma, semicolon or tab between fields; Excel's `sep=;` line; quoted fields over several lines,
titles too; Windows and Unix line ends; empty lines; tones that stand apart from their vowels;
hidden characters, which are left out. Anything else is told, never guessed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from confhub.errors import N_, BadInput, TooLarge
from confhub.words.cells import harmless, unharmed
from confhub.words.texts import fold, one_line

# The whole country of four levels is 1 MB; four times that leaves room for notes.
MAX_BYTES = 4 * 1024 * 1024
# The whole country has 11,367 units.
MAX_ROWS = 20_000
MAX_FIELD_LENGTH = 5_000  # an equipment note of a page
# A dozen such notes. The parser holds the interpreter through a line, this long for a millisecond.
MAX_RECORD_LENGTH = 65_536
# The widest table has a dozen columns; sheets leave empty ones behind them.
MAX_CELLS = 1_000
# Past this many a file has one fault everywhere, and a longer list helps nobody.
MAX_PROBLEMS = 200

_DELIMITERS = ",;\t"
_TOO_MANY_CELLS = N_(
    "Có dòng dài %(has)s ô, nhiều nhất là %(limit)s. Xin xóa các cột trống ở cuối rồi lưu lại."
)


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is the name in code; headers match `titles` without regard to case or diacritics."""

    key: str
    titles: tuple[str, ...]  # the first is written into templates
    required: bool = False

    @property
    def title(self) -> str:
        return self.titles[0]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `line` counts the file's lines from 1; `column` is its title in the file."""

    line: int
    column: str
    message: str  # Vietnamese gettext msgid, as in ConfhubError
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.message % self.values if self.values else self.message


@dataclass(frozen=True, slots=True)
class Row:
    """One record: a column the file does not have is missing; values are as `one_line` leaves
    them."""

    line: int
    values: Mapping[str, str]

    def get(self, key: str) -> str:
        return self.values.get(key, "")


@dataclass(frozen=True, slots=True)
class CsvTable:
    rows: tuple[Row, ...]
    titles: Mapping[str, str]  # column key → title as the file spells it
    problems: tuple[Problem, ...]

    def problem(
        self, row: Row, key: str, message: str, values: Mapping[str, object] | None = None
    ) -> Problem:
        """A fault of one field of `row`."""
        return Problem(row.line, self.titles.get(key, key), message, values or {})


def read_table(data: bytes, columns: Sequence[Column]) -> CsvTable:
    """Read a file. BadInput or TooLarge when it cannot be read as a table at all.

    Faults of single lines come back in `problems` and their lines are left out of `rows`.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            N_("Tệp lớn quá %(limit)s MB. Xin chia thành nhiều tệp."),
            values={"limit": MAX_BYTES // 1024**2},
        )
    records = _records(io.StringIO(_decode(data), newline=""))  # only CR and LF end a line
    try:
        header = next(records, None)
        if header is None:
            raise BadInput(N_("Tệp không có dòng nào."))
        keys, titles = _read_header(header, columns)
        return _read_rows(records, keys, titles)
    except csv.Error:
        raise BadInput(
            N_("Dòng %(line)s: dấu ngoặc kép không khớp. Xin xem lại ô có xuống dòng."),
            values={"line": records.number},
        ) from None


def write_template(columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> bytes:
    """A CSV file that Excel opens well: UTF-8 with a byte order mark, CRLF, Vietnamese titles."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.title for column in columns])
    for row in rows:
        writer.writerow([harmless(row.get(column.key, "")) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: str) -> str:
    """A cell's text without what keeps a spreadsheet from running it."""
    return unharmed(one_line(cell))


class _Records:
    """The text's records one by one, from where it stands; `line` is where the last one began.

    BadInput for one that is too long; csv.Error where quotes do not match.
    """

    def __init__(self, text: io.StringIO, delimiter: str, number: int) -> None:
        self._text = text
        self.number = number  # of the line read last
        self.line = number + 1
        self._length = 0
        self._reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)

    def __iter__(self) -> _Records:
        return self

    def __next__(self) -> list[str]:
        self.line, self._length = self.number + 1, 0
        return next(self._reader)

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(MAX_RECORD_LENGTH + 1):
            self.number += 1
            self._length += len(line)
            if self._length > MAX_RECORD_LENGTH:
                raise BadInput(
                    N_(
                        "Dòng %(line)s dài quá %(limit)s ký tự."
                        " Xin xem lại dấu ngoặc kép và chỗ xuống dòng từ dòng này."
                    ),
                    values={"line": self.line, "limit": MAX_RECORD_LENGTH},
                )
            yield line


def _records(text: io.StringIO) -> _Records:
    """What stands in `text`, by the delimiter that a `sep=` line sets or its titles show."""
    first = text.readline(len("sep=;\r\n")).rstrip("\r\n").lower()
    if len(first) == len("sep=;") and first.startswith("sep=") and first[-1] in _DELIMITERS:
        return _Records(text, first[-1], 1)

    def titles_by(delimiter: str) -> int:
        """How many cells the first record has; it may go over several lines."""
        text.seek(0)
        try:
            return len(next(_Records(text, delimiter, 0), ()))
        except (csv.Error, BadInput):
            return 0

    delimiter = max(_DELIMITERS, key=titles_by)
    text.seek(0)
    return _Records(text, delimiter, 0)


def _decode(data: bytes) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(
            N_(
                "Tệp không phải UTF-8. Trong Excel, xin lưu lại bằng kiểu"
                " “CSV UTF-8 (Comma delimited)”."
            )
        ) from None
    if "\0" in text:
        raise BadInput(N_("Đây không phải tệp CSV. Trong Excel, xin dùng Lưu thành… CSV UTF-8."))
    return text


def _read_header(
    header: Sequence[str], columns: Sequence[Column]
) -> tuple[list[str | None], dict[str, str]]:
    by_title = {_title_key(title): c.key for c in columns for title in (c.key, *c.titles)}
    keys: list[str | None] = []
    titles: dict[str, str] = {}
    if len(header) > MAX_CELLS:
        raise BadInput(_TOO_MANY_CELLS, values={"has": len(header), "limit": MAX_CELLS})
    for cell in header:
        title = one_line(cell)
        if not title:
            keys.append(None)
            continue
        key = by_title.get(_title_key(title))
        if key is None:
            raise BadInput(
                N_("Cột “%(title)s” không có trong mẫu. Các cột được nhận: %(known)s."),
                values={"title": title[:80], "known": ", ".join(c.title for c in columns)},
            )
        if key in titles:
            raise BadInput(N_("Cột “%(title)s” có hai lần."), values={"title": title})
        titles[key] = title
        keys.append(key)
    missing = [column.title for column in columns if column.required and column.key not in titles]
    if missing:
        raise BadInput(
            N_("Thiếu cột: %(columns)s. Dòng đầu của tệp phải là tên các cột."),
            values={"columns": ", ".join(missing)},
        )
    return keys, titles


def _title_key(title: str) -> str:
    return "".join(c for c in fold(title) if c.isalnum())


def _read_rows(
    records: _Records, keys: Sequence[str | None], titles: Mapping[str, str]
) -> CsvTable:
    rows: list[Row] = []
    problems: list[Problem] = []
    for cells in records:
        if len(cells) <= MAX_CELLS and not any(one_line(cell) for cell in cells):
            continue
        if len(rows) + len(problems) >= MAX_ROWS:
            raise TooLarge(
                N_("Tệp có quá %(limit)s dòng. Xin chia thành nhiều tệp."),
                values={"limit": MAX_ROWS},
            )
        problem = _check_cells(records.line, cells, keys)
        if problem is not None:
            problems.append(problem)
            continue
        values = {key: _plain(cell) for key, cell in zip(keys, cells, strict=False) if key}
        rows.append(Row(records.line, values))
    return CsvTable(tuple(rows), titles, tuple(problems))


def _check_cells(line: int, cells: Sequence[str], keys: Sequence[str | None]) -> Problem | None:
    if len(cells) > MAX_CELLS:
        return Problem(line, "", _TOO_MANY_CELLS, {"has": len(cells), "limit": MAX_CELLS})
    if len(cells) > len(keys) and any(cell.strip() for cell in cells[len(keys) :]):
        return Problem(
            line,
            "",
            N_("Có %(has)s ô, trong khi tệp có %(columns)s cột. Xin xem lại dấu phân cách."),
            {"has": len(cells), "columns": len(keys)},
        )
    if any(len(cell) > MAX_FIELD_LENGTH for cell in cells):
        return Problem(line, "", N_("Có ô dài quá %(limit)s ký tự."), {"limit": MAX_FIELD_LENGTH})
    return None
