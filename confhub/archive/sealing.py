"""Archives are sealed for whom the operator named (age, age-encryption.org/v1).

The hub knows the recipients' public keys only: what it has once sealed it cannot open again, nor
can who steals it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import x25519

from confhub.archive.manifest import torn
from confhub.errors import N_, BadInput

MAGIC = b"age-encryption.org/v1\n"

_BAD_RECIPIENT = N_("Khóa công khai “%(key)s” không đúng: cần dạng age1…, như “age-keygen” in ra.")
_BAD_IDENTITY = N_("Tệp %(path)s không có khóa riêng dạng AGE-SECRET-KEY-1… đọc được.")
_SEALED = N_("Bản sao lưu được mã hóa: xin chỉ tệp khóa riêng bằng --identity.")
_NOT_FOR = N_("Khóa riêng này không mở được bản sao lưu.")


def read_recipients(keys: Sequence[str]) -> list[x25519.Recipient]:
    """BadInput."""
    found = []
    for key in keys:
        try:
            found.append(x25519.Recipient.from_str(key))
        except pyrage.RecipientError as error:
            raise BadInput(_BAD_RECIPIENT, values={"key": key[:80]}) from error
    return found


def read_identities(path: Path) -> list[x25519.Identity]:
    """Of a file as `age-keygen` writes it; BadInput."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").split("\n")]
        keys = [line for line in lines if line and not line.startswith("#")]
        found = [x25519.Identity.from_str(key) for key in keys]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BadInput(_BAD_IDENTITY, values={"path": path}) from error
    if not found:
        raise BadInput(_BAD_IDENTITY, values={"path": path})
    return found


@contextlib.contextmanager
def sealed(out: BinaryIO, recipients: Sequence[x25519.Recipient]) -> Iterator[BinaryIO]:
    """What is written to the file that comes goes to `out`: sealed, or as it is for nobody."""
    if not recipients:
        yield out
        return
    reading, writing = os.pipe()

    def seal() -> None:
        with os.fdopen(reading, "rb") as plain:
            pyrage.encrypt_io(plain, out, recipients)

    with _beside(seal), os.fdopen(writing, "wb") as plain:
        yield plain


@contextlib.contextmanager
def opened(file: BinaryIO, identities: Sequence[x25519.Identity]) -> Iterator[BinaryIO]:
    """What an archive holds, sealed or not; BadInput where no identity opens it."""
    is_sealed = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    if not is_sealed:
        yield file
        return
    if not identities:
        raise BadInput(_SEALED, code="archive_sealed")
    reading, writing = os.pipe()

    def open_it() -> None:
        with os.fdopen(writing, "wb") as plain:
            try:
                pyrage.decrypt_io(file, plain, identities)
            except pyrage.DecryptError as error:
                raise BadInput(_NOT_FOR, code="archive_not_for") from error
            except BrokenPipeError:
                raise  # who reads has seen enough
            except OSError as error:
                raise torn(error) from error

    with _beside(open_it), os.fdopen(reading, "rb") as plain:
        yield plain


@contextlib.contextmanager
def _beside(work: Callable[[], None]) -> Iterator[None]:
    """`work` in a thread meanwhile; what it fails of comes first, for it is the cause."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="archive seal")
    thread.start()
    try:
        yield
    finally:
        thread.join()
        if failed and not isinstance(failed[0], BrokenPipeError):
            raise failed[0]
