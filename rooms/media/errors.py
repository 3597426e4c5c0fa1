"""Errors of the media plane that reach a client."""

from __future__ import annotations

from confhub.errors import N_, ConfhubError


class BadDescription(ConfhubError):
    """A session description that cannot be read, or that asks for what the hub does not speak.

    `values["detail"]` names the line or the rule, in English, for the log and the technician.
    """

    code = "bad_description"
    http_status = 422
    message = N_("Mô tả phiên truyền (SDP) không hợp lệ: %(detail)s")

    def __init__(self, detail: str) -> None:
        super().__init__(values={"detail": detail})


class LitePeer(BadDescription):
    """Two ICE-lite agents wait for each other: neither ever checks a path (RFC 8445 section 6.1.1).

    A full agent would have to take over, which the hub is not.
    """

    message = N_(
        "Thiết bị chạy ICE-lite (a=ice-lite) như hệ thống, nên không bên nào dò đường truyền. "
        "Xin bật ICE đầy đủ (full ICE) trên thiết bị."
    )

    def __init__(self) -> None:
        super().__init__("a=ice-lite")
