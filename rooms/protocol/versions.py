"""Which version of the protocol, and which of its features, a page and its hub speak. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from confhub.errors import N_, ConfhubError
from rooms.protocol.messages import OLDEST_VERSION, PROTOCOL_VERSION, Hello

# What came to version 1 after its first pages: a page uses it where the welcome names it.
FEATURES = frozenset({"requests"})


class OldPage(ConfhubError):
    code = "old_page"
    http_status = 426  # RFC 9110 section 15.5.22: come back speaking another protocol
    message = N_("Trang này đã cũ. Xin tải lại trang.")


class NewPage(OldPage):
    """The page came from a newer hub, before an upgrade was taken back or reached this one."""

    code = "new_page"
    message = N_(
        "Máy chủ họp đang chạy bản cũ hơn trang này. Xin tải lại trang; nếu vẫn không vào được, "
        "xin gọi cán bộ kỹ thuật."
    )


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one page and this hub have in common; the defaults are the first pages'."""

    version: int = OLDEST_VERSION
    features: tuple[str, ...] = ()


FIRST_PAGES = Spoken()


def agree(hello: Hello, features: Collection[str]) -> Spoken:
    """The newest version that both speak, and which of the hub's `features`.

    Raises OldPage or NewPage where there is none.
    """
    if hello.version < OLDEST_VERSION:
        raise OldPage
    oldest = hello.version if hello.oldest is None else hello.oldest
    if min(oldest, hello.version) > PROTOCOL_VERSION:
        raise NewPage
    both = sorted(set(hello.features).intersection(features))
    return Spoken(min(hello.version, PROTOCOL_VERSION), tuple(both))
