"""The face of letters is found, and its package named, on Debian 12 as on 13."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from confhub.letters.typeset import FOLDERS, OLD

SCRIPT = Path("tools/letter_face.sh").absolute()
NEW = "Version 2.1.5".encode("utf-16-be")
LIBERATION, LIBERATION_2 = "truetype/liberation", "truetype/liberation2"


def asked(call: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail; source {SCRIPT}; {call}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("faces", "is_there"),
    [
        ({}, False),
        ({LIBERATION: OLD}, False),  # Debian 12 with version 1 alone
        ({LIBERATION: OLD, LIBERATION_2: NEW}, True),
        ({LIBERATION_2: NEW}, True),
        ({LIBERATION: NEW}, True),  # Debian 13
        ({"liberation-serif-fonts": NEW}, True),
    ],
)
def test_a_whole_face_is_told_from_version_1(
    tmp_path: Path, faces: dict[str, bytes], is_there: bool
) -> None:
    for folder, version in faces.items():
        assert any(one.endswith(f"/{folder}") for one in FOLDERS)
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "LiberationSerif-Regular.ttf").write_bytes(b"\0name" + version)
    assert (asked("has_letter_face", FONTS=str(tmp_path)).returncode == 0) == is_there


@pytest.mark.parametrize(
    ("known", "package"),
    [
        (" fonts-liberation | 1:1.07.4-11 | http://deb.debian.org bookworm", "fonts-liberation2"),
        (" fonts-liberation |  1:2.1.5-3 | http://deb.debian.org trixie", "fonts-liberation"),
        ("", "fonts-liberation2"),  # lists that were never fetched
    ],
)
def test_the_package_is_the_one_with_version_2(tmp_path: Path, known: str, package: str) -> None:
    apt = tmp_path / "apt-cache"
    apt.write_text(f'#!/bin/sh\necho "{known}"\n')
    apt.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert asked("letter_face_package", PATH=path).stdout.strip() == package
