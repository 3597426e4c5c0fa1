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
