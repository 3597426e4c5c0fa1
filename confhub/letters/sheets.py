"""A sheet for each site: its link as a code, and all that it is told, to be printed. Pure."""

from __future__ import annotations

import msgspec

from confhub.mail.text import Body, Recipient


class Sheet(msgspec.Struct, frozen=True):
    """One page; `parts`: heading and lines of each. `code`: an SVG."""

    heading: str
    introduction: str
    unit: str
    site: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    link: str
    hints: tuple[str, ...]
    code: str
    code_png: bytes = b""


class Sheets(msgspec.Struct, frozen=True):
    title: str
    pages: tuple[Sheet, ...]


def sheet_of(to: Recipient, body: Body, code: str, code_png: bytes = b"") -> Sheet:
    note = tuple(line for line in body.note.split("\n") if line)
    calls = tuple(f"{label}: {call}" for label, call in body.calls)
    parts = (
        (body.labels["agenda"], body.agenda),
        (body.labels["note"], note),
        (body.labels["calls"], calls),
    )
    return Sheet(
        heading=body.heading,
        introduction=body.introduction,
        unit=to.unit,
        site=to.site,
        facts=body.facts,
        parts=tuple((label, lines) for label, lines in parts if lines),
        link=body.link,
        hints=body.link_hints,
        code=code,
        code_png=code_png,
    )
