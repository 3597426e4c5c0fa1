"""Forms with files, as browsers send them and as nobody should."""

from __future__ import annotations

import warnings

import pytest
from aiohttp.web import FileField

from confhub.errors import TooLarge
from web.requests.multipart import read_fields

TYPE = "multipart/form-data; boundary=----x"


def part(head: str, content: bytes) -> bytes:
    return b"------x\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content


def body(*parts: bytes) -> bytes:
    return b"".join(item + b"\r\n" for item in parts) + b"------x--\r\n"


def test_texts_and_files_come_as_they_were_sent() -> None:
    content = b"a,b\r\n--\r\n------\r\n\xff\x00"
    sent = body(
        part('name="csrf"', b"12"),
        part('name="t\u00ean"', "Chà Nưa\r\n".encode()),
        part('name="file"; filename="đơn vị.csv"\r\nContent-Type: text/csv', content),
    )
    (csrf, name, (field, file)) = read_fields(sent, TYPE, 3)
    assert (csrf, name, field) == (("csrf", "12"), ("tên", "Chà Nưa\r\n"), "file")
    assert isinstance(file, FileField)
    assert (file.filename, file.content_type) == ("đơn vị.csv", "text/csv")
    assert file.file.read() == content


def test_a_file_that_was_not_chosen_has_no_name() -> None:
    ((_, file),) = read_fields(body(part('name="file"; filename=""', b"")), TYPE, 3)
    assert isinstance(file, FileField)
    assert file.filename == ""


@pytest.mark.parametrize(
    ("head", "filename"),
    [
        ('name="f"; filename="C:\\danh sách.csv"', "C:\\danh sách.csv"),
        ('name="f"; filename="a %22b%22.csv"', 'a "b".csv'),
        ('name="f"; filename="a \\"b\\".csv"', 'a "b".csv'),
        ("name=\"f\"; filename*=utf-8''%C4%91.csv", "đ.csv"),
        ('name="f"; filename="d.csv"; filename*=UTF-8\'\'%C4%91.csv', "đ.csv"),
    ],
)
def test_names_of_files_come_as_browsers_and_programs_write_them(head: str, filename: str) -> None:
    ((_, file),) = read_fields(body(part(head, b"1")), TYPE, 1)
    assert isinstance(file, FileField)
    assert file.filename == filename


@pytest.mark.parametrize(
    "tail",
    ["; SECRET", ";" * 1900, "; filename", '; filename="SECRET', "; a=" + "\\" * 1900, '"' * 1900],
)
def test_a_name_that_cannot_be_read_warns_of_nothing(tail: str) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(ValueError):  # noqa: PT011 - as above
            read_fields(body(part('name="csrf"' + tail, b"1")), TYPE, 3)
    assert warned == []


@pytest.mark.parametrize("after", [b"", b"\r\nepilogue", b"------x\r\n"])
def test_what_stands_around_the_parts_does_not_matter(after: bytes) -> None:
    sent = b"preamble\r\n" + body(part('name="a"', b"1")) + after
    assert read_fields(sent, TYPE, 1) == [("a", "1")]


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=" + "x" * 71, b""),
        ("multipart/form-data; boundary=ế", b""),
        (TYPE, b""),
        (TYPE, part('name="a"', b"1")),
        (TYPE, b"------xyz\r\n" + body()),
        (TYPE, body(part("filename=a", b"1"))),
        (TYPE, body(part('name=""', b"1"))),
        (TYPE, body(part('name="a"', b"\xff"))),
        (TYPE, body(b"------x\r\nContent-Disposition: attachment; name=a\r\n\r\n1")),
        (TYPE, body(b"------x\r\n\r\n1")),
        (TYPE, body(b"------x\r\nno colon\r\n\r\n1")),
        (TYPE, body(part('name="a"\r\nX: ' + "x" * 3000, b"1"))),
        (TYPE, body(part('name="a"\r\nContent-Transfer-Encoding: base64', b"1"))),
    ],
)
def test_a_broken_form_is_a_value_error(content_type: str, sent: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, it is a 400
        read_fields(sent, content_type, 3)


def test_too_many_parts_are_refused_before_they_are_read() -> None:
    with pytest.raises(TooLarge):
        read_fields(body(*[part('name="a"', b"")] * 7_000), TYPE, 8)
