"""`make test` on small suites of its own: what fails once, twice, in parallel, and not at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.run_tests import apart

ROOT = Path(__file__).parents[2]
SETTINGS = '[tool.pytest.ini_options]\nmarkers = ["alone", "lanes"]\naddopts = "-q"\n'
FINE = "def test_fine(): pass\n"
WRONG = "def test_wrong(): assert False\n"
ALONE = "import pytest\n@pytest.mark.alone\n"
LANES = "import pytest\n@pytest.mark.lanes\n"
SEES = """
def test_sees():
    from pathlib import Path
    rows = Path("/proc/self/net/dev").read_text().splitlines()[2:]
    Path(__file__).with_suffix(".seen").write_text(" ".join(row.split(":")[0] for row in rows))
"""
ONCE = f"""{ALONE}def test_once():
    from pathlib import Path
    seen = Path(__file__).with_suffix(".seen")
    known = seen.exists()
    seen.touch()
    assert known
"""
TIMEOUT_S = 120
# What the runner itself asks for: each pytest of these small suites loads all the others otherwise.
PLUGINS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "xdist.plugin,pytest_reportlog.plugin",
}


def run_suite(folder: Path, **files: str) -> tuple[int, str]:
    (folder / "pyproject.toml").write_text(SETTINGS)
    for name, text in {"lanes": LANES + FINE, **files}.items():
        (folder / f"test_{name}.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "tools.run_tests"],
        cwd=folder,
        env={**os.environ, **PLUGINS, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    return done.returncode, done.stdout


def test_all_is_well_and_the_slowest_are_named(tmp_path: Path) -> None:
    code, said = run_suite(tmp_path, fine=FINE, alone=ALONE + FINE)
    assert (code, said.splitlines()[-1]) == (0, "3 passed, 0 failed, 0 skipped")
    assert "s  test_fine.py::test_fine" in said
    assert "Unsteady" not in said


@pytest.mark.parametrize("once", [ONCE, ONCE.removeprefix(ALONE), ONCE.replace("alone", "lanes")])
def test_one_that_fails_once_passes_and_is_named_among_the_last_lines(
    tmp_path: Path, once: str
) -> None:
    code, said = run_suite(tmp_path, fine=FINE, alone=ALONE + FINE, once=once)
    assert (code, said.splitlines()[-1]) == (0, "4 passed, 0 failed, 0 skipped")
    assert said.splitlines()[-5].startswith("Unsteady")
    assert said.splitlines()[-4] == "  test_once.py::test_once"
    assert re.fullmatch(r"    test_once\.py:\d+: .*assert False", said.splitlines()[-3])


@pytest.mark.parametrize(
    "files",
    [
        {"fine": FINE, "wrong": ALONE + WRONG},  # fails twice
        {"fine": FINE, "wrong": LANES + WRONG, "alone": ALONE + FINE},
        {"wrong": WRONG, "alone": ALONE + FINE},
        {"wrong": "def test_wrong(: pass", "alone": ALONE + FINE},  # cannot be read: no second try
    ],
)
def test_one_that_fails_for_good_fails_the_run(tmp_path: Path, files: dict[str, str]) -> None:
    code, said = run_suite(tmp_path, **files)
    assert code == 1
    assert "Failed:\n  test_wrong.py" in said


def test_a_run_without_tests_is_no_success(tmp_path: Path) -> None:
    code, said = run_suite(tmp_path, fine=FINE)  # nothing is left for the last part
    assert code == 1
    assert "pytest ended with [0, 0, 5]" in said


def test_skipped_tests_are_named(tmp_path: Path) -> None:
    skipped = f"import pytest\n@pytest.mark.skip\n{FINE}"
    code, said = run_suite(tmp_path, skipped=skipped, fine=FINE, alone=ALONE + FINE)
    assert (code, said.splitlines()[-1]) == (0, "3 passed, 0 failed, 1 skipped")
    assert "Skipped:\n  test_skipped.py::test_fine" in said


def test_lanes_and_those_that_run_alone_have_networks_of_their_own_where_there_may_be_any(
    tmp_path: Path,
) -> None:
    code, said = run_suite(tmp_path, among=SEES, lanes=LANES + SEES, alone=ALONE + SEES)
    assert code == 0, said
    among, lanes, alone = (
        sorted((tmp_path / f"test_{name}.seen").read_text().split())
        for name in ("among", "lanes", "alone")
    )
    assert lanes == alone == (["line", "line-end", "lo"] if apart() else among)
