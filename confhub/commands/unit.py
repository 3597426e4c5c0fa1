"""`confhub unit import|country` and `confhub site import`."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from confhub.commands import Command
from confhub.config import Settings
from confhub.desks.country_load import Loaded, load_2022, load_2025
from confhub.desks.registry.imports import import_sites, import_units
from confhub.errors import N_, BadInput
from confhub.imports.report import Report
from confhub.people.actor import Actor
from confhub.store import Store, open_store
from confhub.words.failures import why

T = TypeVar("T")


def _add_import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="TỆP", help="tệp CSV; các cột: docs/import.md")
    parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra và báo lỗi")


def _add_country_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("edition", choices=("2022", "2025"), help="nạp 2022 trước, rồi 2025")
    parser.add_argument(
        "--close-in-use", action="store_true", help="kết thúc cả đơn vị của 2022 còn điểm cầu"
    )


def _add_unit_import_options(parser: argparse.ArgumentParser) -> None:
    _add_import_options(parser)
    parser.add_argument(
        "--close-in-use",
        action="store_true",
        help="kết thúc cả đơn vị còn điểm cầu, tài khoản, cuộc họp",
    )


def _import_units(settings: Settings, options: argparse.Namespace) -> int:
    async def warned(
        store: Store, actor: Actor, data: bytes, *, dry_run: bool, name: str
    ) -> Report:
        checked = await import_units(store, actor, data, dry_run=True)
        if dry_run or not checked.good or (checked.warnings and not options.close_in_use):
            return checked
        return await import_units(store, actor, data, name=name)

    return _import(settings, options, warned)


def _import_sites(settings: Settings, options: argparse.Namespace) -> int:
    return _import(settings, options, import_sites)


def _import(
    settings: Settings, options: argparse.Namespace, carry_out: Callable[..., Awaitable[Report]]
) -> int:
    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise BadInput(
            N_("Không đọc được tệp %(path)s: %(error)s"),
            values={"path": options.file, "error": why(error)},
        ) from None
    house, name = _house(settings), options.file.name
    report = asyncio.run(
        _with_store(
            settings,
            lambda store: carry_out(store, house, data, dry_run=options.dry_run, name=name),
        )
    )
    refused = not report.good or not (report.done or options.dry_run)
    print(describe(report), file=sys.stderr if refused else sys.stdout)
    return 1 if refused else 0


def _country(settings: Settings, options: argparse.Namespace) -> int:
    def load(store: Store) -> Awaitable[Loaded]:
        if options.edition == "2022":
            return load_2022(store, _house(settings))
        return load_2025(store, _house(settings), close_in_use=options.close_in_use)

    loaded = asyncio.run(_with_store(settings, load))
    print(
        f"Thêm {loaded.added} đơn vị, đã có {loaded.present}, kết thúc {loaded.closed},"
        f" giữ nguyên qua sắp xếp {loaded.unchanged}, nối đơn vị cũ - mới {loaded.successions}."
    )
    return 0


def _house(settings: Settings) -> Actor:
    return Actor(dt.datetime.now(ZoneInfo(settings.timezone)))


async def _with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    store = await open_store(settings)
    try:
        return await work(store)
    finally:
        await store.close()


def describe(report: Report) -> str:
    """A report as lines: each fault with its line and column, then what was done."""
    lines = [
        f"Dòng {problem.line}{f', cột {problem.column}' if problem.column else ''}: {problem.text}"
        for problem in report.problems
    ]
    if report.more_problems:
        lines.append(f"... và {report.more_problems} lỗi nữa.")
    if not report.good:
        return "\n".join([*lines, "Chưa nhập dòng nào. Xin sửa tệp rồi nhập lại."])
    counts = f"mới {report.new}, thay đổi {report.changed}, giữ nguyên {report.unchanged}"
    lines = [notice.text for notice in report.warnings]
    lines.append(f"{'Đã nhập' if report.done else 'Kiểm tra, chưa nhập'}: {counts}.")
    if report.warnings and not report.done:
        lines.append("Thêm --close-in-use nếu vẫn nhập.")
    return "\n".join(lines)


COMMANDS = (
    Command("unit import", "nhập đơn vị từ tệp CSV", _add_unit_import_options, _import_units),
    Command("unit country", "nạp đơn vị của cả nước", _add_country_options, _country),
    Command("site import", "nhập điểm cầu từ tệp CSV", _add_import_options, _import_sites),
)
