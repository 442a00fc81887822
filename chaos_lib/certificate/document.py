"""The certificate as JSON: what is attached to the PDF, and kept in the store of issued certificates."""

from __future__ import annotations

import json

from chaos_lib.certificate.signing import Certificate, parse
from chaos_lib.errors import CertificateInvalid

FORMAT = "operation-chaos-certificate"


def to_json(certificate: Certificate) -> bytes:
    """Return the JSON file of a certificate; it has exactly one spelling."""
    content = {
        "format": FORMAT,
        "id": certificate.id,
        "record": certificate.record.to_mapping(),
        "signed_with": certificate.fingerprint,
        "token": certificate.token,
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def from_json(content: bytes) -> Certificate:
    """Read and verify a JSON file.

    The signed token in it says everything; the readable part must be the very same, byte for byte.

    Raises:
        CertificateInvalid: It is none, or anything of it was changed.
    """
    try:
        token = json.loads(content)["token"]
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise CertificateInvalid(
            "This is no certificate of this workshop.",
            evidence=f"it is no JSON with a token: {exc}",
            fix="Ask its holder for the PDF as it was issued.",
        ) from exc
    certificate = parse(token if isinstance(token, str) else "")
    if to_json(certificate) != content:
        raise CertificateInvalid(
            "This certificate was changed after it was signed.",
            evidence="what the file says is not what was signed",
            fix="Ask its holder for the PDF as it was issued.",
        )
    return certificate
