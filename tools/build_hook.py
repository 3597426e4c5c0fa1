"""Refuse to build a wheel or source archive without the fonts and icons the pages need.

They are fetched and not in git, so a plain `pip install .` in a fresh clone would otherwise make
a package whose pages fail.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("web") / "static" / "vendor"
NEEDED = ("icons.svg", "fonts/be-vietnam-pro-vietnamese-400-normal.woff2")


class VendorHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # how `make` installs, before it fetches them
            return
        missing = [name for name in NEEDED if not (Path(self.root) / VENDOR / name).is_file()]
        if missing:
            raise RuntimeError(
                f"{VENDOR} lacks {', '.join(missing)}. Fonts and icons are fetched, not in git: "
                "run `make wheel`, which fetches them and builds."
            )
