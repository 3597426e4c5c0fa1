"""The TLS of the pages: a trial's own certificate, or the files of the settings."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from confhub.config import Settings
from confhub.errors import N_, BadInput
from confhub.hub.lab_tls import ensure_lab_certificate
from confhub.words.failures import why

_NO_FILE = N_("tls = files cần tls_certificate: đường dẫn tới tệp chứng thư PEM.")
_UNREADABLE = N_("Không dùng được chứng thư TLS %(certificate)s, khóa %(key)s: %(error)s")
_LAB_UNREADABLE = N_("Không dùng được chứng thư thử nghiệm trong %(path)s: %(error)s")


@dataclass(frozen=True, slots=True)
class ServerTls:
    """`authority` and its SHA-256 `fingerprint` are those of a trial's certificate."""

    context: ssl.SSLContext
    authority: Path | None = None
    fingerprint: str = ""


def open_tls(settings: Settings, names: Iterable[str], now: dt.datetime) -> ServerTls | None:
    """What `settings.tls` asks for; None when off. BadInput names the file that is wrong.

    `names` are this machine's names and addresses, for a trial's certificate.
    """
    if settings.tls == "off":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if settings.tls == "lab":
        return _lab(context, Path(settings.data_dir) / "lab", names, now)
    certificate, key = settings.tls_certificate, settings.tls_key
    if not certificate:
        raise BadInput(_NO_FILE, code="no_certificate")
    try:
        # Without a password function OpenSSL would ask on the terminal, or hang without one.
        context.load_cert_chain(certificate, key or None, password=lambda: "")
    except OSError as error:  # SSLError is one too
        raise BadInput(
            _UNREADABLE,
            code="bad_certificate",
            values={
                "certificate": certificate,
                "key": key or certificate,
                "error": why(error),
            },
        ) from None
    return ServerTls(context)


def _lab(
    context: ssl.SSLContext, folder: Path, names: Iterable[str], now: dt.datetime
) -> ServerTls:
    try:
        lab = ensure_lab_certificate(folder, names, now)
        context.load_cert_chain(lab.certificate, lab.key)
    except (OSError, ValueError) as error:
        raise BadInput(
            _LAB_UNREADABLE, code="bad_certificate", values={"path": folder, "error": error}
        ) from None
    return ServerTls(context, lab.authority, lab.fingerprint)
