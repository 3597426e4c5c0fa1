"""The TLS of the pages: what the settings ask for, and which file is wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from confhub.config import Settings
from confhub.errors import BadInput
from confhub.hub.tls.lab import LabCertificate, ensure_lab_certificate
from confhub.hub.tls.server import open_tls

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
NAMES = ("localhost", "192.0.2.7")


@pytest.fixture
def made(tmp_path: Path) -> LabCertificate:
    """A certificate and key such as an authority hands out."""
    return ensure_lab_certificate(tmp_path / "handed out", NAMES, NOW)


def files(certificate: Path | str, key: Path | str = "") -> Settings:
    return Settings(tls="files", tls_certificate=str(certificate), tls_key=str(key))


def test_off_is_none() -> None:
    assert open_tls(Settings(), NAMES, NOW) is None


def test_a_trial_has_an_authority_to_install_and_a_fingerprint_to_compare(tmp_path: Path) -> None:
    tls = open_tls(Settings(data_dir=str(tmp_path), tls="lab"), NAMES, NOW)
    assert tls is not None
    assert tls.authority is not None
    assert tls.authority.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert len(tls.fingerprint.split(":")) == 32


def test_a_broken_trial_certificate_is_told(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    for name in ("authority.pem", "authority.key"):
        (tmp_path / "lab" / name).write_text("?")
    with pytest.raises(BadInput, match="lab"):
        open_tls(Settings(data_dir=str(tmp_path), tls="lab"), NAMES, NOW)


def test_files_are_taken_apart_or_in_one(made: LabCertificate, tmp_path: Path) -> None:
    assert open_tls(files(made.certificate, made.key), NAMES, NOW) is not None
    both = tmp_path / "both.pem"
    both.write_bytes(made.certificate.read_bytes() + made.key.read_bytes())
    assert open_tls(files(both), NAMES, NOW) is not None


def test_files_without_a_certificate_are_told() -> None:
    with pytest.raises(BadInput, match="tls_certificate"):
        open_tls(files(""), NAMES, NOW)


def test_a_missing_file_is_named(made: LabCertificate) -> None:
    with pytest.raises(BadInput, match=r"no\.pem.*không có tệp"):
        open_tls(files("/no.pem", made.key), NAMES, NOW)


def test_a_key_of_another_certificate_is_refused(made: LabCertificate, tmp_path: Path) -> None:
    other = ensure_lab_certificate(tmp_path / "other", NAMES, NOW)
    with pytest.raises(BadInput, match=r"server\.key"):
        open_tls(files(made.certificate, other.key), NAMES, NOW)


def test_a_file_that_is_no_certificate_is_refused(made: LabCertificate, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("mua giấy in\n", "utf-8")
    with pytest.raises(BadInput, match=r"notes\.txt"):
        open_tls(files(text, made.key), NAMES, NOW)


def test_a_key_under_a_password_is_refused_and_not_asked_for(
    made: LabCertificate, tmp_path: Path
) -> None:
    key = serialization.load_pem_private_key(made.key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        )
    )
    with pytest.raises(BadInput, match=r"locked\.key"):
        open_tls(files(made.certificate, locked), NAMES, NOW)


def test_a_renewed_certificate_is_taken_and_a_broken_one_is_not(
    made: LabCertificate, tmp_path: Path
) -> None:
    tls = open_tls(files(made.certificate, made.key), NAMES, NOW)
    assert tls is not None
    first = tls.ends_at
    later = ensure_lab_certificate(tmp_path / "later", NAMES, NOW + dt.timedelta(days=30))
    made.certificate.write_bytes(later.certificate.read_bytes())  # half of it
    with pytest.raises(BadInput, match=r"server\.key"):
        tls.renew()
    assert tls.ends_at == first
    made.key.write_bytes(later.key.read_bytes())
    tls.renew()
    assert tls.ends_at == first + dt.timedelta(days=30)
    made.certificate.unlink()
    with pytest.raises(BadInput):
        tls.renew()
    assert tls.ends_at == first + dt.timedelta(days=30)
