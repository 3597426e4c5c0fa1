"""Copy what pages need from node_modules to web/static/vendor: fonts, and one icon sprite.

Icons are named one a line in web/static/icons.txt, so the sprite holds only what is used.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "web" / "static" / "vendor"
WEIGHTS = (400, 500, 600, 700)
SUBSETS = ("latin", "vietnamese")


def copy_fonts() -> None:
    source = MODULES / "@fontsource" / "be-vietnam-pro"
    target = VENDOR / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for subset in SUBSETS:
        for weight in WEIGHTS:
            shutil.copy2(
                source / "files" / f"be-vietnam-pro-{subset}-{weight}-normal.woff2", target
            )
    shutil.copy2(source / "LICENSE", target / "LICENSE")


def build_sprite() -> None:
    """One <symbol> an icon; a missing name stops the set-up and says which."""
    symbols = []
    for name in (ROOT / "web" / "static" / "icons.txt").read_text("utf-8").split():
        path = MODULES / "lucide-static" / "icons" / f"{name}.svg"
        if not path.exists():
            sys.exit(f"web/static/icons.txt names {name!r}, which lucide-static does not have")
        match = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text("utf-8"), re.DOTALL)
        if match is None:
            sys.exit(f"{path} is not an svg this script understands")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{match[1].strip()}</symbol>')
    VENDOR.mkdir(parents=True, exist_ok=True)
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"
    (VENDOR / "icons.svg").write_text(sprite, "utf-8")
    shutil.copy2(MODULES / "lucide-static" / "LICENSE", VENDOR / "icons.LICENSE")


if __name__ == "__main__":
    copy_fonts()
    build_sprite()
