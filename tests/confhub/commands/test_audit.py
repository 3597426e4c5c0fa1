"""`confhub audit`: the record, or a file of it, is checked, and printed."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import datetime as dt
import io
import json
import re
import sqlite3
from pathlib import Path

import pytest

from confhub.config import Settings
from confhub.people.actor import Actor
from confhub.store import open_store
from tests.confhub.commands.test_commands import confhub


async def _write_acts(data_dir: Path) -> None:
    store = await open_store(Settings(data_dir=str(data_dir)))
    now = dt.datetime(2026, 11, 30, 5, 0, tzinfo=dt.UTC)
    try:
        for number in range(3):
            at = now + dt.timedelta(days=number)
            await store.audit.write("meeting.changed", subject="m", detail=f"=đ{number}", at=at)
        async with store.work(Actor(now)) as work:
            await work.seals.seal(now + dt.timedelta(days=2), 9)
    finally:
        await store.close()


def test_the_record_is_checked_with_a_clear_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert confhub(tmp_path, "audit", "verify") == 0
    asyncio.run(_write_acts(tmp_path / "data"))
    assert confhub(tmp_path, "audit", "verify") == 0
    said = capsys.readouterr().out
    assert "NGUYÊN VẸN." in said
    assert "Chưa niêm phong: 1 dòng" in said
    head = re.findall(r"2:[0-9a-f]{64}", said)[0]
    assert confhub(tmp_path, "audit", "verify", "--head", head) == 0
    assert confhub(tmp_path, "audit", "verify", "--head", "2:" + "0" * 64) == 3
    assert "không có mã đã ghi lại" in capsys.readouterr().out
    assert confhub(tmp_path, "audit", "verify", "--head", "today") == 1
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "confhub.db")) as connection:
        connection.execute("UPDATE audit SET detail = 'x' WHERE seq = 2")
        connection.commit()
    capsys.readouterr()
    assert confhub(tmp_path, "audit", "verify") == 3
    said = capsys.readouterr().out
    assert "KHÔNG NGUYÊN VẸN: 1 chỗ hỏng" in said
    assert "dòng 2, hoặc dòng ngay trước nó" in said


def test_the_record_is_printed_for_tables_and_for_who_checks_it_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_write_acts(tmp_path / "data"))
    assert confhub(tmp_path, "audit", "export") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"))))
    # No spreadsheet takes a text for a formula.
    assert [(row["seq"], row["detail"]) for row in rows] == [
        ("1", "'=đ0"), ("2", "'=đ1"), ("", "'=đ2")
    ]  # fmt: skip
    day = ("--first", "01/12/2026", "--last", "01/12/2026")
    assert confhub(tmp_path, "audit", "export", "--format", "json", *day) == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["seq"], line["detail"]) == (2, "=đ1")
    assert line["at"] == "2026-12-01T05:00:00.000000+00:00"
    assert confhub(tmp_path, "audit", "export", "--format", "json", "--first", "01/01/2030") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_file_of_the_record_is_checked_without_the_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_write_acts(tmp_path / "data"))
    assert confhub(tmp_path, "audit", "export", "--format", "lines") == 0
    text = capsys.readouterr().out
    file = tmp_path / "record.jsonl"
    file.write_text(text)
    assert confhub(tmp_path, "audit", "verify", "--file", str(file)) == 0
    said = capsys.readouterr().out
    assert "Tệp KHỚP với mã niêm phong" in said
    assert "Đã kiểm tra 2 dòng, gồm 1 đoạn liền nhau" in said
    head = re.findall(r"2:[0-9a-f]{64}", said)[0]
    assert confhub(tmp_path, "audit", "verify", "--head", head) == 0
    file.write_text(text.replace("=đ0", "=đ9"))
    assert confhub(tmp_path, "audit", "verify", "--file", str(file)) == 3
    file.write_text("seq,id\n1,2\n")
    assert confhub(tmp_path, "audit", "verify", "--file", str(file)) == 1
    assert confhub(tmp_path, "audit", "verify", "--file", str(tmp_path / "none")) == 1
    assert "Không đọc được tệp" in capsys.readouterr().err
