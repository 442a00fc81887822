"""The keys that sign certificates: one of the participant, made at first use, and perhaps one of an instructor.

`<mission>/keys/` holds `participant.pem`, `instructor.pem` and, in `trusted/`, the public keys of others whose
certificates shall be believed. A private key can be read by its owner only, and is never overwritten.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chaos_lib import durable
from chaos_lib.certificate.record import Attestation
from chaos_lib.errors import InvalidInput, PermissionRefused

PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class Signer:
    """A private key, ready to sign.

    Attributes:
        public: Its public half, 32 bytes.
    """

    private: Ed25519PrivateKey
    public: bytes

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> Signer:
        """Return a signer for a key."""
        return cls(private, private.public_key().public_bytes_raw())

    @property
    def fingerprint(self) -> str:
        """The key's short name."""
        return fingerprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self.private.sign(message)


def fingerprint(public: bytes) -> str:
    """Return a public key's short name: sixteen hexadecimal digits in groups of four."""
    digits = hashlib.sha256(public).hexdigest()[:16]
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature was made by a key over a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class KeyStore:
    """The keys of one mission folder.

    Args:
        folder: Where they are; made at first use.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # Private keys

    def path(self, role: Attestation) -> Path:
        """Return where a role's private key is, or would be."""
        return self.folder / ("participant.pem" if role is Attestation.SELF else "instructor.pem")

    def participant(self) -> Signer:
        """Return the participant's key; it is made at first use.

        Raises:
            InvalidInput: The file there is no key.
            PermissionRefused: Others can read it.
        """
        path = self.path(Attestation.SELF)
        if not path.exists():
            _write_once(path, _pem(Ed25519PrivateKey.generate()))
        return self._read(path)

    def instructor(self) -> Signer | None:
        """Return the instructor's key, when one was imported.

        Raises:
            InvalidInput: The file there is no key.
            PermissionRefused: Others can read it.
        """
        path = self.path(Attestation.INSTRUCTOR)
        return self._read(path) if path.exists() else None

    def import_instructor(
        self, content: bytes, password: bytes | None = None, *, replaces: bool = False
    ) -> Signer:
        """Take over an instructor's private key.

        Args:
            content: A PEM file with an Ed25519 private key.
            password: When it is encrypted. What we keep is not.
            replaces: Whether another key that is there may be put aside (under its fingerprint, never deleted).

        Raises:
            InvalidInput: It is no such key, or another one is there already.
        """
        signer = Signer.of(parse_private(content, password))
        path = self.path(Attestation.INSTRUCTOR)
        if path.exists():
            known = self._read(path)
            if known.public == signer.public:
                return known
            if not replaces:
                raise InvalidInput(
                    "There is another instructor key already.",
                    evidence=f"{path} has the fingerprint {known.fingerprint}; the new one {signer.fingerprint}",
                    fix="With `--replace` the old one is put aside beside it.",
                )
            path.rename(path.with_name(f"instructor-{known.fingerprint}.pem"))
        _write_once(path, _pem(signer.private))
        return signer

    # Keys of others

    def trust(self, public: bytes, label: str) -> Path:
        """Remember whose key this is: certificates signed with it are believed from now on.

        Args:
            public: 32 bytes.
            label: Whose it is, for people.
        """
        folder = self.folder / "trusted"
        durable.make_folders(folder)
        path = folder / f"{fingerprint(public)}.pub"
        durable.write_bytes(
            path, f"{label.strip()}\n".encode() + public_pem(public), mode=0o644, draft_folder=folder
        )
        return path

    def trusted(self) -> Mapping[bytes, str]:
        """Return the public keys that are believed, each with whose it is."""
        found: dict[bytes, str] = {}
        for path in sorted((self.folder / "trusted").glob("*.pub")):
            label, _, pem = path.read_bytes().partition(b"\n")
            found[parse_public(pem)] = label.decode("utf-8", "replace")
        return found

    def own(self) -> Mapping[bytes, str]:
        """Return the public halves of the private keys here; none is made."""
        found: dict[bytes, str] = {}
        for role, label in ((Attestation.SELF, "this mission"), (Attestation.INSTRUCTOR, "this instructor")):
            path = self.path(role)
            if path.exists():
                found[self._read(path).public] = label
        return found

    def _read(self, path: Path) -> Signer:
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise PermissionRefused(
                "A private key can be read by others.",
                evidence=f"{path} has the permissions {mode:04o}",
                fix=f"`chmod 600 {path}`. If somebody else may have read it, move it away: a new one is made.",
            )
        return Signer.of(parse_private(path.read_bytes()))


def make_private_pem() -> bytes:
    """Return a new private key as a PEM file."""
    return _pem(Ed25519PrivateKey.generate())


def write_private(path: Path, content: bytes) -> None:
    """Write a private key to a new file that only its owner can read.

    Raises:
        InvalidInput: There is a file already.
    """
    if not _write_once(path, content):
        raise InvalidInput(
            "There is a file already, and a key is never overwritten.",
            evidence=str(path),
            fix="Choose another name.",
        )


def parse_private(content: bytes, password: bytes | None = None) -> Ed25519PrivateKey:
    """Read a PEM file with an Ed25519 private key.

    Raises:
        InvalidInput: It is none, or the password is wrong.
    """
    try:
        key = serialization.load_pem_private_key(content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise InvalidInput(
            "This is no private key that can be read.",
            evidence=str(exc),
            fix="Give a PEM file with an Ed25519 key: `opchaos certificate key make FILE` writes one. For one with a "
            "password set OPCHAOS_KEY_PASSWORD.",
        ) from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput(
            "This private key is of another kind.",
            evidence=type(key).__name__,
            fix="Certificates are signed with Ed25519: `opchaos certificate key make FILE` writes such a key.",
        )
    return key


def parse_public(content: bytes) -> bytes:
    """Read a PEM file with an Ed25519 public key, and return its 32 bytes.

    Raises:
        InvalidInput: It is none.
    """
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise InvalidInput(
            "This is no public key that can be read.",
            evidence=str(exc),
            fix="Give the PEM file that `opchaos certificate key show` prints.",
        ) from exc
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidInput(
            "This public key is of another kind.",
            evidence=type(key).__name__,
            fix="Give the Ed25519 key that `opchaos certificate key show` prints.",
        )
    return key.public_bytes_raw()


def public_pem(public: bytes) -> bytes:
    """Return a public key as a PEM file."""
    return Ed25519PublicKey.from_public_bytes(public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_once(path: Path, content: bytes) -> bool:
    """Create a file that only its owner can read; of two writers one wins. Returns whether it was us."""
    durable.make_folders(path.parent)
    draft = path.with_name(f".draft-{uuid.uuid4().hex}")
    try:
        with (
            durable.full_disk_told(path),
            os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream,
        ):
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # atomic, and never replaces
            durable.sync_folder(path.parent)
            return True
    finally:
        draft.unlink(missing_ok=True)
    return False
