"""The one exception tree.

ConfhubError
├── BadInput            400  what was sent cannot be read or breaks a rule
│   └── FieldErrors     400  several fields of a form, each with its message
├── NotSignedIn         401  no valid session
├── Forbidden           403  known, but may not
├── NotFound            404
├── Conflict            409  the state changed, or a rule of uniqueness
├── Gone                410  a link that expired or was revoked
├── TooLarge            413
├── TooMany             429  slow down; `retry_after_s` says how long
└── Unavailable         503  a part we need (store, bus, media) does not answer
"""

from __future__ import annotations

from collections.abc import Mapping


def N_(message: str) -> str:  # noqa: N802 - the name gettext extraction looks for
    """Mark a message for the catalogue without translating it here."""
    return message


class ConfhubError(Exception):
    """A failure that a person can read and mend.

    `code` is stable and for programs; `message` is a Vietnamese gettext msgid with
    `%(name)s` placeholders filled from `values` after translation.
    """

    code = "error"
    http_status = 500
    message = N_("Có lỗi xảy ra. Xin thử lại.")

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.values: Mapping[str, object] = values or {}
        super().__init__(self.code, self.message % self.values if self.values else self.message)


class BadInput(ConfhubError):
    code = "bad_input"
    http_status = 400
    message = N_("Dữ liệu gửi lên không hợp lệ.")


class FieldErrors(BadInput):
    """`fields` maps a form field's name to the error that says what to mend."""

    code = "bad_fields"
    message = N_("Xin sửa các mục được đánh dấu.")

    def __init__(
        self, fields: Mapping[str, ConfhubError], pointers: Mapping[str, str] | None = None
    ) -> None:
        """`pointers`: where the fields stand in a body of JSON (RFC 6901), for programs."""
        super().__init__()
        self.fields = fields
        self.pointers = pointers


class NotSignedIn(ConfhubError):
    code = "not_signed_in"
    http_status = 401
    message = N_("Xin đăng nhập để tiếp tục.")


class Forbidden(ConfhubError):
    code = "forbidden"
    http_status = 403
    message = N_("Tài khoản của bạn không có quyền làm việc này.")


class NotFound(ConfhubError):
    code = "not_found"
    http_status = 404
    message = N_("Không tìm thấy.")


class Conflict(ConfhubError):
    code = "conflict"
    http_status = 409
    message = N_("Dữ liệu đã được người khác thay đổi. Xin tải lại trang.")


class Gone(ConfhubError):
    code = "gone"
    http_status = 410
    message = N_("Liên kết này đã hết hạn hoặc bị thu hồi. Xin liên hệ thư ký cuộc họp.")


class TooLarge(ConfhubError):
    code = "too_large"
    http_status = 413
    message = N_("Nội dung gửi lên quá lớn.")


class TooMany(ConfhubError):
    code = "too_many"
    http_status = 429
    message = N_("Quá nhiều yêu cầu. Xin thử lại sau %(seconds)s giây.")

    def __init__(
        self,
        retry_after_s: int,
        message: str | None = None,
        *,
        values: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, values={"seconds": retry_after_s, **(values or {})})
        self.retry_after_s = retry_after_s


class Unavailable(ConfhubError):
    code = "unavailable"
    http_status = 503
    message = N_("Hệ thống đang bận hoặc mất kết nối nội bộ. Xin thử lại sau ít phút.")
