"""A certificate for a trial on a local network: our own small authority and a server key.

Browsers give camera and microphone only to secure pages, so a trial on a LAN needs TLS.
The authority is made once and can be installed on the trial's machines; the server
certificate is made anew when this machine's addresses change or it nears its end.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650  # a lab's life; installed by hand, so it should not run out
SERVER_DAYS = 365  # browsers refuse server certificates over 398 days
RENEW_BEFORE_DAYS = 30
# Old laptops' clocks are behind; with it a server certificate stays under those 398 days.
_SKEW = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LabCertificate:
    authority: Path  # to install as trusted on the trial's machines
    certificate: Path
    key: Path
    fingerprint: str  # SHA-256 of the authority, to compare by eye


def ensure_lab_certificate(folder: Path, names: Iterable[str], now: dt.datetime) -> LabCertificate:
    """Make what is missing or stale in `folder`; `names` are host names and IP addresses."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_path, authority_key_path = folder / "authority.pem", folder / "authority.key"
    certificate_path, key_path = folder / "server.pem", folder / "server.key"
    if authority_path.exists() and authority_key_path.exists():
        authority = x509.load_pem_x509_certificate(authority_path.read_bytes())
        authority_key = _load_key(authority_key_path)
    else:
        authority_key = ec.generate_private_key(ec.SECP256R1())
        authority = _make_authority(authority_key, now)
        _write_key(authority_key_path, authority_key)
        authority_path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        certificate_path.unlink(missing_ok=True)
    wanted = frozenset(names)
    if not (key_path.exists() and _is_current(certificate_path, wanted, now)):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _make_server(key, authority, authority_key, wanted, now)
        _write_key(key_path, key)
        certificate_path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + authority.public_bytes(serialization.Encoding.PEM)
        )
    fingerprint = authority.fingerprint(hashes.SHA256()).hex(":").upper()
    return LabCertificate(authority_path, certificate_path, key_path, fingerprint)


def _make_authority(key: ec.EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "confhub lab authority")])
    return (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _make_server(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: frozenset[str],
    now: dt.datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "confhub lab")])
    return (
        _builder(subject, authority.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(n) for n in sorted(names)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_current(path: Path, names: frozenset[str], now: dt.datetime) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    if certificate.not_valid_after_utc - dt.timedelta(days=RENEW_BEFORE_DAYS) < now:
        return False
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(n.value) for n in extension.value} == names


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} does not hold an EC key")
    return key


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Written with its final permission from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
