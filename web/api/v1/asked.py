"""What a program sends that changes something: its body, and which version it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from aiohttp import web

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from web.requests.form_body import NO_QUESTION, decoded, read_body
from web.requests.route import Header

Question = TypeVar("Question", bound=msgspec.Struct)

IF_MATCH = Header(
    "If-Match",
    "The ETag of what was looked at; * for whatever it is. 412 where it has changed since.",
    required=True,
    schema={"type": "string", "minLength": 1},
)

_RAW = web.RequestKey("raw", bytes)
# As msgspec ends what it says of a value.
_PLACE = re.compile(r"(.*?) - at `\$(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`", re.DOTALL)

_IS_MISSING = N_("Thiếu mục này.")
_IS_UNKNOWN = N_("Không có mục này.")
_IS_WRONG = N_("Giá trị không hợp lệ (%(reason)s).")
_NO_JSON = N_("Nội dung phải là JSON.")


class NoVersion(ConfhubError):
    code = "if_match_required"
    http_status = 428
    message = N_("Xin gửi tiêu đề If-Match kèm ETag của nội dung vừa đọc.")


class OldVersion(ConfhubError):
    code = "overtaken"
    http_status = 412
    message = N_("Nội dung đã thay đổi từ lúc được đọc nên chưa làm gì. Xin đọc lại rồi gửi lại.")


async def posted(request: web.Request, kind: type[Question]) -> Question:
    """The question that the route's row names; FieldErrors, which say where it is wrong."""
    body = request[_RAW] = await read_body(request)
    try:
        return decoded(request, kind, body)
    except NO_QUESTION as error:
        raise _placed(str(error)) from None


def raw_of(request: web.Request) -> bytes:
    """The body that `posted` read, as it came."""
    return request[_RAW]


def seen_version(request: web.Request, version: int) -> int:
    """The version that the request means, which is the present one; NoVersion, OldVersion."""
    asked = request.headers.get("If-Match", "").strip()
    if not asked:
        raise NoVersion
    tags = {one.strip() for one in asked.split(",")}
    if asked != "*" and f'"{version}"' not in tags:
        raise OldVersion
    return version


def placed(found: FieldErrors, places: Mapping[str, str]) -> FieldErrors:
    """Errors of a form's fields where a body has them: `places` of those that are called otherwise
    there. What has its place stays."""
    if found.pointers is not None:
        return found
    return FieldErrors(found.fields, {name: places.get(name, f"/{name}") for name in found.fields})


def _placed(said: str) -> FieldErrors:
    found = _PLACE.fullmatch(said)
    reason, path = found.groups() if found else (said, "")
    # $.agenda[0].title, and [...] for a key of a mapping
    pointer = re.sub(r"\[(\d+|\.\.\.)\]", r"/\1", path).replace(".", "/")
    error = BadInput(_IS_WRONG, values={"reason": reason})
    if missing := _MISSING.fullmatch(reason):
        pointer, error = f"{pointer}/{missing[1]}", BadInput(_IS_MISSING)
    elif unknown := _UNKNOWN.fullmatch(reason):
        escaped = unknown[1].replace("~", "~0").replace("/", "~1")
        pointer, error = f"{pointer}/{escaped}", BadInput(_IS_UNKNOWN)
    elif not found:
        error = BadInput(_NO_JSON)
    return FieldErrors({"body": error}, {"body": pointer})
