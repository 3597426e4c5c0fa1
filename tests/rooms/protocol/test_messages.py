"""docs/protocol.md and docs/features describe every message, field, reason and rate there is."""

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
from rooms.protocol.codec import tag_of
from rooms.protocol.farewell import FAREWELLS
from rooms.protocol.rate import ALL, OTHER, RATES
from rooms.state.features import table

DOCS = Path(rooms.__file__).parent.parent / "docs"
FROM_PAGE, FROM_HUB = "From the page", "From the hub"
Kinds = tuple[type[msgspec.Struct], ...]
# What each document describes.
PAGES: dict[str, dict[str, Kinds]] = {
    "protocol.md": {FROM_PAGE: p.CLIENT_MESSAGES, FROM_HUB: p.HUB_MESSAGES},
    **{
        f"features/{feature.name}.md": {
            FROM_PAGE: tuple(feature.rules),
            FROM_HUB: feature.hub_messages,
        }
        for feature in table.FEATURES
    },
}
OF_ALL = {"request", "seq"}  # told once, of all that have them
CASES = [
    pytest.param(page, title, kind, id=tag_of(kind))
    for page, sides in PAGES.items()
    for title, kinds in sides.items()
    for kind in kinds
]


def chapter(page: str, title: str) -> str:
    """Empty if the document has none of this title."""
    _, _, rest = (DOCS / page).read_text("utf-8").partition(f"\n## {title}\n")
    return rest.split("\n## ", 1)[0]


def section(page: str, title: str, tag: str) -> str:
    return chapter(page, title).split(f"### `{tag}`\n", 1)[1].split("\n### ", 1)[0]


@pytest.mark.parametrize("page", PAGES)
def test_a_document_describes_exactly_the_messages_there_are(page: str) -> None:
    for title, kinds in PAGES[page].items():
        told = re.findall(r"^### `(\w+)`$", chapter(page, title), re.MULTILINE)
        assert told == [tag_of(kind) for kind in kinds]


def test_every_feature_has_its_document_and_no_other_has_one() -> None:
    assert {f"features/{path.name}" for path in (DOCS / "features").iterdir()} == {
        page for page in PAGES if page.startswith("features/")
    }


def test_no_two_messages_of_a_side_have_one_name() -> None:
    for title in (FROM_PAGE, FROM_HUB):
        tags = [tag_of(kind) for sides in PAGES.values() for kind in sides[title]]
        assert len(tags) == len(set(tags))


@pytest.mark.parametrize(("page", "title", "kind"), CASES)
def test_every_field_is_described(page: str, title: str, kind: type[msgspec.Struct]) -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (yes|no) \|", section(page, title, tag_of(kind)), re.MULTILINE)
    )
    fields = {f.name: "yes" if f.required else "no" for f in msgspec.structs.fields(kind)}
    assert rows == {name: need for name, need in fields.items() if name not in OF_ALL}


@pytest.mark.parametrize(("page", "title", "kind"), CASES)
def test_every_example_is_a_message(page: str, title: str, kind: type[msgspec.Struct]) -> None:
    text = section(page, title, tag_of(kind))
    [example] = re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)
    message = msgspec.json.decode(example, type=functools.reduce(operator.or_, PAGES[page][title]))
    assert type(message) is kind


def test_every_reason_is_described_as_it_is() -> None:
    text = chapter("protocol.md", "Reasons of `closed`")
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \| (\d+) \|", text, re.MULTILINE)
    assert rows == [
        (reason, "yes" if farewell.retry else "no", str(farewell.code))
        for reason, farewell in FAREWELLS.items()
    ]
    assert set(FAREWELLS) == set(typing.get_args(p.CloseReason))


def rates(page: str) -> list[tuple[str, str, str]]:
    row = r"^\| (`\w+`|[a-z ]+) \| ([\d.]+) \| (\d+) \|"
    return re.findall(row, chapter(page, "Rates"), re.MULTILINE)


def row(name: str, rate: Rate) -> tuple[str, str, str]:
    return name, f"{rate.per_s:g}", str(rate.burst)


def test_every_rate_is_described_as_it_is() -> None:
    expected = [row(f"`{kind}`", rate) for kind, rate in RATES.items()]
    assert rates("protocol.md") == [
        *expected,
        row("any other", OTHER),
        row("all together", ALL),
    ]
    for feature in table.FEATURES:
        expected = [row(f"`{tag_of(kind)}`", rule.rate) for kind, rule in feature.rules.items()]
        assert rates(f"features/{feature.name}.md") == expected


@pytest.mark.parametrize("name", sorted(table.NAMES))
def test_a_feature_is_a_module_a_page_module_and_a_document_of_its_name(name: str) -> None:
    module = f"rooms/state/features/{name}.py"
    page = f"web/static/js/room/features/{name.replace('_', '-')}.js"
    assert f"Feature `{name}`, in `{module}` and `{page}`." in (
        DOCS / "features" / f"{name}.md"
    ).read_text("utf-8")
    root = DOCS.parent
    assert f'name="{name}"' in (root / module).read_text("utf-8")
    assert f'name: "{name}"' in (root / page).read_text("utf-8")


def test_every_client_message_but_the_rare_ones_has_a_rate() -> None:
    tags = {tag_of(kind) for kind in p.CLIENT_MESSAGES}
    assert tags - RATES.keys() == {"hello", "leave"}
    assert [name for name, rate in table.RATES.items() if rate is OTHER] == ["end"]


def test_json_schemas_can_be_made_of_all_messages() -> None:
    every = [kind for sides in PAGES.values() for kinds in sides.values() for kind in kinds]
    _, components = msgspec.json.schema_components(every)
    assert {"Hello", "Welcome", "MemberView", "Digest", "SetHand"} <= components.keys()
