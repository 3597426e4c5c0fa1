"""Uploads of papers by the tus protocol, 1.0.0: core, creation, termination (tus.io).

What comes before a line breaks is kept, and told: the next request goes on from there. One whole
upload is looked at in the request that brought its end, or in the next that asks about it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from aiohttp import web

from confhub.desks.papers import uploading
from confhub.errors import N_, BadInput, ConfhubError, NotFound
from confhub.identity import is_id, new_id
from confhub.papers.choice import limits_of, vault_of
from confhub.papers.disk import at_disk
from confhub.papers.paper import AUDIENCES, Audience, Shown, Upload, check_size, refusal
from web.meetings.access import see_meeting
from web.papers.receiving import RECEIVERS, OtherOffset, receive
from web.papers.taking_in import take_in
from web.requests.auth import actor_of, require_viewer
from web.requests.route import Answer, Api, Body
from web.services import SERVICES

VERSION = "1.0.0"
TYPE = "application/offset+octet-stream"
# One request may bring a whole file; how large that may be is the settings'.
PIECE = Body((TYPE,), 2048 * 1024 * 1024)
# Names, levels and the paper's id, in base64.
_LONGEST_METADATA = 4096
_MOST_DIGITS = 12

HEADERS = ("Tus-Resumable", "Upload-Offset", "Upload-Length")
BEGIN = Api(
    "A file is announced (tus 1.0.0, creation): Upload-Length, and Upload-Metadata with name,"
    " shown (all, levels, host), levels, paper (the id of the one whose next version it is)",
    {201: Answer("Where to send it.", headers=("Location", "Tus-Resumable"))},
    errors=(400, 404, 409, 412, 413),
)
ASKED = Api(
    "How much of the file has come (tus 1.0.0); by HEAD",
    {200: Answer("So much.", headers=HEADERS)},
    errors=(404, 412, 422, 423),
)
SENT = Api(
    "A piece of the file, from where it stands (tus 1.0.0)",
    {204: Answer("So much of it has come.", headers=HEADERS)},
    errors=(400, 404, 409, 412, 422, 423),
)
GIVEN_UP = Api(
    "The upload is given up (tus 1.0.0, termination); not one that is taken in",
    {204: Answer("Nothing is kept of it.", headers=("Tus-Resumable",))},
    errors=(404, 409, 412),
)


class OtherVersion(ConfhubError):
    code = "tus_version"
    http_status = 412
    message = N_("Yêu cầu phải theo giao thức tus 1.0.0.")


async def begin(request: web.Request) -> web.Response:
    """POST /api/meetings/{meeting_id}/papers"""
    await see_meeting(request, to_change=True)
    _check_version(request)
    services, actor = request.app[SERVICES], actor_of(request)
    vault = vault_of(services.settings)
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    upload = Upload(
        new_id(),
        request.match_info["meeting_id"],
        actor.account_id,
        said.get("name", said.get("filename", "")),
        _number(request, "Upload-Length"),
        Shown(_audience(said.get("shown", "all")), tuple(said.get("levels", "").split())),
        services.clock(),
        said.get("paper", ""),
    )
    limits = limits_of(services.settings)
    check_size(upload.size, limits)  # or one that never would be taken asks for more disk
    await at_disk(vault.check_space, upload.size)
    begun = await uploading.begin(services.store, actor, upload, limits)
    for gone in begun.given_up:  # or files announced again and again would fill the disk
        await request.app[RECEIVERS].end(gone)
        await at_disk(vault.drop, gone)
    await at_disk(vault.begin, begun.upload.id)
    return _answer(201, Location=f"/api/papers/{begun.upload.id}")


async def ask(request: web.Request) -> web.Response:
    """HEAD /api/papers/{upload_id}"""
    upload = await _own(request)
    _check_version(request)
    vault = vault_of(request.app[SERVICES].settings)
    if upload.is_over:
        return _so_far(request, upload, upload.size, 200)
    async with request.app[RECEIVERS].alone(request, upload):
        upload = await _own(request)
        if upload.is_over:
            return _so_far(request, upload, upload.size, 200)
        came = await at_disk(vault.size, upload.id)
        if came == upload.size:  # whoever sent its end did not wait for the answer
            await take_in(request, vault, upload)
        return _so_far(request, upload, came, 200)


async def send(request: web.Request) -> web.Response:
    """PATCH /api/papers/{upload_id}"""
    upload = await _own(request)
    _check_version(request)
    offset, vault = _number(request, "Upload-Offset"), vault_of(request.app[SERVICES].settings)
    if upload.is_over:
        return _over(request, upload, offset)
    async with request.app[RECEIVERS].alone(request, upload) as patience:
        upload = await _own(request)  # somebody before may have sent its end
        if upload.is_over:
            return _over(request, upload, offset)
        came = await receive(request, vault, upload, offset, patience)
        if came == upload.size:
            await take_in(request, vault, upload)
        return _so_far(request, upload, came, 204)


async def give_up(request: web.Request) -> web.Response:
    """DELETE /api/papers/{upload_id}"""
    services, upload = request.app[SERVICES], await _own(request)
    _check_version(request)
    async with request.app[RECEIVERS].alone(request, upload):
        await uploading.give_up(services.store, actor_of(request), upload.id)
        await at_disk(vault_of(services.settings).drop, upload.id)
    return _answer(204)


async def mark(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` signal: refusals too say which protocol is spoken."""
    if "Tus-Resumable" in request.headers:
        response.headers["Tus-Resumable"] = VERSION
        if response.status == OtherVersion.http_status:
            response.headers["Tus-Version"] = VERSION


def _over(request: web.Request, upload: Upload, offset: int) -> web.Response:
    if offset != upload.size or request.content_length:
        raise OtherOffset
    return _so_far(request, upload, upload.size, 204)


def _so_far(request: web.Request, upload: Upload, came: int, status: int) -> web.Response:
    if upload.refused:
        raise refusal(upload.refused, request.app[SERVICES].settings.paper_kinds)
    sizes = {"Upload-Offset": str(came), "Upload-Length": str(upload.size)}
    return _answer(status, **sizes)


def _answer(status: int, **headers: str) -> web.Response:
    return web.Response(status=status, headers={"Tus-Resumable": VERSION, **headers})


async def _own(request: web.Request) -> Upload:
    """NotFound for somebody else's."""
    upload_id = request.match_info["upload_id"]
    if not is_id(upload_id):
        raise NotFound
    upload = await request.app[SERVICES].store.papers.upload(upload_id)
    if upload.account_id != require_viewer(request).account.id:
        raise NotFound
    return upload


def _check_version(request: web.Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise OtherVersion


def _number(request: web.Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise BadInput
    return int(text)


def _audience(text: str) -> Audience:
    found = next((one for one in AUDIENCES if one == text), None)
    if found is None:
        raise BadInput
    return found


def _metadata(header: str) -> Mapping[str, str]:
    """Pairs of a word and a text in base64, or a word alone; BadInput."""
    found: dict[str, str] = {}
    if len(header) > _LONGEST_METADATA:
        raise BadInput
    for pair in filter(None, (one.strip() for one in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BadInput from None
    return found
