"""A keeper of small programs instead of a hub and its workers; run as a program by test_keeper.

Arguments: a folder, and for the hub and each worker the Python it runs. Each has set up its
end when it says that it starts, and finds `beat()` and `beat_on()`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from confhub.hub import keeper
from confhub.hub.child import Child
from confhub.hub.keeper import Keeper
from confhub.hub.logs import set_up_logging

BEGIN = """
import os, signal, sys, time
def say(word):
    with open({log!r}, "a") as log:
        log.write(f"{name} {{word}} {{os.getpid()}}\\n")
def beat():
    os.write(0, b".")
def end(*_):
    say("ends")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
say("starts")
def beat_on():
    beat()
    say("beats")
    while True:
        beat()
        time.sleep(0.05)
"""


def main() -> int:
    folder, hub, *workers = sys.argv[1:]
    keeper.HANGS_S = 1.0
    set_up_logging("info", access=False)
    children = []
    for name, code in [("hub", hub), *((f"media:{n}", code) for n, code in enumerate(workers))]:
        begin = BEGIN.format(log=str(Path(folder) / "log"), name=name)
        children.append(Child(name, [sys.executable, "-S", "-c", begin + code]))
    return Keeper(children[0], children[1:]).run()


if __name__ == "__main__":
    sys.exit(main())
