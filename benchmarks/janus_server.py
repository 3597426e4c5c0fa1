"""A Janus of our own: Debian's package, configured in a folder, on free ports."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from rooms.media.port.addresses import local_addresses

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu/janus")
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0
# A meeting of 150 with both directions; each handle has one port.
MEDIA_PORTS = "20000-29999"

# `event_loops`: a thread for each core instead of one for each connection, what Janus's own
# documentation advises for many connections; with none, its default, it costs more here.
_CORE = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{folder}/plugins"
  transports_folder = "{folder}/transports"
  events_folder = "{folder}/none"
  loggers_folder = "{folder}/none"
  debug_level = 3
  session_timeout = 120
  event_loops = {event_loops}
}}
nat: {{
  ice_lite = true
  ice_enforce_list = "{address}"
  ice_ignore_list = "vmnet"
}}
media: {{
  rtp_port_range = "{ports}"
}}
"""
_WEBSOCKETS = """
general: {{
  json = "compact"
  ws = true
  ws_port = {port}
  ws_ip = "127.0.0.1"
  wss = false
}}
"""


class JanusServer:
    """Start it, speak to `address`, stop it. OSError when the package is missing."""

    def __init__(self, folder: Path, event_loops: int) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        for kind, name in (("plugins", "videoroom"), ("transports", "websockets")):
            place = folder / kind
            place.mkdir(parents=True)
            (library,) = (LIBRARIES / kind).glob(f"libjanus_{name}.so.*.*.*")
            (place / f"libjanus_{name}.so").symlink_to(library)
        (folder / "none").mkdir()
        # Janus offers no loopback candidate; what goes to an own address stays in the machine.
        core = _CORE.format(
            folder=folder,
            address=local_addresses()[0],
            ports=MEDIA_PORTS,
            event_loops=event_loops,
        )
        (folder / "janus.jcfg").write_text(core)
        text = _WEBSOCKETS.format(port=self._port)
        (folder / "janus.transport.websockets.jcfg").write_text(text)
        (folder / "janus.plugin.videoroom.jcfg").write_text("general: {\n}\n")

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self._port}/"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        log = self._folder / "janus.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                ["janus", "-F", str(self._folder)], stdout=out, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"Janus ended at once:\n{log.read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("Janus does not answer")

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
