"""The cluster's own certificate authority: made at the first start, trusted by nobody else."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_lib import durable

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_VALID = datetime.timedelta(days=365)
_EARLIER = datetime.timedelta(hours=1)  # a clock that is set back a little does no harm


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, PEM files.

    Attributes:
        certificate: Readable by all.
        key: Readable by its owner alone.
    """

    certificate: Path
    key: Path


class Authority:
    """Issues certificates into a folder.

    Args:
        folder: Holds `ca.crt`, `ca.key` and what was issued.
        now: The current time, with its zone.
    """

    def __init__(self, folder: Path, *, now: datetime.datetime | None = None) -> None:
        self._folder = folder
        self._now = now or datetime.datetime.now(tz=datetime.timezone.utc)

    @property
    def own(self) -> Pair:
        """The authority's own certificate and key."""
        return self._pair("ca")

    def found(self) -> None:
        """Make the authority, unless there is one that is valid."""
        if not self._is_valid(self.own):
            # What an older authority issued is worth nothing any more.
            for path in self._folder.glob("*.crt"):
                path.unlink()
            self._write(self.own, *self._make("opchaos-ca", (), (), is_server=False, issuer=None))

    def client(self, name: str, common_name: str, *, organizations: Sequence[str] = ()) -> Pair:
        """Return the certificate of a client, issued at first use.

        Args:
            name: Of the files.
            common_name: The user's name for Kubernetes.
            organizations: The user's groups.
        """
        pair = self._pair(name)
        if not self._is_valid(pair):
            self._write(
                pair, *self._make(common_name, organizations, (), is_server=False, issuer=self._issuer())
            )
        return pair

    def server(self, name: str, hosts: Sequence[str]) -> Pair:
        """Return a certificate for servers under these names and addresses; issued anew at every call."""
        pair = self._pair(name)
        self._write(pair, *self._make(name, (), hosts, is_server=True, issuer=self._issuer()))
        return pair

    def signing_key(self, name: str) -> Pair:
        """Return a key pair that signs service accounts' tokens; its certificate half is the public key."""
        from cryptography.hazmat.primitives.asymmetric import ec

        pair = Pair(self._folder / f"{name}.pub", self._folder / f"{name}.key")
        if not (pair.certificate.exists() and pair.key.exists()):
            key = ec.generate_private_key(ec.SECP256R1())
            self._write(pair, _public_pem(key), _private_pem(key))
        return pair

    def _pair(self, name: str) -> Pair:
        return Pair(self._folder / f"{name}.crt", self._folder / f"{name}.key")

    def _issuer(self) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key = load_pem_private_key(self.own.key.read_bytes(), password=None)
        assert isinstance(key, EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate(self.own.certificate.read_bytes()), key

    def _is_valid(self, pair: Pair) -> bool:
        from cryptography import x509

        if not (pair.certificate.exists() and pair.key.exists()):
            return False
        end = x509.load_pem_x509_certificate(pair.certificate.read_bytes()).not_valid_after_utc
        return end > self._now + datetime.timedelta(days=2)

    def _make(
        self,
        common_name: str,
        organizations: Sequence[str],
        hosts: Sequence[str],
        *,
        is_server: bool,
        issuer: tuple[x509.Certificate, EllipticCurvePrivateKey] | None,
    ) -> tuple[bytes, bytes]:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in organizations]
            + [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
        )
        is_authority = issuer is None
        issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _EARLIER)
            .not_valid_after(self._now + _VALID)
            .add_extension(
                x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=is_authority,
                    crl_sign=is_authority,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if not is_authority:
            usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
            if is_server:
                usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False
            )
        certificate = builder.sign(issuer_key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM), _private_pem(key)

    def _write(self, pair: Pair, certificate: bytes, key: bytes) -> None:
        durable.make_folders(self._folder)
        drafts = self._folder / "drafts"
        durable.write_bytes(pair.key, key, mode=0o600, draft_folder=drafts)
        durable.write_bytes(pair.certificate, certificate, mode=0o644, draft_folder=drafts)


def _alternative(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM,
        # Go's and OpenSSL's common ground for elliptic curves.
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _public_pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
