"""Debian's Firefox ESR for tests, in place of Chromium: the same seats, another engine."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Playwright

from tests.chromium import WAIT_MS

BRIDGE = Path(__file__).with_name("firefox_bridge.py")
PREFERENCES: dict[str, str | float | bool] = {
    # A picture that changes and a tone; the question for permission answers itself.
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    # A hub on 127.0.0.1 is no reason to try nothing.
    "media.peerconnection.ice.loopback": True,
    # Which address a path goes from is what some tests are about.
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    # Who may use a camera is given all addresses, others only that of the way to the page.
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    # Sound without a click before, as for a site that is trusted with it.
    "media.autoplay.default": 0,
    # Nothing is fetched from outside: no codecs, no lists, no pictures of the day.
    "media.gmp-manager.updateEnabled": False,
    "browser.topsites.contile.enabled": False,
    "services.settings.server": "http://localhost/none",
}


@asynccontextmanager
async def firefox(
    playwright: Playwright, folder: Path, namespace: str = ""
) -> AsyncIterator[Browser]:
    """A Firefox with fake devices, in a network namespace if one is named. `folder` is for the
    program that starts it."""
    program = folder / f"firefox-{namespace or 'here'}"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{BRIDGE}' '{namespace}' \"$@\"\n")
    program.chmod(0o755)
    started = await playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=str(program),
        firefox_user_prefs=PREFERENCES,
        headless=True,
        timeout=WAIT_MS,
    )
    try:
        yield started
    finally:
        await started.close()
