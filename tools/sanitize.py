"""Run the engine's tests on a core compiled with AddressSanitizer and UBSan: `make sanitize`.

Builds it into a folder of its own, starts pytest under the sanitizer's library and, as a plugin of
that pytest, puts the built module in the place of the usual one. Leaks are not looked for: Python
itself frees little at its end; tools/fuzz.py watches memory instead.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.machinery import ExtensionFileLoader
from pathlib import Path

FLAGS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1")
PLACE = "CONFHUB_SANITIZED_CORE"
NAME = "rooms.media.native._core"
# They take half a minute on an idle machine.
TESTS_TIMEOUT_S = 1_200
TESTS = (
    "engine/test_interface.py",
    "bandwidth/test_arrivals.py",
    "receiving/test_runs.py",
    "sending/test_receiver_line.py",
    "sending/test_slot.py",
    "sending/test_player.py",
    "port/test_tcp.py",
    "test_sent_once.py",
    "test_router.py",
    "test_redundant_voice.py",
    "test_hostile.py",
)


def put_in_place(built: str) -> None:
    """Let `built` be what `rooms.media.native` imports."""
    loader = ExtensionFileLoader("_core", built)
    spec = importlib.util.spec_from_file_location("_core", built, loader=loader)
    if spec is None:
        raise ImportError(built)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    package = importlib.import_module(NAME.rpartition(".")[0])
    sys.modules[NAME] = module
    package._core = module  # type: ignore[attr-defined]


if PLACE in os.environ:  # inside the pytest that `main` starts
    put_in_place(os.environ[PLACE])


def main() -> int:
    from rooms.media.native.build import build

    # Both libraries must be there before Python's own allocations.
    libraries = [_find_library(name) for name in ("libasan.so", "libubsan.so")]
    folder = Path("tests/rooms/media")
    tests = [folder / name for name in TESTS]
    with tempfile.TemporaryDirectory() as work:
        built = build(Path(work), FLAGS)
        environment = {
            **os.environ,
            PLACE: str(built),
            "LD_PRELOAD": " ".join(libraries),
            "ASAN_OPTIONS": "detect_leaks=0",
            "PYTHONMALLOC": "malloc",
        }
        wanted = sys.argv[1:] or ["-q", *map(str, tests)]
        command = [sys.executable, "-m", "pytest", "-p", "tools.sanitize", *wanted]
        done = subprocess.run(command, env=environment, timeout=TESTS_TIMEOUT_S)  # noqa: S603
        return done.returncode


def _find_library(name: str) -> str:
    command = [shutil.which("cc") or "cc", f"-print-file-name={name}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return found.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
