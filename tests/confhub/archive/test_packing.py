"""What is in an archive comes out of it whole, or not at all."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import tarfile
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from confhub.archive.manifest import FORM, HEAD, KEY, RECORD, TAIL, Head, Member, pack
from confhub.archive.packing import packing, unpack
from confhub.errors import BadInput, Conflict, Unavailable

NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
MADE = Head(NOW, "0.1.0", "sqlite", "0043", "f" * 64)
# Of what no paper in the tests has.
DIGEST = "ab" + "0" * 62


def packed(folder: Path, **members: bytes) -> bytes:
    out = io.BytesIO()
    with packing(out, MADE) as packer:
        for name, content in members.items():
            path = folder / "member"
            path.write_bytes(content)
            with path.open("rb") as file:
                packer.add(name, file)
    return out.getvalue()


def tar(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb") as plain,
        tarfile.open(fileobj=plain, mode="w|") as t,
    ):
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            t.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def contents(*members: tuple[str, bytes]) -> bytes:
    """As the tail has it, of a head before them."""
    of = ((HEAD, pack(MADE)), *members)
    return pack([Member(name, len(data), sha256(data).hexdigest()) for name, data in of])


WHOLE = ((RECORD, b"record"), (KEY, b"key"))


def test_what_went_in_comes_out(tmp_path: Path) -> None:
    data = packed(tmp_path, **{RECORD: b"r" * 3_000_000, KEY: b"k"})
    into = tmp_path / "out"
    into.mkdir()
    assert unpack(io.BytesIO(data), "a", into) == MADE
    assert (into / RECORD).read_bytes() == b"r" * 3_000_000
    assert (into / KEY).stat().st_mode & 0o777 == 0o600
    assert unpack(io.BytesIO(data), "a", None) == MADE


def test_no_archive_that_was_cut_off_or_changed_passes(tmp_path: Path) -> None:
    data = packed(tmp_path, **{RECORD: bytes(range(256)) * 20, KEY: b"k"})
    for end in [*range(0, len(data), 31), len(data) - 1]:
        with pytest.raises(BadInput):
            unpack(io.BytesIO(data[:end]), "a", None)
    plain = bytearray(gzip.decompress(data))
    for at in range(0, len(plain), 211):
        changed = bytearray(plain)
        changed[at] ^= 0x41
        try:
            assert unpack(io.BytesIO(gzip.compress(changed, 1)), "a", None) == MADE
        except (BadInput, Conflict):
            continue
        # Padding of the tar alone carries nothing.
        assert plain[at] == 0


@pytest.mark.parametrize(
    "members",
    [
        (),
        ((RECORD, b"record"), (HEAD, pack(MADE))),
        ((HEAD, b"{}"), *WHOLE, (TAIL, contents(*WHOLE))),
        ((HEAD, pack(MADE)), *WHOLE),  # no tail
        ((HEAD, pack(MADE)), (TAIL, contents())),  # nothing in it
        ((HEAD, pack(MADE)), *WHOLE, (TAIL, contents(WHOLE[0]))),
        ((HEAD, pack(MADE)), WHOLE[0], (TAIL, contents(*WHOLE))),
        ((HEAD, pack(MADE)), *WHOLE, (TAIL, contents(*WHOLE)), ("more", b"")),
        ((HEAD, pack(MADE)), *WHOLE, ("../secret.key", b"x"), (TAIL, contents(*WHOLE))),
        ((HEAD, pack(MADE)), *WHOLE, ("/etc/passwd", b"x"), (TAIL, contents(*WHOLE))),
        ((HEAD, pack(MADE)), *WHOLE, (f"papers/kept/ab/{DIGEST}", b"x"), (TAIL, contents(*WHOLE))),
    ],
)
def test_what_is_no_archive_of_ours_is_refused(
    tmp_path: Path, members: tuple[tuple[str, bytes], ...]
) -> None:
    into = tmp_path / "out"
    into.mkdir()
    with pytest.raises(BadInput):
        unpack(io.BytesIO(tar(*members)), "a", into)
    assert {path.name for path in tmp_path.rglob("*")} <= {
        "out",
        RECORD,
        KEY,
        "papers",
        "kept",
        "ab",
        DIGEST,
    }


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        entry = tarfile.TarInfo(HEAD)
        data = pack(MADE)
        entry.size = len(data)
        made.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo(RECORD)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
    with pytest.raises(BadInput):
        unpack(io.BytesIO(out.getvalue()), "a", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_of_a_later_form_says_so() -> None:
    later = msgspec.json.encode({"form": FORM + 1, "anything": 1})
    with pytest.raises(Conflict) as caught:
        unpack(io.BytesIO(tar((HEAD, later))), "a", None)
    assert caught.value.code == "archive_newer"


def test_a_disk_without_room_is_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as plain:
        for name, size in ((HEAD, len(pack(MADE))), (RECORD, 2**50)):
            entry = tarfile.TarInfo(name)
            entry.size = size
            plain.write(entry.tobuf(tarfile.PAX_FORMAT))
            if name == HEAD:
                plain.write(pack(MADE).ljust(-(-size // 512) * 512, b"\0"))
    with pytest.raises(Unavailable) as caught:
        unpack(io.BytesIO(out.getvalue()), "a", tmp_path)
    assert caught.value.code == "disk_full"
