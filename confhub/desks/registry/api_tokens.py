"""Use cases of access tokens: who administers a unit lets a program ask for it."""

from __future__ import annotations

from confhub.desks import rights
from confhub.errors import N_, Conflict, FieldErrors, NotFound
from confhub.people.actor import Actor
from confhub.people.api_token import ApiToken, check_count, wrong_fields
from confhub.store import Store


class AlreadyMade(Conflict):
    """By the same form; of its secret nobody keeps more than a hash."""

    code = "token_already_made"
    message = N_(
        "Mã này đã được tạo từ biểu mẫu này và không xem lại được. Nếu chưa kịp sao chép, xin thu"
        " hồi mã đó rồi tạo mã khác."
    )


async def make_token(store: Store, actor: Actor, api_token: ApiToken) -> None:
    """A new one of the actor's, under an id of the caller's. NotFound for who does not administer
    the unit, FieldErrors, AlreadyMade under an id that was used, Conflict where the unit has too
    many. It never opens more than its maker may, whatever its scopes say."""
    async with store.work(actor) as work:
        await rights.require_reach(work, "manage_accounts", api_token.unit_id)
        if api_token.account_id != actor.account_id:
            raise NotFound
        if await work.api_tokens.find(api_token.id) is not None:
            raise AlreadyMade
        wrong = wrong_fields(api_token.name, api_token.scopes, api_token.ends_at, actor.now)
        if wrong:
            raise FieldErrors(wrong)
        check_count(await work.api_tokens.count(api_token.unit_id, actor.now))
        await work.api_tokens.add(api_token)
        changes = {
            "name": (None, api_token.name),
            "scopes": (None, list(api_token.scopes)),
            "ends_at": (None, api_token.ends_at.isoformat()),
        }
        subject = api_token.unit_id
        await work.audit("token.made", subject=subject, detail=api_token.id, changes=changes)


async def revoke_token(store: Store, actor: Actor, unit_id: str, token_id: str) -> None:
    """It opens nothing any more; nothing happens if it did not before. NotFound."""
    async with store.work(actor) as work:
        await rights.require_reach(work, "manage_accounts", unit_id)
        token = await work.api_tokens.get(token_id)
        if token.unit_id != unit_id:
            raise NotFound
        if token.ended_at is not None:
            return
        await work.api_tokens.end(token_id, actor.now)
        changes = {"name": (token.name, None)}
        await work.audit("token.revoked", subject=unit_id, detail=token_id, changes=changes)
