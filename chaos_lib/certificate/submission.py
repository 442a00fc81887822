"""What a participant sends to a certificate service: name and events of the mission log, signed with their own key."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Literal

from chaos_lib.certificate import names
from chaos_lib.certificate.evidence import Evidence
from chaos_lib.certificate.keys import PUBLIC_BYTES, Signer, is_signed

Purpose = Literal["certificate", "progress"]
_DOMAIN = b"operation-chaos submission 1\0"


@dataclass(frozen=True)
class Submission:
    """A signed mission log.

    Attributes:
        name: The participant's.
        evidence: The events, one a line.
        public_key: Base64 of the participant's public key.
        signature: Base64 of the signature over purpose, name and events.
    """

    name: str
    evidence: str
    public_key: str
    signature: str

    @classmethod
    def make(cls, purpose: Purpose, name: str, evidence: Evidence, signer: Signer) -> Submission:
        """Sign a name and events for one purpose.

        Raises:
            InvalidInput: The name cannot be right.
        """
        clean = names.clean(name)
        signature = signer.sign(_message(purpose, clean, evidence.text))
        return cls(clean, evidence.text, _text(signer.public), _text(signature))

    @property
    def public(self) -> bytes:
        """The participant's public key; nothing when it is none."""
        raw = _bytes(self.public_key)
        return raw if len(raw) == PUBLIC_BYTES else b""

    def is_genuine(self, purpose: Purpose) -> bool:
        """Whether the holder of the key signed this, for this purpose."""
        return is_signed(self.public, _bytes(self.signature), _message(purpose, self.name, self.evidence))


def _message(purpose: Purpose, name: str, evidence: str) -> bytes:
    parts = (
        purpose.encode(),
        name.encode("utf-8", "surrogatepass"),
        evidence.encode("utf-8", "surrogatepass"),
    )
    return _DOMAIN + b"".join(hashlib.sha512(part).digest() for part in parts)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
