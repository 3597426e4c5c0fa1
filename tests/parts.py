"""Of a small hub in this process: its settings, and its parts, which may be absent elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from confhub.config import Settings

Part = TypeVar("Part")


def there(part: Part | None) -> Part:
    """The part, which this test's hub has."""
    assert part is not None
    return part


def settings_in(folder: Path, **values: object) -> Settings:
    """For loopback alone, on free ports, with nobody beside it who keeps media."""
    given: dict[str, object] = {
        "data_dir": str(folder / "data"),
        "listen_host": "127.0.0.1",
        "listen_port": 0,
        "media_addresses": ("127.0.0.1",),
        "media_port": 0,
        "media_workers": 0,
        **values,
    }
    return Settings(**given)  # type: ignore[arg-type]
