"""The lab certificate: trusted through its own authority, and remade when it must be."""

from __future__ import annotations

import datetime as dt
import ssl
import stat
from pathlib import Path

from cryptography import x509
from cryptography.x509 import verification

from confhub.hub.tls.lab import ensure_lab_certificate

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
NAMES = ("localhost", "127.0.0.1", "2001:db8::1")


def test_server_certificate_verifies_against_the_authority(tmp_path: Path) -> None:
    made = ensure_lab_certificate(tmp_path / "lab", NAMES, NOW)
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    server = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store([authority]))
        .time(NOW)
        .build_server_verifier(x509.DNSName("localhost"))
    )
    assert verifier.verify(server, [])[-1] == authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)


def test_a_laptop_that_is_days_behind_trusts_a_certificate_made_just_now(tmp_path: Path) -> None:
    made = ensure_lab_certificate(tmp_path, NAMES, NOW)
    server = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    assert server.not_valid_before_utc <= NOW - dt.timedelta(days=3)
    # Browsers refuse more.
    assert server.not_valid_after_utc - server.not_valid_before_utc <= dt.timedelta(days=398)


def test_second_start_keeps_the_certificate(tmp_path: Path) -> None:
    first = ensure_lab_certificate(tmp_path, NAMES, NOW).certificate.read_bytes()
    assert ensure_lab_certificate(tmp_path, NAMES, NOW).certificate.read_bytes() == first


def test_new_address_or_age_makes_a_new_certificate_under_the_same_authority(
    tmp_path: Path,
) -> None:
    first = ensure_lab_certificate(tmp_path, NAMES, NOW)
    kept = (first.certificate.read_bytes(), first.fingerprint)
    moved = ensure_lab_certificate(tmp_path, (*NAMES, "192.0.2.7"), NOW)
    assert moved.certificate.read_bytes() != kept[0]
    assert moved.fingerprint == kept[1]
    kept_moved = moved.certificate.read_bytes()
    later = NOW + dt.timedelta(days=350)
    renewed = ensure_lab_certificate(tmp_path, (*NAMES, "192.0.2.7"), later)
    assert renewed.certificate.read_bytes() != kept_moved


def test_keys_are_readable_by_the_owner_only(tmp_path: Path) -> None:
    made = ensure_lab_certificate(tmp_path, NAMES, NOW)
    for key in (made.key, tmp_path / "authority.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
