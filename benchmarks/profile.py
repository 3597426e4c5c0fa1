"""Where a hub's time goes: perf for libraries and the kernel, py-spy for Python's functions."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

# Often enough for a percent of one core within seconds, seldom enough to cost it little.
RATE_HZ = 499
END_TIMEOUT_S = 60.0
MOST = 40


class Profile:
    """Watches a process from its making until `end`. py-spy reads without stopping it."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._perf, self._spy = folder / "perf.data", folder / "spy.raw"
        rate = str(RATE_HZ)
        watch = ["perf", "record", "-F", rate, "-g", "-o", str(self._perf), "-p", str(pid)]
        spy = [str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid)]
        spy += ["--nonblocking", "--rate", rate, "--format", "raw", "--duration", "3600"]
        spy += ["--output", str(self._spy)]
        quiet = subprocess.DEVNULL
        self._watchers = [
            subprocess.Popen(command, stdout=quiet, stderr=quiet) for command in (watch, spy)
        ]

    def end(self) -> str:
        """Stop watching; a report in text."""
        for watcher in self._watchers:
            watcher.send_signal(2)  # both write what they have on SIGINT
            watcher.wait(END_TIMEOUT_S)
        return f"{self._libraries()}\n\n{self._functions()}"

    def _libraries(self) -> str:
        command = ["perf", "report", "-i", str(self._perf), "--no-children", "-g", "none"]
        done = subprocess.run(
            [*command, "--sort", "dso,symbol", "--percent-limit", "0.5"],
            capture_output=True,
            text=True,
            timeout=END_TIMEOUT_S,
        )
        shares = subprocess.run(
            [*command, "--sort", "dso", "--percent-limit", "0.5"],
            capture_output=True,
            text=True,
            timeout=END_TIMEOUT_S,
        )
        return "\n".join(
            line.rstrip()
            for text in (shares.stdout, done.stdout)
            for line in text.splitlines()
            if line.strip() and not line.startswith("#")
        )

    def _functions(self) -> str:
        """Share of Python's samples in each function itself, and in what it calls as well."""
        own: Counter[str] = Counter()
        within: Counter[str] = Counter()
        for line in self._spy.read_text().splitlines():
            stack, _, count = line.rpartition(" ")
            frames = [frame.rpartition(":")[0] or frame for frame in stack.split(";")]
            own[frames[-1]] += int(count)
            for frame in set(frames):
                within[frame] += int(count)
        total = sum(own.values()) or 1
        rows = [
            f"{100 * own[name] / total:6.1f} {100 * within[name] / total:6.1f}  {name}"
            for name, _ in within.most_common(MOST)
        ]
        return "\n".join(["  self%  total%  function", *rows])
