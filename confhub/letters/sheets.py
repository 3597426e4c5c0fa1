"""A sheet for each site: its links as codes, and all that it is told, to be printed. Pure."""

from __future__ import annotations

import msgspec

from confhub.mail.text import Body, Recipient, changed_lines


class Way(msgspec.Struct, frozen=True):
    """An address of the site's: what it is for, and it as a code, an SVG or a PNG."""

    label: str
    address: str
    code: str = ""
    code_png: bytes = b""


class Sheet(msgspec.Struct, frozen=True):
    """One page; `parts`: heading and lines of each. `ways`: into the meeting, and where the site
    says who comes."""

    heading: str
    introduction: str
    unit: str
    site: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    ways: tuple[Way, ...]
    hints: tuple[str, ...]


class Sheets(msgspec.Struct, frozen=True):
    title: str
    pages: tuple[Sheet, ...]


def ways_in(body: Body) -> tuple[Way, ...]:
    """Without their codes."""
    labels = body.labels
    ways = (Way(labels["link"], body.link), Way(labels["answer"], body.answer))
    return tuple(way for way in ways if way.address)


def sheet_of(to: Recipient, body: Body, ways: tuple[Way, ...]) -> Sheet:
    note = tuple(line for line in body.note.split("\n") if line)
    calls = tuple(f"{label}: {call}" for label, call in body.calls)
    parts = (
        (body.labels["changed"], (*changed_lines(body), *body.news)),
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
        ways=ways,
        hints=body.link_hints,
    )
