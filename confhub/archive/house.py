"""What of a hub's settings says where everything lies that a backup keeps."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from confhub.archive.manifest import KEY, PAPER, RECORD, SETTINGS, Head
from confhub.archive.packing import Packer
from confhub.archive.record import Record, open_record
from confhub.config import Settings
from confhub.errors import N_, BadInput
from confhub.meetings.tokens import KEY_FILE, fingerprint, read_key
from confhub.papers.choice import papers_folder

_NO_KEY = N_(
    "Không có %(path)s: thiếu tệp này thì mọi liên kết đã gửi không dùng được. Xin xem lại cấu "
    "hình (--config)."
)


@dataclass(frozen=True, slots=True)
class House:
    """`settings_file`: where the operator wrote the settings; "" where there is none."""

    data_dir: Path
    papers: Path
    settings_file: str
    record: Record

    def head(self, now: dt.datetime, version: str) -> Head:
        """BadInput where there is nothing to keep."""
        if not (self.data_dir / KEY_FILE).exists():
            raise BadInput(_NO_KEY, values={"path": (self.data_dir / KEY_FILE).absolute()})
        key = fingerprint(read_key(self.data_dir))
        return Head(now, version, self.record.kind, self.record.revision(), key)

    def put_into(self, packer: Packer, dumped: Path) -> int:
        """All members, the record first: a paper that comes meanwhile is one too many, never one
        too few. Returns how many papers there were."""
        with dumped.open("rb") as file:
            packer.add(RECORD, file)
        with (self.data_dir / KEY_FILE).open("rb") as file:
            packer.add(KEY, file)
        if self.settings_file:
            with Path(self.settings_file).open("rb") as file:
                packer.add(SETTINGS, file)
        count = 0
        for path in _kept(self.papers):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue  # swept meanwhile: nobody refers to it
            with file:
                packer.add(f"papers/kept/{path.parent.name}/{path.name}", file)
            count += 1
        return count


def house_of(settings: Settings, settings_file: str) -> House:
    folder = Path(settings.data_dir)
    return House(folder, papers_folder(settings), settings_file, open_record(settings))


def _kept(papers: Path) -> Iterator[Path]:
    """Uploads that are not whole yet stay out: who sends one begins it anew."""
    for folder, inner, names in os.walk(papers / "kept"):
        inner.sort()
        for name in sorted(names):
            path = Path(folder) / name
            if PAPER.fullmatch(f"papers/kept/{path.parent.name}/{name}"):
                yield path


def give_to_owner(paths: Iterable[Path], folder: Path) -> None:
    """Root's files, to whom the data folder belongs: the hub runs as that user."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        for path in paths:
            os.chown(path, owner.st_uid, owner.st_gid)
