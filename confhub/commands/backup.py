"""`confhub backup`, `confhub restore`: the whole house into one file, and back."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from confhub.archive.house import House, give_to_owner, house_of
from confhub.archive.last import LastBackup, note_last
from confhub.archive.making import make
from confhub.archive.restoring import Proven, proven, put_back
from confhub.archive.sealing import read_identities, read_recipients
from confhub.commands import Command
from confhub.config import Settings
from confhub.errors import N_, Conflict
from confhub.hub.one_hub import LOCK_FILE, alone_in, holder
from confhub.parts import version
from confhub.words.formats import Formats

_RUNNING = N_("confhub đang chạy (tiến trình %(process)s). Xin dừng dịch vụ trước khi khôi phục.")
_NOT_ASKED = N_("Chưa khôi phục gì. Xin thêm --yes khi chạy mà không có bàn phím.")
_YES = "yes"


def _add_backup_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="NƠI_LƯU", help="thư mục, hoặc tên tệp mới")
    parser.add_argument(
        "--recipient",
        action="append",
        default=[],
        metavar="KHÓA",
        help="mã hóa cho khóa công khai này (age1…, của age-keygen); dùng được nhiều lần",
    )
    parser.add_argument(
        "--keep",
        type=_count,
        default=0,
        metavar="SỐ",
        help="chỉ giữ chừng ấy bản mới nhất trong thư mục; mặc định: giữ tất cả",
    )


def _add_restore_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", metavar="TỆP", help="bản sao lưu, như “confhub backup” tạo ra")
    parser.add_argument(
        "--identity", default="", metavar="TỆP", help="khóa riêng, nếu bản sao lưu được mã hóa"
    )
    parser.add_argument(
        "--check", action="store_true", help="chỉ đọc thử và kiểm tra, không thay đổi gì"
    )
    parser.add_argument("--yes", action="store_true", help="không hỏi lại")


def _count(text: str) -> int:
    """Raises ValueError, which argparse words."""
    count = int(text)
    if not 1 <= count <= 10_000:
        raise ValueError(text)
    return count


def _backup(settings: Settings, options: argparse.Namespace) -> int:
    recipients = read_recipients(options.recipient)
    now = dt.datetime.now(dt.UTC)
    house = house_of(settings, options.config or "")
    made = make(house, Path(options.target), recipients, now, version(), options.keep)
    last = LastBackup(now, str(made.path.absolute()), made.size, sealed=not made.proven)
    give_to_owner([note_last(house.data_dir, last)], house.data_dir)
    megabytes = Formats("vi", ZoneInfo(settings.timezone)).decimal(made.size / 1e6, 1)
    print(f"Đã sao lưu vào {made.path} ({megabytes} MB, {made.papers} tài liệu).")
    if made.proven:
        print("Đã đọc lại và kiểm tra. Tệp chứa mật khẩu băm và khóa: xin giữ kín.")
    else:
        print("Đã mã hóa. Xin thử mở ở nơi giữ khóa riêng: confhub restore --check.")
    if made.dropped:
        print(f"Đã xóa {made.dropped} bản cũ.")
    return 0


def _restore(settings: Settings, options: argparse.Namespace) -> int:
    identities = read_identities(Path(options.identity)) if options.identity else []
    house = house_of(settings, options.config or "")
    with contextlib.ExitStack() as stack:
        if not options.check:
            stack.enter_context(_stopped(house))
        found = stack.enter_context(proven(Path(options.archive), house, identities))
        _tell(found, ZoneInfo(settings.timezone))
        if options.check:
            print("Bản sao lưu nguyên vẹn, khôi phục được bằng phiên bản này.")
            return 0
        if not options.yes and not _is_confirmed(house):
            raise Conflict(_NOT_ASKED, code="not_confirmed")
        aside = put_back(found, house, dt.datetime.now(dt.UTC))
    print("Đã khôi phục. Xin khởi động dịch vụ: cơ sở dữ liệu được nâng cấp nếu cần.")
    print(f"Dữ liệu trước đó nằm ở {aside.absolute()}; xin xóa khi không cần nữa.")
    return 0


def _tell(found: Proven, zone: ZoneInfo) -> None:
    head = found.head
    print(
        f"Bản sao lưu lúc {head.made_at.astimezone(zone):%H:%M %d/%m/%Y}, confhub {head.version},"
    )
    print(f"{head.kind}, phiên bản dữ liệu {head.revision}, {len(found.papers)} tài liệu.")


def _is_confirmed(house: House) -> bool:
    print(f"Cơ sở dữ liệu và khóa hiện có của {house.data_dir.absolute()} sẽ bị thay thế.")
    if not sys.stdin.isatty():
        return False
    return input(f"Gõ {_YES} để tiếp tục: ").strip().lower() == _YES


@contextlib.contextmanager
def _stopped(house: House) -> Iterator[None]:
    """No hub runs on the data folder, nor begins to until it is all there."""
    folder = house.data_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for lock in folder.glob("*.lock"):
        process = holder(folder, lock.name)
        if process is not None:
            raise Conflict(_RUNNING, code="hub_running", values={"process": process})
    with alone_in(folder, LOCK_FILE):
        give_to_owner([folder / LOCK_FILE], folder)
        yield


COMMANDS = (
    Command(
        "backup",
        "sao lưu cơ sở dữ liệu, khóa và tài liệu vào một tệp, trong khi máy chủ chạy",
        _add_backup_options,
        _backup,
    ),
    Command(
        "restore",
        "kiểm tra một bản sao lưu, hoặc khôi phục từ đó khi máy chủ đã dừng",
        _add_restore_options,
        _restore,
    ),
)
