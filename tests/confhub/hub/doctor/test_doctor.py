"""Each kind of broken set-up is named, with what to mend; a good one has nothing to say."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from confhub.archive.last import LastBackup, note_last
from confhub.commands import run
from confhub.commands.doctor import _PARTS, BROKEN
from confhub.config import Settings, with_values
from confhub.demo.load import load_demo
from confhub.hub.doctor.finding import Finding
from confhub.hub.doctor.rounds import CHECKS, examine
from confhub.hub.house_key import refuse_foreign_key
from confhub.hub.one_hub import alone_in, keeper_lock
from confhub.hub.tls.lab import ensure_lab_certificate
from confhub.meetings.tokens import KEY_FILE, read_key
from confhub.store import open_store
from tests.confhub.jobs.mail_server import LOGIN, Box, mail_server_of
from tests.servers import free_port

NOW = dt.datetime(2026, 11, 30, 1, 0, tzinfo=dt.UTC)
HOST = "hop.example.gov.vn"
# Of the machine that runs the tests, not of the set-up.
OF_THE_MACHINE = {"clock", "files", "buffers", "disk", "core"}


@pytest.fixture
async def house(settings: Settings) -> Settings:
    """Set up as it should be, and not running."""
    folder = Path(settings.data_dir)
    store = await open_store(settings)
    try:
        await refuse_foreign_key(store, read_key(folder), folder)
    finally:
        await store.close()
    note_last(folder, LastBackup(NOW - dt.timedelta(hours=7), "/backup/a", 5, sealed=False))
    return with_values(settings, {"listen_port": free_port(), "media_port": 0})


async def faults(settings: Settings, now: dt.datetime = NOW) -> Mapping[str, Finding]:
    """What is not well, by its part."""
    found = await examine(settings, now)
    assert all(one.part in _PARTS for one in found)
    for one in found:
        if one.values:
            assert one.message % one.values
    wrong = {one.part: one for one in found if one.verdict != "good"}
    return {part: one for part, one in wrong.items() if part not in OF_THE_MACHINE}


async def test_a_good_set_up_has_nothing_to_say(house: Settings) -> None:
    assert await faults(house) == {}
    with alone_in(Path(house.data_dir), keeper_lock(house.hub_name)):
        assert await faults(house) == {}


async def _older(settings: Settings) -> None:
    with contextlib.closing(sqlite3.connect(Path(settings.data_dir) / "confhub.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '0036'")
        database.commit()


async def _newer(settings: Settings) -> None:
    with contextlib.closing(sqlite3.connect(Path(settings.data_dir) / "confhub.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()


async def _empty(settings: Settings) -> None:
    (Path(settings.data_dir) / "confhub.db").unlink()


async def _torn(settings: Settings) -> None:
    (Path(settings.data_dir) / "confhub.db").write_bytes(b"no database" * 1000)


async def _foreign_key(settings: Settings) -> None:
    (Path(settings.data_dir) / KEY_FILE).write_bytes(bytes(32))


async def _no_key(settings: Settings) -> None:
    (Path(settings.data_dir) / KEY_FILE).unlink()


async def _open_key(settings: Settings) -> None:
    (Path(settings.data_dir) / KEY_FILE).chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "part", "verdict"),
    [
        (_older, "database", "warning"),
        (_newer, "database", "broken"),
        (_empty, "database", "warning"),
        (_torn, "database", "broken"),
        (_foreign_key, "database", "broken"),
        (_no_key, "key", "warning"),
        (_open_key, "key", "broken"),
    ],
)
async def test_what_is_wrong_in_the_data_folder_is_named_and_left_as_it_is(
    sqlite_settings: Settings, spoil: Callable[[Settings], Awaitable[None]], part: str, verdict: str
) -> None:
    settings = with_values(sqlite_settings, {"listen_port": free_port(), "media_port": 0})
    folder = Path(settings.data_dir)
    store = await open_store(settings)
    await refuse_foreign_key(store, read_key(folder), folder)
    await store.close()
    note_last(folder, LastBackup(NOW, "/backup/a", 5, sealed=False))
    await spoil(settings)
    before = databases(folder)
    found = await faults(settings)
    assert {name: one.verdict for name, one in found.items()} == {part: verdict}
    assert databases(folder) == before


def databases(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.db")}


SETTINGS: list[tuple[dict[str, object], str]] = [
    ({"database": "postgresql+asyncpg://confhub@127.0.0.1:1/confhub"}, "database"),
    ({"redis": "redis://127.0.0.1:1/0"}, "redis"),
    ({"listen_host": "192.0.2.77"}, "ports"),
    ({"media_addresses": ("192.0.2.77",)}, "ports"),
    ({"tls": "files", "tls_certificate": "/no/such.pem"}, "certificate"),
    ({"public_origin": "http://localhost"}, "certificate"),
    ({"public_origin": "https://no.such.name.invalid"}, "name"),
    ({"turn_urls": ("turn:127.0.0.1:1",), "turn_secret": "s"}, "turn"),
    ({"turn_urls": ("turns:127.0.0.1:1?transport=tcp",), "turn_secret": "s"}, "turn"),
    ({"clamd": "127.0.0.1:1"}, "scanner"),
    ({"clamd": "/no/such.sock"}, "scanner"),
]


@pytest.mark.parametrize(("values", "part"), SETTINGS)
async def test_what_the_settings_lead_to_and_is_not_there_is_named(
    house: Settings, values: dict[str, object], part: str
) -> None:
    found = await faults(with_values(house, values))
    assert {name: one.verdict for name, one in found.items()} == {part: "broken"}


async def test_mail_that_nobody_takes_is_named(house: Settings, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("wrong")
    mail = {
        "mail_host": "127.0.0.1",
        "mail_tls": "off",
        "mail_from": "hop@example.gov.vn",
        "public_origin": "https://localhost",
    }
    imap = {
        "imap_host": "127.0.0.1",
        "imap_port": free_port(),
        "imap_tls": "off",
        "imap_login": LOGIN,
        "imap_password_file": str(password),
    }
    box = Box()
    async with mail_server_of(box) as port:
        assert await faults(with_values(house, mail | {"mail_port": port})) == {}
        found = await faults(with_values(house, mail | imap | {"mail_port": port}))
        assert {name: one.verdict for name, one in found.items()} == {"mailbox": "broken"}
    assert box.mails == []
    found = await faults(with_values(house, mail | {"mail_port": free_port()}))
    assert {name: one.verdict for name, one in found.items()} == {"mail": "broken"}


async def test_a_taken_port_is_named(house: Settings) -> None:
    with socket.create_server(("127.0.0.1", house.listen_port)):
        assert set(await faults(house)) == {"ports"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        media = {"media_port": taken.getsockname()[1], "media_addresses": ("127.0.0.1",)}
        assert set(await faults(with_values(house, media))) == {"ports"}


async def test_a_certificate_tells_its_days_and_its_names(house: Settings, tmp_path: Path) -> None:
    made = ensure_lab_certificate(tmp_path / "tls", [HOST], NOW)
    files = {
        "tls": "files",
        "tls_certificate": str(made.certificate),
        "tls_key": str(made.key),
        "listen_host": "127.0.0.1",
        "public_origin": "https://localhost",
    }
    found = await faults(with_values(house, files))
    assert {name: one.verdict for name, one in found.items()} == {"name": "broken"}
    assert HOST in str(found["name"].values["names"])
    files = files | {"public_origin": ""}
    assert await faults(with_values(house, files)) == {}
    for days, verdict in ((340, "warning"), (400, "broken")):
        found = await faults(with_values(house, files), NOW + dt.timedelta(days=days))
        assert found["certificate"].verdict == verdict


async def test_a_published_password_on_a_network_is_named(house: Settings) -> None:
    store = await open_store(house)
    try:
        await load_demo(store, now=NOW, zone=ZoneInfo(house.timezone))
    finally:
        await store.close()
    assert await faults(house) == {}  # on this machine alone it is as it should be
    found = await faults(with_values(house, {"tls": "lab"}))
    assert {name: one.verdict for name, one in found.items()} == {"database": "broken"}
    assert "diemcau.chanua" in str(found["database"].values["logins"])


async def test_a_backup_that_is_old_or_was_never_made_is_named(house: Settings) -> None:
    assert set(await faults(house, NOW + dt.timedelta(days=3))) == {"backup"}
    (Path(house.data_dir) / "last-backup.json").unlink()
    assert set(await faults(house)) == {"backup"}


async def test_a_check_that_breaks_or_hangs_stops_no_other(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_settings: Settings, _now: dt.datetime) -> list[Finding]:
        raise ZeroDivisionError

    async def hangs(_settings: Settings, _now: dt.datetime) -> list[Finding]:
        await asyncio.Event().wait()
        return []

    checks = (("redis", breaks), ("turn", hangs), *CHECKS)
    monkeypatch.setattr("confhub.hub.doctor.rounds.CHECKS", checks)
    monkeypatch.setattr("confhub.hub.doctor.rounds.CHECK_S", 2.0)
    assert {"redis", "turn"} <= set(await faults(house))


def test_the_command_says_it_to_people_and_to_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    monkeypatch.setenv("CONFHUB_REDIS", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("CONFHUB_LISTEN_PORT", str(free_port()))
    monkeypatch.setenv("CONFHUB_MEDIA_PORT", "0")
    words = ["--data-dir", str(tmp_path / "data"), "doctor"]
    assert run(words) == BROKEN
    said = capsys.readouterr().out
    assert "HỎNG    Redis: " in said
    assert said.endswith("Có chỗ hỏng phải sửa.\n")
    assert not (tmp_path / "data").exists()  # it only looks
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert run([*words, "--json"]) == BROKEN
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "broken"
    (redis,) = (row for row in told["findings"] if row["part"] == "redis")
    assert redis["verdict"] == "broken"
    (disk,) = (row for row in told["findings"] if row["part"] == "disk")
    assert disk["message"].startswith("There is no data folder")
