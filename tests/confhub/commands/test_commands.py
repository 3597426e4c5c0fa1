"""The command line over a real database."""

from __future__ import annotations

import argparse
import asyncio
import io
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import confhub.commands as table
from confhub.commands import MODULES, Command, commands_of, run
from confhub.config import Settings
from confhub.demo.logins import PASSWORD
from confhub.people.account import Account
from confhub.people.passwords import verify_password
from confhub.store import open_store


def confhub(tmp_path: Path, *words: str) -> int:
    return run(["--data-dir", str(tmp_path / "data"), *words])


def account_of(tmp_path: Path, login: str) -> tuple[Account, str] | None:
    async def read() -> tuple[Account, str] | None:
        store = await open_store(Settings(data_dir=str(tmp_path / "data")))
        try:
            return await store.accounts.by_login(login)
        finally:
            await store.close()

    return asyncio.run(read())


def test_every_command_is_found_by_its_first_word() -> None:
    by_word = {word: commands_of(word) for word in MODULES}
    everyone = [command.name for command in commands_of("")]
    assert len(everyone) == len(set(everyone))
    for name in everyone:
        assert name in {command.name for command in by_word[name.split()[0]]}
    modules = {path.stem for path in Path(table.__file__).parent.glob("*.py")}
    listed = {module for several in MODULES.values() for module in several}
    assert modules - listed == {"__init__", "load", "parser"}


def test_a_process_that_keeps_a_hub_loads_no_store_and_no_engine() -> None:
    loaded = "import sys, confhub.__main__, confhub.hub.keeper; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True, timeout=60
    )
    modules = set(done.stdout.split())
    assert "confhub.hub.keeper" in modules
    assert not modules & {"sqlalchemy", "aiohttp", "aiortc", "confhub.store", "rooms.media"}


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"confhub {version('confhub')}\n"


def test_a_migration_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert confhub(tmp_path, "migrate") == 0
    assert "Đã tạo cơ sở dữ liệu" in capsys.readouterr().out
    assert confhub(tmp_path, "migrate") == 0
    assert "không có gì phải làm" in capsys.readouterr().out


def test_the_demo_prints_every_account_and_that_it_is_a_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert confhub(tmp_path, "demo") == 0
    printed = capsys.readouterr().out
    for login in ("quantri.trunguong", "thuky.dienbien", "kythuat.nampo", "diemcau.chanua"):
        assert login in printed
    assert PASSWORD in printed
    assert "CHỈ ĐỂ DÙNG THỬ" in printed
    assert confhub(tmp_path, "demo", "--if-empty") == 0


def test_where_others_can_open_the_pages_the_demo_has_new_passwords_printed_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert confhub(tmp_path, "demo") == 0
    monkeypatch.setenv("CONFHUB_TLS", "lab")
    capsys.readouterr()
    assert confhub(tmp_path, "demo", "--if-empty") == 0
    first = capsys.readouterr().out
    assert PASSWORD not in first
    assert "chỉ hiện một lần" in first
    shown = re.findall(r"  ((?:\w{4}-){3}\w{4})$", first, re.M)
    assert len(set(shown)) == 16
    assert confhub(tmp_path, "demo", "--if-empty") == 0
    again = capsys.readouterr().out
    assert not any(password in again for password in shown)
    assert again.count("(đã đổi)") == 16
    assert confhub(tmp_path, "demo", "--generate") == 0
    assert len(re.findall(r"  ((?:\w{4}-){3}\w{4})$", capsys.readouterr().out, re.M)) == 16


def test_the_demo_leaves_a_used_database_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    confhub(tmp_path, "demo")
    monkeypatch.setattr("sys.stdin", io.StringIO("một mật khẩu dài\n"))
    add = ("user", "add", "Tran.Van.B ", "--name", "Trần Văn B", "--role", "admin", "--unit", "11")
    assert confhub(tmp_path, *add, "--password-stdin") == 0
    capsys.readouterr()
    assert confhub(tmp_path, "demo") == 1
    assert "tài khoản khác" in capsys.readouterr().err
    assert confhub(tmp_path, "demo", "--if-empty") == 0
    assert PASSWORD not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("login", "name", "said"),
    [
        ("tran.b", "   ", "Xin ghi họ tên"),
        ("tran.b", "\u200b\u3164", "Xin ghi họ tên"),
        ("tran.b", "B" * 121, "120 ký tự"),
        ("trần b", "Trần B", "chữ cái thường không dấu"),
        ("b", "Trần B", "Dùng 3 đến 64"),
    ],
)
def test_the_command_line_checks_an_account_as_the_pages_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], login: str, name: str, said: str
) -> None:
    confhub(tmp_path, "demo")
    capsys.readouterr()
    add = ("user", "add", login, "--name", name, "--role", "admin", "--unit", "11", "--generate")
    assert confhub(tmp_path, *add) == 1
    assert said in capsys.readouterr().err
    confhub(tmp_path, "user", "list")
    assert "tran.b" not in capsys.readouterr().out


