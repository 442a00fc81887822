"""The seal of a PDF: a signature over every byte of the file, by the key that signed the certificate.

It follows the document as comments, which every PDF reader passes over:

    %OPCHAOS1:…                 the signed certificate (see `signing`)
    %opchaos-seal:…             base64url of the signature over all bytes before this line
    startxref, number, %%EOF    again as in the document, for readers that look for them at the very end

What a page shows is bound to what was signed that way: nobody but the signer can change a stroke of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from chaos_lib.certificate.keys import SIGNATURE_BYTES, Signer, is_signed
from chaos_lib.certificate.signing import PREFIX, Certificate, parse
from chaos_lib.errors import CertificateInvalid

_DOMAIN = b"operation-chaos pdf 1\0"
_SEAL = b"%opchaos-seal:"
_LARGEST_TAIL = 10_240
_FIX = "Ask its holder for the PDF as it was issued; printing to a new PDF breaks the seal."
_TAIL = re.compile(
    rb"(?P<start>startxref\n(?P<offset>[0-9]{1,10})\n%%EOF\n)"
    rb"%(?P<token>" + PREFIX.encode() + rb"[A-Z2-7]+)\n" + _SEAL + rb"(?P<seal>[A-Za-z0-9_-]{86})\n"
    rb"startxref\n(?P<again>[0-9]{1,10})\n%%EOF\n\Z"
)
_END = re.compile(rb"startxref\n([0-9]{1,10})\n%%EOF\n\Z")


def seal(pdf: bytes, certificate: Certificate, signer: Signer) -> bytes:
    """Return a PDF with its seal.

    Args:
        pdf: The document, as it was made.
        certificate: What it shows.
        signer: The key that signed the certificate.
    """
    assert signer.public == certificate.public, "a certificate is sealed with the key that signed it"
    body = pdf.rstrip(b"\n") + b"\n"
    end = _END.search(body[-64:])
    assert end is not None, "the PDF does not end as PDFs do"
    sealed = body + b"%" + certificate.token.encode("ascii") + b"\n"
    signature = base64.urlsafe_b64encode(signer.sign(_message(sealed))).rstrip(b"=")
    return sealed + _SEAL + signature + b"\n" + end[0]


def open_seal(content: bytes) -> Certificate:
    """Verify a sealed PDF: every byte of it, and the certificate in it.

    Raises:
        CertificateInvalid: It has no seal, or anything of it was changed.
    """
    tail = _TAIL.search(content[-_LARGEST_TAIL:])
    if tail is None:
        raise CertificateInvalid(
            "This PDF has no seal of this workshop.",
            evidence="its end is not as a certificate's",
            fix=_FIX,
        )
    certificate = parse(tail["token"].decode("ascii"))
    sealed = content[: len(content) - len(tail[0]) + tail.start("seal") - len(_SEAL) - tail.start()]
    if tail["offset"] != tail["again"] or not is_signed(
        certificate.public, _signature(tail["seal"]), _message(sealed)
    ):
        raise CertificateInvalid(
            "This certificate was changed after it was signed.",
            evidence="the seal does not fit the bytes of the PDF",
            fix=_FIX,
        )
    return certificate


def _message(sealed: bytes) -> bytes:
    return _DOMAIN + hashlib.sha512(sealed).digest()


def _signature(text: bytes) -> bytes:
    """Return the signature; nothing when its text has another spelling than ours (stray bits at the end)."""
    try:
        raw = base64.urlsafe_b64decode(text + b"==")
    except (binascii.Error, ValueError):
        return b""
    if len(raw) != SIGNATURE_BYTES or base64.urlsafe_b64encode(raw).rstrip(b"=") != text:
        return b""
    return raw
