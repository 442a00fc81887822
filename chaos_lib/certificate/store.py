"""The certificates that were issued here: PDF, JSON and evidence, one set of files a certificate, named by its ID."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos_lib import durable
from chaos_lib.certificate import document
from chaos_lib.certificate.signing import ID_PATTERN, Certificate
from chaos_lib.errors import CertificateInvalid, InvalidInput


@dataclass(frozen=True)
class Kept:
    """Where a certificate is.

    Attributes:
        pdf: The PDF.
        json: The same as JSON.
        evidence: The events that its digest is of.
    """

    pdf: Path
    json: Path
    evidence: Path


class Store:
    """The issued certificates of one mission folder.

    Args:
        folder: Where they are; made at first use.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def paths(self, certificate_id: str) -> Kept:
        """Return where a certificate is, or would be.

        Raises:
            InvalidInput: That is no ID.
        """
        if not ID_PATTERN.fullmatch(certificate_id):
            raise InvalidInput(
                f"`{certificate_id[:60]}` is no completion ID.",
                evidence="an ID looks like OC-7Q2ZK-40T3M-9XA1B-C5D6E, in capitals",
                fix="Copy it from the certificate, or give the PDF itself.",
            )
        base = self.folder / certificate_id
        return Kept(base.with_suffix(".pdf"), base.with_suffix(".json"), base.with_suffix(".evidence.jsonl"))

    def keep(self, certificate: Certificate, pdf: bytes, evidence: str) -> Kept:
        """Write a certificate's files; what verification needs comes last."""
        paths = self.paths(certificate.id)
        durable.make_folders(self.folder)
        for path, content in (
            (paths.evidence, evidence.encode("utf-8")),
            (paths.pdf, pdf),
            (paths.json, document.to_json(certificate)),
        ):
            durable.write_bytes(path, content, mode=0o644, draft_folder=self.folder)
        return paths

    def find(self, certificate_id: str) -> Certificate:
        """Return an issued certificate by its ID, verified.

        Raises:
            InvalidInput: That is no ID, or none with it was issued here.
            CertificateInvalid: Its file was changed.
        """
        path = self.paths(certificate_id).json
        if not path.exists():
            raise InvalidInput(
                f"No certificate {certificate_id} was issued here.",
                evidence=str(self.folder),
                fix="An ID alone proves nothing elsewhere: give the PDF, or the text of its QR code. A certificate from "
                "a class's certificate service can be looked up there.",
            )
        certificate = document.from_json(path.read_bytes())
        if certificate.id != certificate_id:
            raise CertificateInvalid(
                "This certificate is not the one that its file is named after.",
                evidence=f"{path} holds {certificate.id}",
                fix="Give the PDF itself.",
            )
        return certificate

    def all(self) -> Sequence[Certificate]:
        """Return every issued certificate that verifies, oldest first."""
        found = []
        for path in sorted(self.folder.glob("OC-*.json")):
            try:
                found.append(document.from_json(path.read_bytes()))
            except CertificateInvalid:
                continue  # `verify` tells which; a list of the sound ones is still of use
        return sorted(found, key=lambda each: (each.record.issued_at, each.id))
