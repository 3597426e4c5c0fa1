"""A backup is proven, and put back in place of what is there; what was there is kept aside."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519

from confhub.archive.house import House, give_to_owner
from confhub.archive.manifest import KEY, RECORD, SETTINGS, Head, torn
from confhub.archive.packing import check_room, unpack
from confhub.archive.sealing import opened
from confhub.errors import N_, BadInput, Conflict
from confhub.meetings.tokens import KEY_BYTES, KEY_FILE, fingerprint
from confhub.store.database.migration import is_known

_NEWER = N_(
    "Cơ sở dữ liệu trong bản sao lưu thuộc phiên bản mới hơn (%(revision)s). Xin cài confhub "
    "%(version)s trở lên."
)
_OTHER_KIND = N_(
    "Bản sao lưu là của %(theirs)s, cấu hình ở đây dùng %(ours)s. Xin sửa database trong cấu hình."
)
_UNREADABLE = N_("Không đọc được %(path)s: %(error)s")


@dataclass(frozen=True, slots=True)
class Proven:
    """An archive that was read to its end. `folder` holds its members until they are put back."""

    head: Head
    folder: Path

    @property
    def papers(self) -> list[Path]:
        return sorted((self.folder / "papers" / "kept").glob("*/*"))


@contextlib.contextmanager
def proven(path: Path, house: House, identities: Sequence[x25519.Identity]) -> Iterator[Proven]:
    """Read an archive whole, into a folder beside the house's data, and have its record looked at.

    BadInput where it is none, not whole, or not ours to open; Conflict where it does not fit this
    program or these settings; Unavailable where there is no room.
    """
    house.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=house.data_dir) as name:
        folder = Path(name)
        try:
            file = path.open("rb")
        except OSError as error:
            values = {"path": path, "error": error.strerror}
            raise BadInput(_UNREADABLE, values=values) from error
        with file:
            check_room(folder, path.stat().st_size)
            with opened(file, identities) as plain:
                head = unpack(plain, path, folder)
        found = Proven(head, folder)
        _check(found, house)
        yield found


def _check(found: Proven, house: House) -> None:
    head = found.head
    if head.kind != house.record.kind:
        values: dict[str, object] = {"theirs": head.kind, "ours": house.record.kind}
        raise Conflict(_OTHER_KIND, code="archive_other_kind", values=values)
    if not is_known(head.revision):
        values = {"revision": head.revision, "version": head.version}
        raise Conflict(_NEWER, code="archive_newer", values=values)
    key = (found.folder / KEY).read_bytes()
    if len(key) != KEY_BYTES or fingerprint(key) != head.key:
        raise torn(KEY)
    house.record.prove(found.folder / RECORD)


def put_back(found: Proven, house: House, now: dt.datetime) -> Path:
    """Record, key and papers take the place of what is there, which lies in the folder returned.

    Papers that are there stay: they are known by their content. The settings of the backup are put
    beside, to be compared. Conflict while a database is in use.
    """
    house.record.check_unused()
    aside = house.data_dir / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
    aside.mkdir(mode=0o700)
    _put_papers(found, house)
    key = house.data_dir / KEY_FILE
    if key.exists():
        shutil.copy2(key, aside / KEY_FILE)
    house.record.put_back(found.folder / RECORD, aside)
    # Between these two lines a hub would refuse to start with the wrong key, and say so.
    (found.folder / KEY).replace(key)
    settings = found.folder / SETTINGS
    if settings.exists():
        settings.replace(aside / f"restored-{SETTINGS}")
    give_to_owner([*house.data_dir.glob("*.db"), key, aside, *aside.iterdir()], house.data_dir)
    return aside


def _put_papers(found: Proven, house: House) -> None:
    """First, so that the record never names one that is not there; twice is once."""
    made: list[Path] = []
    for path in found.papers:
        target = house.papers / "kept" / path.parent.name / path.name
        for folder in reversed(target.parents):
            if not folder.exists():
                folder.mkdir(mode=0o700)
                made.append(folder)
        if not target.exists() or target.stat().st_size != path.stat().st_size:
            # papers_dir may lie on another disk: whole before it has its name.
            unfinished = target.with_name(f"{target.name}.part")
            shutil.copyfile(path, unfinished)
            unfinished.chmod(0o600)
            unfinished.replace(target)
            made.append(target)
    give_to_owner(made, house.data_dir)
