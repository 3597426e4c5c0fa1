"""The parts of this program, and which version of it is installed. Pure: it stays the same."""

from __future__ import annotations

OURS = ("confhub", "rooms", "web", "monitoring")


def version(otherwise: str = "dev") -> str:
    """Such as 0.1.0; `otherwise` in a source tree that was never installed."""
    # Imported here: it takes 12 ms of each start, and most processes never ask.
    from importlib import metadata

    try:
        return metadata.version("confhub")
    except metadata.PackageNotFoundError:
        return otherwise
