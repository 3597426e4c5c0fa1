"""`confhub audit verify|export`: whether the record, or a file of it, is whole; and such a file."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from confhub.commands import Command
from confhub.commands.user import run
from confhub.config import Settings
from confhub.errors import N_, BadInput
from confhub.people.grant import period
from confhub.store import Store
from confhub.trail import export
from confhub.trail.chain import Sealed
from confhub.trail.check import Fault, Kind, Verdict
from confhub.trail.export import Form
from confhub.trail.file_check import FileCheck, FileVerdict
from confhub.words.dates import read_date

# Apart from what fails (1) and from wrong options (2).
BROKEN = 3

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_BAD_HEAD = N_("Mã niêm phong có dạng SỐ:MÃ, như “confhub audit verify” in ra.")
_NO_FILE = N_("Không đọc được tệp “%(path)s”.")
_NO_LINE = N_(
    "Dòng %(line)s của tệp không phải của nhật ký. Kiểm tra được tệp JSON, không phải tệp CSV."
)
_FAULTS: Mapping[Kind, str] = {
    "altered": "dòng %(seq)d, hoặc dòng ngay trước nó, đã bị sửa hoặc đổi chỗ",
    "missing": "mất các dòng từ %(seq)d đến %(last)d",
    "repeated": "có thêm một dòng mang số %(seq)d",
    "anchor": "các dòng trước dòng %(seq)d bị xóa mà không theo hạn lưu",
    "head": "chuỗi không kết thúc ở dòng %(seq)d như đã niêm phong",
    "noted": "dòng %(seq)d không có mã đã ghi lại",
}


def _add_verify_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--head",
        default="",
        metavar="SỐ:MÃ",
        help="mã niêm phong đã ghi lại ở nơi khác: nhật ký phải còn chứa đúng dòng ấy",
    )
    parser.add_argument(
        "--file",
        default="",
        metavar="TỆP",
        help="kiểm tra một tệp JSON đã xuất, thay cho nhật ký của máy chủ này",
    )


def _add_export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=get_args(Form), default="csv", help="csv, json hoặc lines"
    )
    parser.add_argument("--first", default="", metavar="NGÀY", help="từ ngày, ví dụ 01/12/2026")
    parser.add_argument("--last", default="", metavar="NGÀY", help="đến hết ngày")


def _verify(settings: Settings, options: argparse.Namespace) -> int:
    noted = _noted(options.head)
    if options.file:
        told = _read(Path(options.file), noted)
        print("\n".join(_said_of_file(told)))
        return 0 if told.is_whole else BROKEN
    found: list[Verdict] = []

    async def work(store: Store) -> None:
        found.append(await store.seals.check(noted))

    run(settings, work)
    verdict = found[0]
    print("\n".join(_said(verdict, ZoneInfo(settings.timezone))))
    return 0 if verdict.is_whole else BROKEN


def _export(settings: Settings, options: argparse.Namespace) -> int:
    zone = ZoneInfo(settings.timezone)
    since, until = period(read_date(options.first), read_date(options.last), zone)

    async def pages(store: Store) -> AsyncIterator[list[Sealed]]:
        async for page in store.seals.pages(since, until):
            yield page
        if waiting := await store.seals.waiting(since, until):
            yield waiting

    async def work(store: Store) -> None:
        out = sys.stdout
        out.write(export.head(options.format))
        is_first = True
        async for page in pages(store):
            out.write(export.piece(options.format, page, is_first=is_first))
            is_first = False
        out.write(export.tail(options.format))

    return run(settings, work)


def _read(path: Path, noted: tuple[int, str] | None) -> FileVerdict:
    """BadInput where it is no such file."""
    check, read = FileCheck(noted), 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            for text in file:
                read += 1
                sealed = export.read_line(text)
                if sealed is not None:
                    check.take(sealed)
    except OSError as error:
        raise BadInput(_NO_FILE, values={"path": path}) from error
    except (BadInput, UnicodeDecodeError) as error:
        raise BadInput(_NO_LINE, values={"line": read}) from error
    return check.verdict()


def _said_of_file(verdict: FileVerdict) -> list[str]:
    lines = [
        "Tệp KHỚP với mã niêm phong ghi trong chính tệp."
        if verdict.is_whole
        else f"Tệp KHÔNG KHỚP với mã niêm phong: {verdict.fault_count} chỗ hỏng."
    ]
    lines += [f"  - {_worded(fault)}" for fault in verdict.faults]
    lines.append(
        f"Đã kiểm tra {verdict.lines} dòng, gồm {verdict.pieces} đoạn liền nhau; giữa các đoạn là"
        " những dòng tệp này không có."
    )
    if verdict.waiting:
        lines.append(
            f"Chưa niêm phong khi xuất tệp: {verdict.waiting} dòng, chưa chứng tỏ được gì."
        )
    lines.append(
        "Ai sửa một dòng rồi tính lại mã của cả đoạn thì tệp vẫn khớp. Nơi nghi ngờ, hỏi nhật ký"
        f" gốc bằng “confhub audit verify --head SỐ:MÃ”. Dòng cuối của {len(verdict.ends)} đoạn sau"
        " cùng:"
    )
    lines += [f"  {seq}:{hash_}" for seq, hash_ in verdict.ends]
    return lines


def _noted(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    match = _HEAD.fullmatch(text.strip())
    if match is None:
        raise BadInput(_BAD_HEAD)
    return int(match[1]), match[2]


def _said(verdict: Verdict, zone: ZoneInfo) -> list[str]:
    ends = verdict.ends
    lines = [
        "Nhật ký thao tác NGUYÊN VẸN."
        if verdict.is_whole
        else f"Nhật ký thao tác KHÔNG NGUYÊN VẸN: {verdict.fault_count} chỗ hỏng."
    ]
    lines += [f"  - {_worded(fault)}" for fault in verdict.faults]
    if verdict.fault_count > len(verdict.faults):
        lines.append("  - ...")
    if verdict.first_at is not None and verdict.last_at is not None:
        first, last = (at.astimezone(zone) for at in (verdict.first_at, verdict.last_at))
        lines.append(
            f"Đã kiểm tra {verdict.lines} dòng, từ {first:%d/%m/%Y %H:%M} đến {last:%d/%m/%Y %H:%M}"
        )
    if ends.first > 1:
        lines.append(f"Đã xóa theo hạn lưu: {ends.first - 1} dòng đầu.")
    if verdict.late:
        lines.append(f"Chú ý: {verdict.late} dòng được ghi sau những dòng của thời điểm muộn hơn.")
    if verdict.waiting:
        lines.append(f"Chưa niêm phong: {verdict.waiting} dòng của mấy phút gần đây.")
    lines.append(f"Mã niêm phong, nên ghi lại ở nơi khác: {ends.last}:{ends.head}")
    return lines


def _worded(fault: Fault) -> str:
    return _FAULTS[fault.kind] % {"seq": fault.seq, "last": fault.last}


COMMANDS = (
    Command(
        "audit verify",
        "kiểm tra nhật ký, hay tệp đã xuất, có bị sửa không; mã thoát 0: nguyên vẹn, 3: không",
        _add_verify_options,
        _verify,
    ),
    Command(
        "audit export", "in nhật ký ra CSV, JSON hoặc JSON Lines", _add_export_options, _export
    ),
)
