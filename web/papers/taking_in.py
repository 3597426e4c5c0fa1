"""A whole upload becomes a paper: what it is, that nothing is in it, then its place in the vault.

In this order, so that a hub that is killed at any step goes on where it was: the upload's bytes
stay until the paper is on record, and are under their digest before.
"""

from __future__ import annotations

from aiohttp import web

from confhub.config import Settings
from confhub.desks.papers import uploading
from confhub.desks.papers.uploading import Looked
from confhub.long_work import in_turn
from confhub.papers.disk import at_disk
from confhub.papers.kinds import LOCKED, MACRO, kind_of
from confhub.papers.paper import Upload, refusal
from confhub.papers.scanner import is_clean
from confhub.papers.vault import Vault, digest_of
from web.requests.auth import actor_of
from web.services import SERVICES


async def take_in(request: web.Request, vault: Vault, upload: Upload) -> None:
    """Refused for what is not kept; Unavailable while the scanner is away, and it stays whole."""
    services, actor = request.app[SERVICES], actor_of(request)
    settings = services.settings
    digest, kind = await in_turn(_look, vault, upload.id)
    code = ""
    if kind == MACRO:
        code = "paper_macro"
    elif kind == LOCKED:
        code = "paper_locked"
    elif kind not in settings.paper_kinds:
        code = "paper_kind"
    elif settings.clamd and not await _scan(vault, upload.id, settings):
        code = "paper_infected"
    if code:
        await uploading.refuse(services.store, actor, upload.id, code)
        await at_disk(vault.drop, upload.id)
        raise refusal(code, settings.paper_kinds)
    await at_disk(vault.keep, upload.id, digest)
    looked = Looked(digest, kind, is_scanned=bool(settings.clamd))
    await uploading.finish(services.store, actor, upload.id, looked)
    # Once more: a sweep that looked before the commit may have taken it for nobody's.
    await at_disk(vault.keep, upload.id, digest)
    await at_disk(vault.drop, upload.id)


def _look(vault: Vault, upload_id: str) -> tuple[str, str]:
    with vault.open_upload(upload_id) as file:
        kind = kind_of(file)
        file.seek(0)
        return digest_of(file), kind


async def _scan(vault: Vault, upload_id: str, settings: Settings) -> bool:
    with await at_disk(vault.open_upload, upload_id) as file:
        return await is_clean(settings.clamd, file, settings.clamd_timeout_s)
