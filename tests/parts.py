"""The parts of a hub that may be absent elsewhere."""

from __future__ import annotations

from typing import TypeVar

Part = TypeVar("Part")


def there(part: Part | None) -> Part:
    """The part, which this test's hub has."""
    assert part is not None
    return part
