"""docs/protocol.md describes every message, field, reason and rate, and nothing else."""

from __future__ import annotations

import functools
import operator
import re
import typing
from pathlib import Path

import msgspec
import pytest

import rooms
from confhub.bucket import Rate
from rooms.protocol import messages as p
from rooms.protocol.farewell import FAREWELLS
from rooms.protocol.rate import ALL, OTHER, RATES

PAGE = (Path(rooms.__file__).parent.parent / "docs" / "protocol.md").read_text("utf-8")
SIDES: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "From the page": p.CLIENT_MESSAGES,
    "From the hub": p.HUB_MESSAGES,
}
OF_ALL = {"request"}  # told once, of all that have it
CASES = [
    pytest.param(title, kind, id=str(kind.__struct_config__.tag))
    for title, kinds in SIDES.items()
    for kind in kinds
]


def chapter(title: str) -> str:
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def section(title: str, tag: str) -> str:
    return chapter(title).split(f"### `{tag}`\n", 1)[1].split("\n### ", 1)[0]


@pytest.mark.parametrize("title", SIDES)
def test_the_page_describes_exactly_the_messages_there_are(title: str) -> None:
    tags = [kind.__struct_config__.tag for kind in SIDES[title]]
    assert re.findall(r"^### `(\w+)`$", chapter(title), re.MULTILINE) == tags


@pytest.mark.parametrize(("title", "kind"), CASES)
def test_every_field_is_described(title: str, kind: type[msgspec.Struct]) -> None:
    text = section(title, str(kind.__struct_config__.tag))
    rows = dict(re.findall(r"^\| `(\w+)` \| (yes|no) \|", text, re.MULTILINE))
    fields = {f.name: "yes" if f.required else "no" for f in msgspec.structs.fields(kind)}
    assert rows == {name: need for name, need in fields.items() if name not in OF_ALL}


@pytest.mark.parametrize(("title", "kind"), CASES)
def test_every_example_is_a_message(title: str, kind: type[msgspec.Struct]) -> None:
    [example] = re.findall(
        r"```json\n(.*?)\n```", section(title, str(kind.__struct_config__.tag)), re.DOTALL
    )
    message = msgspec.json.decode(example, type=functools.reduce(operator.or_, SIDES[title]))
    assert type(message) is kind


def test_every_reason_is_described_as_it_is() -> None:
    text = chapter("Reasons of `closed`")
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \| (\d+) \|", text, re.MULTILINE)
    assert rows == [
        (reason, "yes" if farewell.retry else "no", str(farewell.code))
        for reason, farewell in FAREWELLS.items()
    ]
    assert set(FAREWELLS) == set(typing.get_args(p.CloseReason))


def test_every_rate_is_described_as_it_is() -> None:
    rows = re.findall(
        r"^\| (`\w+`|[a-z ]+) \| ([\d.]+) \| (\d+) \|", chapter("Rates"), re.MULTILINE
    )

    def row(name: str, rate: Rate) -> tuple[str, str, str]:
        return name, f"{rate.per_s:g}", str(rate.burst)

    expected = [row(f"`{kind}`", rate) for kind, rate in RATES.items()]
    assert rows == [*expected, row("any other", OTHER), row("all together", ALL)]


def test_every_client_message_but_the_rare_ones_has_a_rate() -> None:
    tags = {str(kind.__struct_config__.tag) for kind in p.CLIENT_MESSAGES}
    assert tags - RATES.keys() == {"hello", "end", "leave"}


def test_json_schemas_can_be_made_of_all_messages() -> None:
    _, components = msgspec.json.schema_components([*p.CLIENT_MESSAGES, *p.HUB_MESSAGES])
    assert {"Hello", "Welcome", "MemberView", "Digest"} <= components.keys()
