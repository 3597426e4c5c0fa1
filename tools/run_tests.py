"""Run every test of pytest: `make test`.

Most run in parallel. Browsers that only show pages follow in lanes, and those that go by the clock
of the wall one after another (tests/turns.py says which): beside others these take more than twice
as long, so that nothing is won. Either have networks of their own where the machine lets us make
some. A test that fails runs once more at the end, in a process of its own. It fails the run only if
it fails again, and is named as unsteady otherwise: a fault to mend at its cause.
"""

from __future__ import annotations

import functools
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# pytest's own: everything passed, something failed. All others say that it did not run as meant.
_PASSED, _FAILED = 0, 1
# More than these is no unsteadiness, and to run them again would take the time of a whole run.
MOST_AGAIN = 20
SLOWEST = 25
# Of what a failure says; the whole stands above, which may be far above.
_REASON = 300
# Chromium gives up what it loads when an interface of its machine comes or goes. In a network of
# its own it does not hear of what others do; nor do names of our networks meet theirs. A cable with
# both ends there and an address of TEST-NET-1 (RFC 5737) stands for the machine's own line: where
# there is nothing but loopback, Chromium has no address to send media from.
_APART = (
    *("unshare", "--net", "--mount", "--", "sh", "-c"),
    "mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up"
    " && ip link add line type veth peer name line-end && ip addr add 192.0.2.1/24 dev line"
    " && ip link set line up && ip link set line-end up"
    ' && ip route add default via 192.0.2.254 && exec "$@"',
    "apart",
)
_TRIAL_S = 10.0  # it takes a few milliseconds


@dataclass
class Outcome:
    """Of one run of pytest: its exit code, what became of each test, the seconds it took.

    `reasons`: of each test that failed, where it did and what was said there, in one line.
    """

    code: int = _PASSED
    passed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def broke(self) -> bool:
        """Not the tests failed but pytest itself: wrong options, no test, an interrupt."""
        return self.code not in (_PASSED, _FAILED)


def read_log(path: Path, code: int) -> Outcome:
    """What `--report-log` of pytest-reportlog wrote: a line of JSON for each phase of each test."""
    outcome = Outcome(code)
    lines = path.read_text("utf-8").split("\n") if path.exists() else []
    for line in filter(None, lines):
        row = json.loads(line)
        kind, node = row.get("$report_type"), row.get("nodeid", "")
        if kind == "CollectReport" and row["outcome"] == "failed":
            outcome.failed.add(node)
        elif kind == "TestReport":
            outcome.seconds[node] += row["duration"]
            if row["outcome"] == "failed":
                outcome.failed.add(node)
                outcome.reasons.setdefault(node, read_reason(row["longrepr"]))
            elif row["outcome"] == "skipped":
                outcome.skipped.add(node)
            elif row["when"] == "call":
                outcome.passed.add(node)
    outcome.passed -= outcome.failed
    return outcome


def read_reason(longrepr: Any) -> str:
    """Of a failure as pytest-reportlog wrote it: tests/test_a.py:12: assert 1 == 2."""
    crash = longrepr.get("reprcrash") if isinstance(longrepr, dict) else None
    if not crash:
        return ""
    # The place in the test itself says more than the one in what it called.
    entries = longrepr.get("reprtraceback", {}).get("reprentries", [])
    places = [entry["data"].get("reprfileloc") for entry in entries]
    place = next(filter(None, places), crash)
    message = str(crash["message"]).replace("\n", " ")
    return f"{place['path']}:{place['lineno']}: {message}"[:_REASON]


@functools.cache
def apart() -> tuple[str, ...]:
    """What a command begins with to run in a network of its own; nothing where we may not."""
    try:
        done = subprocess.run([*_APART, "true"], check=False, capture_output=True, timeout=_TRIAL_S)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return () if done.returncode else _APART


def run(*arguments: str, before: Sequence[str] = ()) -> Outcome:
    """One run of pytest; `before`: what its command begins with."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.json"
        command = [*before, sys.executable, "-m", "pytest", f"--report-log={log}", *arguments]
        return read_log(log, subprocess.run(command, check=False).returncode)  # noqa: S603


def run_all() -> tuple[Outcome, Outcome, Outcome]:
    """Those that run in parallel, those in lanes, and those that run one after another."""
    processes = os.cpu_count() or 1
    lane = f"popen//python={shlex.join([*apart(), sys.executable])}"
    spread = ("--dist", "worksteal")
    together = run("-n", str(processes), *spread, "-m", "not alone and not lanes")
    lanes = run("--tx", f"{processes}*{lane}", *spread, "-m", "lanes")
    return together, lanes, run("-m", "alone", before=apart())


def run_again(failed: Sequence[str]) -> set[str]:
    """Each by itself; returns those that failed again."""
    print(f"\nOnce more, each by itself: {len(failed)}", flush=True)
    return {test for test in failed if run(test, before=apart()).code != _PASSED}


def tell_slowest(runs: Sequence[Outcome]) -> None:
    seconds = {test: spent for one in runs for test, spent in one.seconds.items()}
    print(f"\nThe {SLOWEST} slowest:")
    for test in sorted(seconds, key=lambda name: -seconds[name])[:SLOWEST]:
        print(f"{seconds[test]:7.1f} s  {test}")


def tell(heading: str, tests: set[str], reasons: Mapping[str, str]) -> None:
    if tests:
        print(f"\n{heading}:")
        for test in sorted(tests):
            print(f"  {test}")
            if reasons.get(test):
                print(f"    {reasons[test]}")


def main() -> int:
    runs = run_all()
    failed = set().union(*(one.failed for one in runs))
    unsteady: set[str] = set()
    broken = any(one.broke for one in runs)
    if failed and len(failed) <= MOST_AGAIN and not broken:
        unsteady = failed - run_again(sorted(failed))
    failed -= unsteady
    passed = unsteady.union(*(one.passed for one in runs))
    skipped = set().union(*(one.skipped for one in runs))
    tell_slowest(runs)
    reasons = {test: reason for one in runs for test, reason in one.reasons.items()}
    tell("Skipped", skipped, {})
    tell("Unsteady, failed once and passed by itself: mend the cause", unsteady, reasons)
    tell("Failed", failed, reasons)
    if broken:
        print("\npytest ended with", [one.code for one in runs])
    print(f"\n{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
