"""Text in the cells of a spreadsheet. Pure."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run, whoever wrote it


def harmless(value: str) -> str:
    """Text that a spreadsheet will not run as a formula."""
    return f"'{value}" if value.startswith((*FORMULA, "\t", "\r", "\n")) else value


def unharmed(text: str) -> str:
    """A line of text without what `harmless` put before it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text
