"""Says whether a certificate is genuine: nothing changed since it was signed, and by whom it was signed.

A signature proves that the holder of a key said this. Who that is, the signature does not know. So an unknown key is enough
for a certificate that says "self-attested", because nobody else vouches for it; for one that says "instructor-attested"
the key must be known: an own one, one that was trusted by name, or one that is given along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chaos_lib.certificate import document, seal, signing
from chaos_lib.certificate.evidence import Evidence, result, worth_of_checks
from chaos_lib.certificate.record import Attestation
from chaos_lib.certificate.signing import Certificate
from chaos_lib.errors import CertificateInvalid

Source = Literal["PDF", "JSON", "QR text", "ID"]
LARGEST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Verified:
    """A certificate that verifies.

    Attributes:
        certificate: What was signed.
        source: What was looked at. A PDF is verified in every byte.
        signer: Whose key it is, as far as that is known; empty when it is not.
    """

    certificate: Certificate
    source: Source
    signer: str

    @property
    def is_signer_known(self) -> bool:
        """Whether the key is known."""
        return bool(self.signer)

    @property
    def meaning(self) -> str:
        """What that is worth, in one sentence."""
        if self.certificate.record.attestation is Attestation.INSTRUCTOR:
            return f"Nothing was changed since {self.signer} signed it."
        if self.is_signer_known:
            return f"Nothing was changed since it was signed with the key of {self.signer}; its holder vouches for it."
        return "Nothing was changed since it was signed; only its holder vouches for it, with a key not known here."


def verify(content: bytes, known: Mapping[bytes, str]) -> Verified:
    """Verify a PDF, a JSON file or the text of a QR code.

    Args:
        content: The bytes of the file, whole.
        known: Public keys that are believed, each with whose it is.

    Raises:
        CertificateInvalid: It is no certificate, it was changed, or it says that an instructor vouches for it and the
            key is not known.
    """
    if content.startswith(b"%PDF-"):
        return judge(seal.open_seal(content), "PDF", known)
    if content.lstrip()[:1] == b"{":
        return judge(document.from_json(content), "JSON", known)
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as exc:
        raise CertificateInvalid(
            "This is no certificate of this workshop.",
            evidence=f"neither PDF nor JSON nor the text of a QR code: {exc.reason}",
            fix="Give the certificate's PDF.",
        ) from exc
    # A text file ends with a line end; nothing else may be around it. A service's QR code has its address before.
    line = text[:-1] if text.endswith("\n") else text
    return judge(
        signing.parse(line[line.find(signing.PREFIX) :] if line.startswith("HTTP") else line),
        "QR text",
        known,
    )


def judge(certificate: Certificate, source: Source, known: Mapping[bytes, str]) -> Verified:
    """Say whose certificate this is.

    Raises:
        CertificateInvalid: It says that an instructor vouches for it, and the key is not known.
    """
    signer = known.get(certificate.public, "")
    if certificate.record.attestation is Attestation.INSTRUCTOR and not signer:
        raise CertificateInvalid(
            "It says that an instructor vouches for it, but the key is not known here.",
            evidence=f"signed with {certificate.fingerprint}; known: {', '.join(known.values()) or 'none'}",
            fix="Get the instructor's public key from the instructor, not from the certificate's holder, and give it with "
            "`--key FILE`, or trust it for good with `opchaos certificate key import FILE`.",
        )
    return Verified(certificate, source, signer)


def require_evidence(certificate: Certificate, text: str) -> None:
    """Verify that these events are the ones that a certificate was issued for, and that they show its result.

    Raises:
        CertificateInvalid: They are not, or do not.
        InvalidInput: They cannot be read.
    """
    evidence = Evidence(text)
    record = certificate.record
    if evidence.digest != record.evidence:
        raise CertificateInvalid(
            "These are not the events that this certificate was issued for.",
            evidence=f"their digest is {evidence.digest[:16]}…, the certificate says {record.evidence[:16]}…",
            fix="Give the file with the certificate's ID that ends with .evidence.jsonl, unchanged.",
        )
    shown = result(evidence.events(), worth=worth_of_checks())
    if (shown.score, shown.tier) != (record.score, record.tier):
        raise CertificateInvalid(
            "These events show another result in this version of the workshop.",
            evidence=f"they show {shown.score} points on {shown.tier.value}, the certificate says {record.score} on "
            f"{record.tier.value}",
            fix="Verify with the version that issued it, if it is another one.",
        )
