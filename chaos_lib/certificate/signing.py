"""The signed certificate: key, signature and record in one text, and the ID that is derived from it.

The text is what the QR code carries: `OPCHAOS1:` and the base32 of the public key (32 bytes), the signature (64 bytes) and
the record. It needs nothing else to be verified. It has exactly one spelling: another case, padding or a stray bit is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from chaos_lib.certificate.keys import PUBLIC_BYTES, SIGNATURE_BYTES, Signer, fingerprint, is_signed
from chaos_lib.certificate.record import Record
from chaos_lib.errors import CertificateInvalid

PREFIX = "OPCHAOS1:"
ID_PATTERN = re.compile(r"OC(-[0-9A-HJKMNP-TV-Z]{5}){4}")
# Crockford's alphabet: no I, L, O, U, which people misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DOMAIN = b"operation-chaos certificate 1\0"
_ID_DOMAIN = b"operation-chaos certificate id 1\0"
_LARGEST_TEXT = 8192
_FIX = "Ask its holder for the PDF as it was issued."


@dataclass(frozen=True)
class Certificate:
    """A record with the signature over it; made by `sign` and `parse` only, so it always verifies.

    Attributes:
        record: What it says.
        public: The public key that signed it.
        token: The whole of it as one text.
    """

    record: Record
    public: bytes
    token: str

    @property
    def id(self) -> str:
        """The completion ID: 100 bits of a hash over record, key and signature, such as `OC-7Q2ZK-…`."""
        number = (
            int.from_bytes(hashlib.sha256(_ID_DOMAIN + self.token.encode("ascii")).digest()[:13], "big") >> 4
        )
        digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(95, -1, -5))
        return "-".join(["OC", *(digits[start : start + 5] for start in range(0, 20, 5))])

    @property
    def fingerprint(self) -> str:
        """The short name of the key that signed it."""
        return fingerprint(self.public)


def sign(record: Record, signer: Signer) -> Certificate:
    """Sign a record."""
    content = record.encode()
    signature = signer.sign(_DOMAIN + signer.public + content)
    return Certificate(record, signer.public, _text(signer.public + signature + content))


def parse(token: str) -> Certificate:
    """Read and verify a signed certificate.

    Raises:
        CertificateInvalid: It is none, or anything of it was changed.
    """
    if not token.startswith(PREFIX) or len(token) > _LARGEST_TEXT:
        raise CertificateInvalid(
            "This is no certificate of this workshop.",
            evidence=f"it begins with {token[:20]!r}, not with {PREFIX}",
            fix=_FIX,
        )
    encoded = token[len(PREFIX) :]
    try:
        raw = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
    except (binascii.Error, ValueError) as exc:
        raise _changed(f"its text is no base32: {exc}") from exc
    public, rest = raw[:PUBLIC_BYTES], raw[PUBLIC_BYTES:]
    signature, content = rest[:SIGNATURE_BYTES], rest[SIGNATURE_BYTES:]
    if _text(raw) != token or not is_signed(public, signature, _DOMAIN + public + content):
        raise _changed(f"the signature of the key {fingerprint(public)} does not fit what it says")
    return Certificate(Record.decode(content), public, token)


def _text(raw: bytes) -> str:
    return PREFIX + base64.b32encode(raw).decode("ascii").rstrip("=")


def _changed(evidence: str) -> CertificateInvalid:
    return CertificateInvalid(
        "This certificate was changed after it was signed.", evidence=evidence, fix=_FIX
    )
