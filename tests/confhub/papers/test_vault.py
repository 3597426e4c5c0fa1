"""Bytes on a disk: written to their end, kept by their hash, forgotten when nobody wants them."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from confhub.errors import NotFound, Unavailable
from confhub.papers.vault import FolderVault, Locked, digest_of

DIGEST = hashlib.sha256(b"abcdef").hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> FolderVault:
    return FolderVault(tmp_path, 0)


def filled(vault: FolderVault, *pieces: bytes) -> None:
    vault.begin("one")
    for piece in pieces:
        writing = vault.write("one")
        writing.write(piece)
        writing.settle()
        writing.close()


def test_an_upload_goes_on_where_it_stood(vault: FolderVault) -> None:
    filled(vault, b"abc", b"def")
    assert vault.size("one") == 6
    with vault.open_upload("one") as file:
        assert digest_of(file) == DIGEST


def test_one_writes_at_a_time(vault: FolderVault) -> None:
    filled(vault)
    writing = vault.write("one")
    with pytest.raises(Locked):
        vault.write("one")
    writing.close()
    vault.write("one").close()


def test_kept_twice_is_once_and_the_upload_stays_until_it_is_dropped(vault: FolderVault) -> None:
    filled(vault, b"abcdef")
    for _ in range(2):
        vault.keep("one", DIGEST)
    assert vault.size("one") == 6
    vault.drop("one")
    vault.drop("one")
    with vault.open(DIGEST) as file:
        assert file.read() == b"abcdef"
    with pytest.raises(NotFound):
        vault.size("one")
    with pytest.raises(NotFound):
        vault.write("one")


def test_only_what_is_old_is_forgotten(vault: FolderVault, tmp_path: Path) -> None:
    filled(vault, b"abcdef")
    vault.keep("one", DIGEST)
    (path,) = tmp_path.glob("kept/*/*")
    at = path.stat().st_mtime
    assert list(vault.old_kept(at - 10)) == []
    assert list(vault.old_kept(at + 10)) == [DIGEST]
    assert list(vault.old_uploads(at + 10)) == ["one"]
    vault.forget(DIGEST, at - 10)
    assert path.exists()
    os.utime(path, (at - 100, at - 100))
    vault.forget(DIGEST, at - 10)
    assert not path.exists()


def test_some_of_the_disk_is_left_to_others(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        FolderVault(tmp_path, 2**60).check_space(1)
    filled(FolderVault(tmp_path, 0), b"abc")
    writing = FolderVault(tmp_path, 2**60).write("one")  # announced while there was room
    with pytest.raises(Unavailable, match="no_space"):
        writing.write(b"def")
    assert writing.size == 3
    writing.close()


def test_a_disk_without_second_names_keeps_a_copy(
    vault: FolderVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_names: Path) -> None:
        raise OSError(errno.EPERM, "as exFAT says")

    monkeypatch.setattr(os, "link", no_link)
    filled(vault, b"abcdef")
    for _ in range(2):
        vault.keep("one", DIGEST)
    assert [one.name for one in tmp_path.glob("kept/*/*")] == [DIGEST]
    with vault.open(DIGEST) as file:
        assert file.read() == b"abcdef"


def test_what_a_sweep_takes_between_two_steps_is_kept_again(
    vault: FolderVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(vault, b"abcdef")
    touch = os.utime
    swept: list[Path] = []

    def sweep_first(path: Path) -> None:
        if not swept:
            path.unlink()
            swept.append(path)
        touch(path)

    monkeypatch.setattr(os, "utime", sweep_first)
    vault.keep("one", DIGEST)
    assert swept
    vault.open(DIGEST).close()


def test_a_disk_that_fails_is_told_as_such(
    vault: FolderVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    filled(vault, b"abcdef")
    monkeypatch.setattr(os, "fsync", full)
    writing = vault.write("one")
    with pytest.raises(Unavailable, match="no_space"):
        writing.settle()
    writing.close()
    with pytest.raises(Unavailable, match="no_space"):
        vault.keep("one", DIGEST)
    with pytest.raises(NotFound):
        vault.keep("two", DIGEST[::-1])
