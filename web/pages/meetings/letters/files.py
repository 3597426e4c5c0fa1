"""Files that a page hands over."""

from __future__ import annotations

from typing import Literal

from aiohttp import web

Kind = Literal["pdf", "docx"]
_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def file_answer(data: bytes, name: str, kind: Kind) -> web.Response:
    """A PDF is shown, a DOCX is kept; neither by a cache, since links may be in them."""
    how = "inline" if kind == "pdf" else "attachment"
    headers = {
        "Content-Type": _TYPES[kind],
        "Content-Disposition": f'{how}; filename="{name}.{kind}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=data, headers=headers)
