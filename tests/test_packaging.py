"""The wheel: it holds all that pages need, and works far from the checkout."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
import tomllib
import urllib.request
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("confhub", "rooms", "web", "monitoring")
BUILD_TIMEOUT_S = 300.0
RUN_TIMEOUT_S = 120.0


def run(
    *command: str | Path, cwd: Path, timeout_s: float = RUN_TIMEOUT_S, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run with nothing of this checkout in the environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONFHUB_", "PYTHON"))
    }
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )


def build(source: Path, target: Path, *kinds: str) -> subprocess.CompletedProcess[str]:
    options = ("--no-isolation", *kinds, "--outdir")
    command: list[str | Path] = [sys.executable, "-m", "build", *options, target, source]
    return run(*command, cwd=source, timeout_s=BUILD_TIMEOUT_S)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("confhub-*.whl")
    return found


@pytest.fixture(scope="module")
def confhub(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from the wheel into an environment of its own.

    Libraries are lent by the environment of the tests: nothing is fetched.
    """
    folder = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    install = ("install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    done = run(sys.executable, "-m", "pip", "--python", python, *install, wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    (site_packages,) = folder.glob("lib/python*/site-packages")
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site_packages / "lent.pth").write_text("\n".join(sorted(lent)) + "\n")
    return folder / "bin" / "confhub"


def test_the_wheel_holds_every_file_of_the_parts(wheel: Path) -> None:
    # Compiled modules belong to the machine they were compiled on.
    wanted = {
        str(path.relative_to(ROOT))
        for part in PARTS
        for path in (ROOT / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in {".so", ".new"}
    }
    held = set(zipfile.ZipFile(wheel).namelist())
    assert wanted - held == set()
    assert {name for name in held if name.split("/")[0] not in PARTS} == {
        name for name in held if ".dist-info/" in name
    }


@pytest.mark.parametrize(
    "name",
    [
        "web/templates/base.html",
        "web/static/js/room/main.js",
        "web/static/vendor/icons.svg",
        "web/static/vendor/fonts/be-vietnam-pro-vietnamese-400-normal.woff2",
        "web/static/vendor/fonts/LICENSE",
        "confhub/words/locale/en/LC_MESSAGES/messages.po",
        "confhub/store/migrations/versions/r0001_first.py",
    ],
)
def test_wheel_and_source_archive_hold_what_is_easily_forgotten(built: Path, name: str) -> None:
    (wheel,) = built.glob("*.whl")
    (source,) = built.glob("*.tar.gz")
    assert name in zipfile.ZipFile(wheel).namelist()
    with tarfile.open(source) as archive:
        assert name in {member.partition("/")[2] for member in archive.getnames()}


def test_a_build_without_fonts_and_icons_fails_and_says_what_to_do(
    built: Path, tmp_path: Path
) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    shutil.rmtree(folder / "web" / "static" / "vendor")
    done = build(folder, tmp_path / "dist", "--wheel")
    assert done.returncode != 0
    assert "make wheel" in done.stdout + done.stderr
    assert not list(tmp_path.glob("dist/*.whl"))


def test_the_command_works_far_from_the_checkout(confhub: Path, tmp_path: Path) -> None:
    data_dir = str(tmp_path / "data")
    where = run(confhub.parent / "python", "-c", "import web; print(web.__file__)", cwd=tmp_path)
    assert where.stdout.startswith(str(confhub.parents[1])), where.stdout + where.stderr
    shown = run(confhub, "--help", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    for name in ("serve", "demo", "migrate", "user", "unit", "site"):
        assert re.search(rf"^\s+{name}\s", shown.stdout, re.M), shown.stdout
    for word in ("migrate", "demo"):
        done = run(confhub, word, cwd=tmp_path, CONFHUB_DATA_DIR=data_dir)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "confhub.db").exists()


def test_an_installed_hub_serves_its_pages(confhub: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "CONFHUB_DATA_DIR": str(tmp_path / "data")}
    log = tmp_path / "log"
    options = ("--host", "127.0.0.1", "--port", "0", "--media-port", "0")
    with log.open("wb") as output:
        hub = subprocess.Popen(
            [confhub, "serve", *options],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = wait_for_address(hub, log)
        page = fetch(f"{address}/signin")
        font = re.search(r"/static/\w+/vendor/fonts/[\w-]+\.woff2", page)
        assert font is not None, page
        fetch(f"{address}{font[0]}")
    finally:
        hub.terminate()
        assert hub.wait(RUN_TIMEOUT_S) == 0, log.read_text("utf-8")


def wait_for_address(hub: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while (found := re.search(r"http://localhost:\d+", log.read_text("utf-8"))) is None:
        assert hub.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.05)
    return found[0].replace("localhost", "127.0.0.1")


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=RUN_TIMEOUT_S) as answer:
        body: bytes = answer.read()
    return body.decode("utf-8", errors="replace")


def test_every_library_the_code_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {
        normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in project["dependencies"]
    }
    imported = {
        word.split(".")[0]
        for part in PARTS
        for path in (ROOT / part).rglob("*.py")
        for word in imports(path)
    }
    foreign = imported - set(sys.stdlib_module_names) - set(PARTS)
    owners = packages_distributions()
    undeclared = {
        name
        for name in foreign
        if not {normal(owner) for owner in owners.get(name, [name])} & declared
    }
    assert undeclared == set()


def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


def normal(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
