"""A backup is made while a hub runs, and yesterday's is put back: over both databases."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import itertools
import os
import shutil
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from pyrage import x25519

from confhub.archive.last import FILE, read_last
from confhub.commands import run
from confhub.config import Settings
from confhub.hub.house_key import refuse_foreign_key
from confhub.hub.one_hub import LOCK_FILE, alone_in, keeper_lock
from confhub.meetings.tokens import KEY_FILE, read_key
from confhub.papers.choice import vault_of
from confhub.store import Store, open_store
from tests.confhub.store.country import found_country

SECONDS = itertools.count()


async def note(store: Store, act: str) -> None:
    """Each a second after the one before."""
    at = dt.datetime(2026, 11, 30, tzinfo=dt.UTC) + dt.timedelta(seconds=next(SECONDS))
    await store.audit.write(f"note.{act}", at=at)


class House:
    """A hub's data, and the command line on it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.data = Path(settings.data_dir)
        self.backups = folder / "backups"
        self.backups.mkdir()

    def confhub(self, *words: str) -> int:
        return run(["--data-dir", str(self.data), *words])

    def paper(self, content: bytes) -> Path:
        """One that is kept by its content."""
        vault, digest = vault_of(self.settings), hashlib.sha256(content).hexdigest()
        vault.begin("upload")
        with contextlib.closing(vault.write("upload")) as writing:
            writing.write(content)
        vault.keep("upload", digest)
        vault.drop("upload")
        return self.data / "papers" / "kept" / digest[:2] / digest

    def write(self, act: str) -> None:
        async def work() -> None:
            async with _opened(self.settings) as store:
                await note(store, act)

        asyncio.run(work())

    def acts(self) -> list[str]:
        async def work() -> list[str]:
            async with _opened(self.settings) as store:
                found = [entry.action for entry in await store.audit.recent(limit=5000)]
            return [act.removeprefix("note.") for act in found if act.startswith("note.")]

        return asyncio.run(work())

    def check_key(self) -> None:
        """As a hub does at its start; BadInput."""

        async def work() -> None:
            async with _opened(self.settings) as store:
                await refuse_foreign_key(store, read_key(self.data), self.data)

        asyncio.run(work())

    @property
    def archives(self) -> list[Path]:
        return sorted(self.backups.iterdir())


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Store]:
    store = await open_store(settings)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def house(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    if not settings.database:
        (tmp_path / "confhub.db").rename(data / "confhub.db")
    monkeypatch.setenv("CONFHUB_DATABASE", settings.database)
    made = House(msgspec.structs.replace(settings, data_dir=str(data)), tmp_path)
    read_key(data)

    async def fill() -> None:
        async with _opened(made.settings) as store:
            await found_country(store)

    asyncio.run(fill())
    made.check_key()
    return made


def test_yesterdays_backup_is_put_back(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    kept = house.paper(b"agenda")
    house.write("before")
    key = (house.data / KEY_FILE).read_bytes()
    assert house.confhub("backup", str(house.backups)) == 0
    (archive,) = house.archives
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert "1 tài liệu" in capsys.readouterr().out

    house.write("after")
    later = house.paper(b"later")
    kept.unlink()
    (house.data / KEY_FILE).write_bytes(bytes(32))
    assert house.confhub("restore", "--check", str(archive)) == 0
    assert house.acts() == ["after", "before"]  # it only looked
    assert house.confhub("restore", "--yes", str(archive)) == 0
    assert house.acts() == ["before"]
    assert kept.read_bytes() == b"agenda"
    assert later.exists()  # swept one day, where nobody refers to it
    assert (house.data / KEY_FILE).read_bytes() == key
    house.check_key()
    (aside,) = house.data.glob("before-restore-*")
    assert (aside / KEY_FILE).read_bytes() == bytes(32)
    assert [path.name for path in house.data.glob("restore-*")] == []


def test_what_was_there_before_can_be_put_back_too(house: House) -> None:
    house.write("before")
    assert house.confhub("backup", str(house.backups)) == 0
    house.write("after")
    assert house.confhub("restore", "--yes", str(house.archives[0])) == 0
    (aside,) = house.data.glob("before-restore-*")
    if house.settings.database:
        (record,) = (path for path in aside.iterdir() if path.name == "record")
        assert record.read_bytes().startswith(b"PGDMP")
    else:
        (aside / "confhub.db").rename(house.data / "confhub.db")
        assert house.acts() == ["after", "before"]


def test_a_backup_is_made_while_others_write(house: House) -> None:
    async def work() -> None:
        async with _opened(house.settings) as store:
            await note(store, "before")
            made = asyncio.to_thread(house.confhub, "backup", str(house.backups))
            backing_up = asyncio.create_task(made)
            while not backing_up.done():
                await note(store, "meanwhile")
            assert await backing_up == 0

    asyncio.run(work())
    assert house.confhub("restore", "--yes", str(house.archives[0])) == 0
    assert house.acts()[-1] == "before"


def test_nothing_is_restored_while_a_hub_runs(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert house.confhub("backup", str(house.backups)) == 0
    (archive,) = house.archives
    for lock in (LOCK_FILE, keeper_lock("hub-1")):
        with alone_in(house.data, lock):
            assert house.confhub("restore", "--yes", str(archive)) == 1
            assert house.confhub("restore", "--check", str(archive)) == 0
        said = capsys.readouterr().err
        assert f"confhub đang chạy (tiến trình {os.getpid()})" in said

    async def with_one_connected() -> int:
        """A hub on another machine."""
        async with _opened(house.settings) as store:
            await note(store, "during")
            return await asyncio.to_thread(house.confhub, "restore", "--yes", str(archive))

    assert asyncio.run(with_one_connected()) == 1
    assert "đang dùng cơ sở dữ liệu" in capsys.readouterr().err
    assert house.acts() == ["during"]


def test_it_asks_before_it_replaces(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert house.confhub("backup", str(house.backups)) == 0
    house.write("after")
    assert house.confhub("restore", str(house.archives[0])) == 1  # nobody is at a keyboard
    assert "--yes" in capsys.readouterr().err
    assert house.acts() == ["after"]


def test_a_sealed_backup_opens_for_whom_it_was_sealed_alone(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.write("before")
    files = {}
    for name in ("ours", "theirs"):
        identity = x25519.Identity.generate()
        files[name] = tmp_path / name
        files[name].write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    recipient = files["ours"].read_text().split()[3]
    assert house.confhub("backup", str(house.backups), "--recipient", recipient) == 0
    (archive,) = house.archives
    assert archive.name.endswith(".tar.gz.age")
    content = archive.read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    last = read_last(house.data)
    assert last is not None
    assert (last.path, last.sealed) == (str(archive), True)
    checks = [
        ([], 1, "--identity"),
        (["--identity", str(files["theirs"])], 1, "không mở được"),
        (["--identity", str(archive)], 1, "không có khóa riêng"),
        (["--identity", str(files["ours"])], 0, ""),
    ]
    for words, code, said in checks:
        capsys.readouterr()
        assert house.confhub("restore", "--check", str(archive), *words) == code
        assert said in capsys.readouterr().err
    for wrong in (content[:-10], content[:-20] + bytes(20)):
        archive.write_bytes(wrong)
        words = ["--identity", str(files["ours"])]
        assert house.confhub("restore", "--yes", str(archive), *words) == 1
        assert "không nguyên vẹn" in capsys.readouterr().err
    assert house.acts() == ["before"]
    assert house.confhub("backup", str(house.backups), "--recipient", "age1x") == 1
    assert "age-keygen" in capsys.readouterr().err


def test_what_others_laid_in_its_place_is_not_written_to(house: House, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"of others")
    readable = house.backups / "readable.tar.gz.part"
    readable.touch(0o666)
    with readable.open("rb") as reader:
        assert house.confhub("backup", str(house.backups / "readable.tar.gz")) == 0
        assert reader.read() == b""
    (house.backups / "link.tar.gz.part").symlink_to(elsewhere)
    assert house.confhub("backup", str(house.backups / "link.tar.gz")) == 0
    assert elsewhere.read_bytes() == b"of others"
    assert all(stat.S_IMODE(made.lstat().st_mode) == 0o600 for made in house.archives)


def test_only_the_newest_stay_where_that_is_asked_for(house: House) -> None:
    others = [house.backups / name for name in ("confhub.tar.gz", "notes.txt")]
    for path in others:
        path.touch()
    for day in range(1, 5):
        (house.backups / f"confhub-2026110{day}T010000Z.tar.gz").touch()
    assert house.confhub("backup", str(house.backups), "--keep", "2") == 0
    names = [path.name for path in house.archives]
    assert len(names) == 4
    assert "confhub-20261104T010000Z.tar.gz" in names
    assert all(path.exists() for path in others)


def test_what_cannot_be_done_is_said_in_words(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = house.backups / "a.tar.gz"
    taken.touch()
    nowhere = house.backups / "no" / "a.tar.gz"
    for target, said in ((taken, "đã có"), (nowhere, "Không ghi được")):
        assert house.confhub("backup", str(target)) == 1
        assert said in capsys.readouterr().err
    assert house.archives == [taken]
    assert not (house.data / FILE).exists()
    assert house.confhub("restore", "--check", str(nowhere)) == 1
    assert house.confhub("restore", "--check", str(taken)) == 1
    assert "không phải bản sao lưu" in capsys.readouterr().err
    (house.data / KEY_FILE).unlink()
    assert house.confhub("backup", str(house.backups)) == 1
    assert "secret.key" in capsys.readouterr().err
    if house.settings.database:
        read_key(house.data)
        monkeypatch.setenv("PATH", str(house.backups))
        assert house.confhub("backup", str(house.backups)) == 1
        assert "postgresql-client" in capsys.readouterr().err


def test_what_root_puts_back_belongs_to_whom_the_data_belong(house: House) -> None:
    house.paper(b"agenda")
    owner = 12345 if os.geteuid() == 0 else os.geteuid()  # others give nothing away
    os.chown(house.data, owner, -1)
    assert house.confhub("backup", str(house.backups)) == 0
    assert (house.data / FILE).stat().st_uid == owner
    shutil.rmtree(house.data / "papers")
    assert house.confhub("restore", "--yes", str(house.archives[0])) == 0
    made = [path for path in house.data.rglob("*") if path.name != "confhub.db-shm"]
    assert {path.name for path in made if path.stat().st_uid != owner} == set()
