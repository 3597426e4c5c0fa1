"""Of this machine: its disk, clock, files and buffers, and the compiled core."""

from __future__ import annotations

import ctypes
import datetime as dt
import os
import resource
import shutil
import stat
from pathlib import Path
from zoneinfo import ZoneInfo

from confhub.archive.last import read_last
from confhub.config import Settings
from confhub.errors import N_
from confhub.hub.doctor.finding import Finding, broken, good, warning
from confhub.hub.file_limit import ENOUGH, WANTED
from confhub.meetings.tokens import KEY_FILE
from rooms.media.engine.compiled import load
from rooms.media.port.addresses import RECEIVE_BUFFER_BYTES

# As the alert ConfhubDiskNearlyFull has it; at the second the record itself is in danger.
_LOW_FRACTION, _LEAST_BYTES = 0.1, 256 * 1024 * 1024
_GB = 1e9
_OLD = dt.timedelta(days=2)  # of a night's backup two failed
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 256  # struct timex has 208


def check_disk(settings: Settings) -> list[Finding]:
    folder = Path(settings.data_dir)
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))
    usage = shutil.disk_usage(there)
    found: dict[str, object] = {"path": folder.absolute(), "free": int(usage.free / _GB)}
    if not folder.exists():
        message = N_("Chưa có thư mục dữ liệu %(path)s; sẽ tạo khi chạy lần đầu.")
        return [warning("disk", message, N_("Nếu đã từng chạy: xem lại data_dir."), **found)]
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        message = N_("Không ghi được vào thư mục dữ liệu %(path)s.")
        remedy = N_("Chạy lệnh bằng tài khoản của dịch vụ, hoặc sửa chủ sở hữu: chown -R.")
        return [broken("disk", message, remedy, **found)]
    message = N_("Đĩa của %(path)s còn trống %(free)s GB.")
    remedy = N_("Xóa bản sao lưu cũ trong backups/ và nhật ký hệ thống, hoặc thêm đĩa.")
    if usage.free < _LEAST_BYTES:
        return [broken("disk", message, remedy, **found)]
    if usage.free < usage.total * _LOW_FRACTION:
        return [warning("disk", message, remedy, **found)]
    return [good("disk", message, **found)]


def check_key_file(settings: Settings) -> list[Finding]:
    """Whether others can read what links are signed with."""
    path = Path(settings.data_dir) / KEY_FILE
    values = {"path": path.absolute()}
    try:
        mode = path.stat().st_mode
    except OSError:
        return []  # the record says whether there should be one
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = N_("Người khác trên máy đọc được khóa %(path)s.")
        return [broken("key", message, N_("Chạy chmod 600 cho tệp ấy."), **values)]
    return [good("key", N_("Khóa %(path)s chỉ dịch vụ đọc được."), **values)]


def check_clock(settings: Settings) -> list[Finding]:
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    if state < 0:
        return []  # it may not be asked in here
    if state == _TIME_ERROR:
        message = N_("Đồng hồ của máy không được đồng bộ.")
        remedy = N_("Cài chrony hoặc bật systemd-timesyncd: giờ họp đi theo đồng hồ này.")
        return [warning("clock", message, remedy)]
    return [good("clock", N_("Đồng hồ của máy được đồng bộ."))]


def check_files(settings: Settings) -> list[Finding]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = WANTED if hard == resource.RLIM_INFINITY else hard
    message = N_("Được mở %(files)s tệp và kết nối cùng lúc.")
    if files < ENOUGH:
        remedy = N_("Đặt LimitNOFILE=65536 trong dịch vụ (ulimit -n).")
        return [warning("files", message, remedy, files=files)]
    return [good("files", message, files=files)]


def check_buffers(settings: Settings) -> list[Finding]:
    small = {}
    for name in ("rmem_max", "wmem_max"):
        try:
            size = int(Path("/proc/sys/net/core", name).read_text())
        except (OSError, ValueError):
            continue
        if size < RECEIVE_BUFFER_BYTES:
            small[name] = size
    if small:
        message = N_("Bộ đệm mạng của nhân nhỏ: %(names)s.")
        remedy = N_(
            "Ghi net.core.rmem_max và wmem_max = 4194304 vào /etc/sysctl.d/60-confhub.conf."
        )
        names = ", ".join(f"{name} = {size}" for name, size in small.items())
        return [warning("buffers", message, remedy, names=names)]
    return [good("buffers", N_("Bộ đệm mạng của nhân đủ lớn."))]


def check_core(settings: Settings) -> list[Finding]:
    if load() is None:
        message = N_(
            "Lõi chuyển tiếp chưa biên dịch hoặc không khớp với mã: chạy bằng Python, tốn máy hơn."
        )
        remedy = N_("Chạy python -m rooms.media.native.build (cần gcc, python3-dev).")
        return [warning("core", message, remedy)]
    return [good("core", N_("Lõi chuyển tiếp đã biên dịch, khớp với mã."))]


def check_backup(settings: Settings, now: dt.datetime) -> list[Finding]:
    last = read_last(Path(settings.data_dir))
    if last is None:
        message = N_("Chưa có bản sao lưu nào bằng confhub backup.")
        remedy = N_("Đặt sao lưu hằng đêm: docs/operations.md, mục Back up.")
        return [warning("backup", message, remedy)]
    made_at = last.made_at.astimezone(ZoneInfo(settings.timezone))
    values = {"at": f"{made_at:%H:%M %d/%m/%Y}", "path": last.path}
    message = N_("Sao lưu lần cuối lúc %(at)s, vào %(path)s.")
    if now - last.made_at > _OLD:
        remedy = N_("Xem journalctl -u confhub-backup.")
        return [warning("backup", message, remedy, **values)]
    return [good("backup", message, **values)]
