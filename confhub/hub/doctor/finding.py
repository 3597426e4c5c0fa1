"""What was found of one part of a set-up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["good", "warning", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`part` is for programs, such as "database"; `message` is a Vietnamese gettext msgid with
    `%(name)s` from `values`; `remedy` says what to do, "" where nothing is to be done."""

    part: str
    verdict: Verdict
    message: str
    remedy: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


def good(part: str, message: str, **values: object) -> Finding:
    return Finding(part, "good", message, "", values)


def warning(part: str, message: str, remedy: str, **values: object) -> Finding:
    return Finding(part, "warning", message, remedy, values)


def broken(part: str, message: str, remedy: str, **values: object) -> Finding:
    return Finding(part, "broken", message, remedy, values)


def worst(findings: Iterable[Finding]) -> Verdict:
    order: Sequence[Verdict] = ("good", "warning", "broken")
    return max((one.verdict for one in findings), key=order.index, default="good")
