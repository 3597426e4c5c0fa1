"""The TLS of the pages: a trial's own certificate, or the files of the settings."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import ssl
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography import x509

from confhub.config import Settings
from confhub.errors import N_, BadInput
from confhub.hub.tls.lab import ensure_lab_certificate
from confhub.words.failures import why

log = logging.getLogger("confhub")

_NO_FILE = N_("tls = files cần tls_certificate: đường dẫn tới tệp chứng thư PEM.")
_UNREADABLE = N_("Không dùng được chứng thư TLS %(certificate)s, khóa %(key)s: %(error)s")
_LAB_UNREADABLE = N_("Không dùng được chứng thư thử nghiệm trong %(path)s: %(error)s")


class ServerTls:
    """`authority` and its SHA-256 `fingerprint` are those of a trial's certificate; `ends_at`: of
    the certificate in use."""

    def __init__(
        self,
        certificate: Path,
        key: Path,
        *,
        authority: Path | None = None,
        fingerprint: str = "",
    ) -> None:
        """Raises OSError or ValueError for files that cannot be used."""
        self.authority, self.fingerprint = authority, fingerprint
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._files = certificate, key
        self.ends_at = self._load(self.context)

    def renew(self) -> None:
        """Take what the files hold by now: whoever connects from here on meets it. Files that
        cannot be used leave the certificate in use as it is; BadInput names them."""
        with _explained(*self._files):
            self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))  # not by halves
            self.ends_at = self._load(self.context)
        log.info("the certificate of %s is in use, until %s", self._files[0], self.ends_at)

    def _load(self, context: ssl.SSLContext) -> dt.datetime:
        certificate, key = self._files
        # Without a password function OpenSSL would ask on the terminal, or hang without one.
        context.load_cert_chain(certificate, key, password=lambda: "")
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def open_tls(settings: Settings, names: Iterable[str], now: dt.datetime) -> ServerTls | None:
    """What `settings.tls` asks for; None when off. BadInput names the file that is wrong.

    `names` are this machine's names and addresses, for a trial's certificate.
    """
    if settings.tls == "off":
        return None
    if settings.tls == "lab":
        return _lab(Path(settings.data_dir) / "lab", names, now)
    if not settings.tls_certificate:
        raise BadInput(_NO_FILE, code="no_certificate")
    certificate = Path(settings.tls_certificate)
    key = Path(settings.tls_key) if settings.tls_key else certificate
    with _explained(certificate, key):
        return ServerTls(certificate, key)


@contextlib.contextmanager
def _explained(certificate: Path, key: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # SSLError is the first
        values = {
            "certificate": certificate,
            "key": key,
            "error": why(error) if isinstance(error, OSError) else error,
        }
        raise BadInput(_UNREADABLE, code="bad_certificate", values=values) from None


def _lab(folder: Path, names: Iterable[str], now: dt.datetime) -> ServerTls:
    try:
        lab = ensure_lab_certificate(folder, names, now)
        return ServerTls(
            lab.certificate, lab.key, authority=lab.authority, fingerprint=lab.fingerprint
        )
    except (OSError, ValueError) as error:
        raise BadInput(
            _LAB_UNREADABLE, code="bad_certificate", values={"path": folder, "error": error}
        ) from None
