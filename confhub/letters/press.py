"""Documents set by typst, each by a process of its own with an end to its time."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import logging
import sys
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from confhub.errors import N_, Unavailable
from confhub.letters.issued import Issued, Kept, Template
from confhub.turns import ASKER, Turns

log = logging.getLogger(__name__)

# A letter takes half a second, the sheets of a province two; many times as long where meetings,
# which go first, leave little of the machine.
LONGEST_S = 60.0
# One at a time, at a low weight: sound and pictures come first. Who waits behind thirty others
# would wait for longer than a browser does.
_PRESS = Turns(1, 30)
_TYPESET = Path(__file__).with_name("typeset.py")
_NOT_SET = N_("Chưa tạo được tệp PDF. Xin thử lại sau ít phút.")

_OTHER_TEMPLATE = N_(
    "Mẫu in của giấy mời này đã bị sửa trong bản cài đặt nên không in lại được nguyên văn. Xin báo"
    " người quản trị máy chủ; bản DOCX vẫn tải được."
)

Standard = Literal["a-2b", "1.7"]


@cache
def template(name: str) -> Template:
    """As it stands in this installation."""
    file = Path(__file__).with_name(f"{name}.typ")
    return Template(name, hashlib.sha256(file.read_bytes()).hexdigest())


class OtherTemplate(Unavailable):
    """A letter was issued with another template than stands under its name now."""


async def issued(letter: Issued, kept: Kept) -> bytes:
    """As it was issued; the same bytes each time, as long as typst and the fonts stay. Unavailable;
    OtherTemplate."""
    by = letter.template
    if template(by.name) != by:
        log.error("letter %s was issued with another %s than there is now", letter.id, by.name)
        raise OtherTemplate(_OTHER_TEMPLATE, code="other_template")
    return await pdf(by.name, kept.letter, letter.issued_at, "a-2b")


async def pdf(name: str, data: msgspec.Struct, made_at: dt.datetime, standard: Standard) -> bytes:
    """The document of the template `name`; the same data at the same moment are the same bytes.

    "a-2b" is PDF/A, for what is kept; it has no sign that the fonts have not. Unavailable.
    """
    texts = msgspec.json.encode(data)
    command = (str(_TYPESET), name, standard, str(int(made_at.timestamp())))
    async with _PRESS.turn(*ASKER.get()):
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", *command, stdin=pipe, stdout=pipe, stderr=pipe
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                made, said = await process.communicate(texts)
        except TimeoutError:
            log.error("typst took more than %.0f s for %s", LONGEST_S, name)
            raise Unavailable(_NOT_SET, code="not_set") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
    if process.returncode:
        log.error("typst made no %s: %s", name, said.decode(errors="replace")[-2000:])
        raise Unavailable(_NOT_SET, code="not_set")
    return made
