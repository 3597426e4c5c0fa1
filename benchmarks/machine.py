"""Where and when a measurement was made, and where its results are kept."""

from __future__ import annotations

import datetime as dt
import os
import platform
from pathlib import Path
from typing import Any

import msgspec

from rooms.media.engine.choice import make_engine
from rooms.media.engine.srtp import PacketBuffer

RESULTS = Path(__file__).parent / "results"


def describe_machine() -> dict[str, Any]:
    """Cores, kernel, load before we began: what a number means depends on them."""
    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "engine": make_engine(PacketBuffer()).name,
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def keep(name: str, machine: dict[str, Any], found: object) -> Path:
    """Write benchmarks/results/NAME.json, in place of the one before."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    text = msgspec.json.format(msgspec.json.encode({"machine": machine, "found": found}), indent=1)
    path.write_bytes(text + b"\n")
    return path


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
