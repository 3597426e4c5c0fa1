"""Debian's Chromium for tests: how it starts, and how long anything in it may take.

Importing this gives Playwright's `expect` the same patience; its own is five seconds.
"""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

CHROMIUM = Path("/usr/bin/chromium")
# Only the last such list counts, so that Playwright's own is here as far as it concerns us.
_FEATURES_OFF = (
    # A process in stock for the next page: each takes a third of a second of a core to start.
    "SpareRendererForSitePerProcess",
    # Pages of the browser's own beneath its address bar: one more process for each window.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "PreconnectToSearch",
    "Translate",
)
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_FEATURES_OFF)}",
)
# A shared, busy machine: with both cores taken a page has been seen to need 25 s. A person would
# have called the technician long before.
WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)
