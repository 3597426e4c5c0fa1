"""What every message of either side has in common, and what answers one. Pure.

Within a version of the protocol either side passes over fields that it does not know: a newer
peer may say more.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

PROTOCOL_VERSION = 1
OLDEST_VERSION = 1  # of a page that is still served; pages live through an upgrade of their hub

# Twice as many as anybody has thought of.
FeatureNames = Annotated[tuple[Annotated[str, Meta(max_length=32)], ...], Meta(max_length=64)]
RequestId = Annotated[str, Meta(max_length=36)]  # a UUID as text fits


class ClientMessage(msgspec.Struct, frozen=True, kw_only=True):
    """With `request`, the answer or the problem repeats it; what has no answer gets `done`."""

    request: RequestId | None = None


class HubMessage(msgspec.Struct, frozen=True):
    """A page passes over types and fields that it does not know: a newer hub may say more."""

    def key(self) -> Hashable | None:
        """What the message tells the present state of: a newer one of the same key takes its
        place while it waits. None: every single one counts."""
        return None


class RoomNews(HubMessage, frozen=True, kw_only=True):
    """Tells of the room as it is after act number `seq` of its log; a socket's never falls."""

    seq: int | UnsetType = UNSET  # the room's shell puts it in


class Answering(HubMessage, frozen=True, kw_only=True):
    """Repeats the `request` of the message that it answers, if that had one."""

    request: str | UnsetType = UNSET


def repeated(request: str | None) -> str | UnsetType:
    """`request` of an answer to a message with this one: an answer to none has no such field."""
    return UNSET if request is None else request


class Done(Answering, tag="done", frozen=True):
    """A message with a `request` and no answer of its own was carried out."""


class Problem(Answering, tag="problem", frozen=True):
    """A message could not be carried out; the socket stays open. `about` is its type."""

    code: str
    message: str  # in the client's language
    about: str | None = None


def done(message: ClientMessage) -> Done | None:
    """The answer to a message that has none of its own, if it asks for one."""
    return None if message.request is None else Done(request=message.request)