def test_an_account_is_added_and_its_password_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    confhub(tmp_path, "demo")
    monkeypatch.setattr("sys.stdin", io.StringIO("một mật khẩu dài\n"))
    add = (
        "user",
        "add",
        "Tran.Van.B ",
        "--name",
        "Trần Văn B",
        "--role",
        "admin",
        "--unit",
        "root",
    )
    assert confhub(tmp_path, *add, "--password-stdin") == 0
    found = account_of(tmp_path, "tran.van.b")
    assert found is not None
    assert asyncio.run(verify_password(found[1], "một mật khẩu dài"))

    capsys.readouterr()
    assert confhub(tmp_path, "user", "password", "tran.van.b", "--generate") == 0
    password = capsys.readouterr().out.strip().rsplit(" ", 1)[1]
    found = account_of(tmp_path, "tran.van.b")
    assert found is not None
    assert asyncio.run(verify_password(found[1], password))

    assert confhub(tmp_path, "user", "list") == 0
    assert "tran.van.b  Quản trị  Trần Văn B" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("user", "password", "nobody", "--generate"), "Không có tài khoản nobody"),
        (
            ("unit", "import", "/nonexistent.csv"),
            "/nonexistent.csv: không có tệp",
        ),
        (("--config", "/nonexistent.toml", "migrate"), "Không tìm thấy tệp cấu hình"),
    ],
)
def test_a_failure_is_one_message_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert confhub(tmp_path, *words) == 1
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err


def test_a_weak_password_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ngan\n"))
    assert confhub(tmp_path, "user", "password", "thuky.nampo", "--password-stdin") == 1
    assert "Mật khẩu cần từ" in capsys.readouterr().err


def test_an_import_reports_by_line_and_does_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    confhub(tmp_path, "demo")
    capsys.readouterr()
    file = tmp_path / "units.csv"
    file.write_text("Mã,Tên,Cấp,Mã cấp trên\n03999,Xã Thử,Xã,103\n03998,Xã Sai,Xã,888\n", "utf-8")
    assert confhub(tmp_path, "unit", "import", str(file)) == 1
    printed = capsys.readouterr().err
    assert "Dòng 3, cột Mã cấp trên: Không có đơn vị mang mã “888”" in printed
    assert "Chưa nhập dòng nào" in printed

    file.write_text("Mã,Tên,Cấp,Mã cấp trên\n03999,Xã Thử,Xã,103\n", "utf-8")
    assert confhub(tmp_path, "unit", "import", str(file), "--dry-run") == 0
    assert "Kiểm tra, chưa nhập: mới 1" in capsys.readouterr().out
    assert confhub(tmp_path, "unit", "import", str(file)) == 0
    assert "Đã nhập: mới 1" in capsys.readouterr().out
    site = tmp_path / "sites.csv"
    site.write_text("Mã đơn vị,Mã điểm cầu,Tên điểm cầu\n03999,dbn-npo-thu,Phòng thử\n", "utf-8")
    assert confhub(tmp_path, "site", "import", str(site)) == 0
    assert "Đã nhập: mới 1" in capsys.readouterr().out


def test_the_reform_on_the_demo_asks_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    confhub(tmp_path, "demo")
    capsys.readouterr()
    assert confhub(tmp_path, "unit", "country", "2025") == 1
    assert "--close-in-use" in capsys.readouterr().err


def test_options_named_like_settings_override_them(tmp_path: Path) -> None:
    seen: list[Settings] = []

    def keep(settings: Settings, _options: argparse.Namespace) -> int:
        seen.append(settings)
        return 7

    def add_options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", dest="listen_port", type=int)

    extra = [Command("show", "for the test", add_options, keep)]
    config = tmp_path / "confhub.toml"
    config.write_text('listen_port = 9000\nhub_name = "h"\n', "utf-8")
    assert run(["--config", str(config), "show", "--port", "9001"], extra) == 7
    assert run(["--config", str(config), "show"], extra) == 7
    assert [(s.listen_port, s.hub_name) for s in seen] == [(9001, "h"), (9000, "h")]


