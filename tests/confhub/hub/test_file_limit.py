"""One division of the files that the process may open."""

from __future__ import annotations

from pathlib import Path

import pytest

from confhub.hub.file_limit import Shares, divide, memory_bytes, most_pages


@pytest.mark.parametrize(
    ("files", "media", "shares"),
    [
        (65_536, 2000, Shares(256, 2000, 63_280)),
        (65_536, 0, Shares(256, 0, 65_280)),
        (4096, 2000, Shares(256, 1920, 1920)),
        (1024, 2000, Shares(256, 384, 384)),
        (256, 2000, Shares(64, 96, 96)),
        (2, 2000, Shares(0, 1, 1)),
    ],
)
def test_the_shares_are_all_there_is(files: int, media: int, shares: Shares) -> None:
    assert divide(files, media=media) == shares
    assert shares.own + shares.media + shares.pages == files


@pytest.mark.parametrize(
    ("files", "memory", "wanted", "most"),
    [
        (63_280, 64 << 30, 0, 63_280),
        (63_280, 4 << 30, 0, 16_384),
        (63_280, 1 << 30, 0, 4096),
        (1920, 4 << 30, 0, 1920),
        (63_280, 1 << 30, 20_000, 20_000),
        (1920, 64 << 30, 20_000, 1920),
        (63_280, 1, 0, 1),
    ],
)
def test_the_pages_have_no_more_connections_than_the_memory_holds_or_somebody_set(
    files: int, memory: int, wanted: int, most: int
) -> None:
    assert most_pages(files, memory, wanted) == most


@pytest.mark.parametrize(
    ("limits", "least"),
    [
        ({}, None),
        ({"system.slice/hub.service": "max", "system.slice": "4096"}, 4096),
        ({"system.slice/hub.service": "8192", "system.slice": "max"}, 8192),
        ({"": "100", "system.slice/hub.service": "8192"}, 100),
        ({"other.slice": "100"}, None),
    ],
)
def test_a_cgroup_may_give_less_memory_than_the_machine_has(
    tmp_path: Path, limits: dict[str, str], least: int | None
) -> None:
    own = tmp_path / "self"
    own.write_text("4:memory:/old\n0::/system.slice/hub.service\n")
    for group, limit in limits.items():
        (tmp_path / group).mkdir(parents=True, exist_ok=True)
        (tmp_path / group / "memory.max").write_text(f"{limit}\n")
    machine = memory_bytes(tmp_path, tmp_path / "nothing")
    assert memory_bytes(tmp_path, own) == (least or machine)