@pytest.mark.parametrize("group", [[], ["user"], ["unit"], ["site"]])
def test_help_says_in_vietnamese_what_each_command_does(
    group: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run([*group, "--help"])
    printed = capsys.readouterr().out
    assert "usage" not in printed
    assert "options" not in printed
    listed = printed.partition("  LỆNH\n")[2].partition("\n\n")[0]
    for line in listed.splitlines():
        assert not line.strip().isascii(), line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "confhub: còn thiếu LỆNH\nXem: confhub --help"),
        (["usr"], "LỆNH: không có 'usr'; xin chọn một trong: "),
        (["user", "add", "a"], "confhub user add: còn thiếu --name, --role, --unit\n"),
        (["demo", "--all"], "không có tùy chọn hay tham số --all"),
        (["demo", "--force=1"], "--force không nhận giá trị"),
        (["--config"], "--config: còn thiếu giá trị"),
        (["show", "--port", "x"], "--port: không dùng được giá trị 'x'"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_in_vietnamese(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def add_options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int)

    show = Command("show", "for the test", add_options, lambda _settings, _options: 0)
    with pytest.raises(SystemExit) as ended:
        run(words, [show])
    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert said in printed


def test_ctrl_c_is_no_traceback(tmp_path: Path) -> None:
    def wait(_settings: Settings, _options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    assert run(["wait"], [Command("wait", "for the test", lambda parser: None, wait)]) == 130


def test_a_made_up_password_is_to_be_changed_and_a_typed_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    confhub(tmp_path, "demo")

    def issued(login: str) -> bool:
        found = account_of(tmp_path, login)
        assert found is not None
        return bool(found[0].password_issued)

    rest = ("--name", "Trần Văn B", "--role", "admin", "--unit", "11")
    assert confhub(tmp_path, "user", "add", "made.up", *rest, "--generate") == 0
    assert "Phải đổi mật khẩu" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("một câu dài dễ nhớ\n"))
    assert confhub(tmp_path, "user", "add", "typed", *rest, "--password-stdin") == 0
    assert (issued("made.up"), issued("typed"), issued("thuky.nampo")) == (True, False, False)
    assert confhub(tmp_path, "user", "password", "typed", "--generate") == 0
    assert issued("typed")


def test_a_further_role_is_given_listed_and_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert confhub(tmp_path, "demo") == 0
    capsys.readouterr()
    give = ("user", "grant", "ThuKy.NamPo", "--role", "technician", "--unit", "11")
    assert confhub(tmp_path, *give, "--last", "31/12/2199", "--reason", "QĐ 12") == 0
    given = re.search(r"Đã giao (\w{16}): thuky.nampo, Cán bộ kỹ thuật", capsys.readouterr().out)
    assert given is not None
    assert confhub(tmp_path, *give, "--last", "30/12/2199") == 1  # held already
    assert confhub(tmp_path, *give, "--last", "31/02/2199") == 1
    capsys.readouterr()
    assert confhub(tmp_path, "user", "grants", "thuky.nampo") == 0
    post, further = capsys.readouterr().out.splitlines()
    assert "Thư ký  Huyện Nậm Pồ" in post
    assert f"{given[1]}  Cán bộ kỹ thuật  Tỉnh Điện Biên  đến hết 31/12/2199  QĐ 12" in further
    assert confhub(tmp_path, "user", "end", given[1]) == 0
    capsys.readouterr()
    confhub(tmp_path, "user", "grants", "thuky.nampo")
    assert "(không có hiệu lực)" in capsys.readouterr().out
    assert confhub(tmp_path, "user", "end", "nothing") == 1


def test_a_person_is_reached_by_what_the_command_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert confhub(tmp_path, "demo") == 0
    person = ("user", "person", "thuky.nampo")
    assert confhub(tmp_path, *person, "--phone", "0215 382 511", "--title", "Chánh Văn phòng") == 0
    assert confhub(tmp_path, *person, "--phone", "gọi tôi") == 1
    capsys.readouterr()
    assert confhub(tmp_path, *person) == 0
    assert "Chánh Văn phòng  0215 382 511" in capsys.readouterr().out
