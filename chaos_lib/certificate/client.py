"""Talks to a certificate service: asks for a certificate, syncs progress."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import httpx

from chaos_lib.certificate.keys import parse_public
from chaos_lib.certificate.signing import Certificate, parse
from chaos_lib.certificate.submission import Submission
from chaos_lib.certificate.verifying import verify
from chaos_lib.errors import CertificateInvalid, InvalidInput

_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class FromService:
    """A certificate that a service issued.

    Attributes:
        certificate: The certificate, verified.
        pdf: Its sealed PDF, verified.
        key: The public key that the service says it signs with.
    """

    certificate: Certificate
    pdf: bytes
    key: bytes


class Client:
    """One certificate service.

    Attributes:
        url: Its address.

    Args:
        url: Its address.
        class_code: What the instructor gave to the class; empty when none is needed.
        http: Sends the requests; given in tests.
    """

    def __init__(self, url: str, *, class_code: str = "", http: httpx.Client | None = None) -> None:
        self._http = http or httpx.Client(base_url=url, timeout=_TIMEOUT_S)
        self.url = url.rstrip("/")
        self._headers = {"x-class-code": class_code} if class_code else {}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def issue(self, submission: Submission, *, paper: str = "a4") -> FromService:
        """Ask for a certificate, fetch its PDF, and verify both.

        Raises:
            InvalidInput: The service does not answer, or refuses.
            CertificateInvalid: What it gave does not verify.
        """
        key = parse_public(self._json("GET", "/api/v1/key")["pem"].encode())
        certificate = parse(self._json("POST", "/api/v1/certificates", json=asdict(submission))["token"])
        answer = self._send("GET", f"/api/v1/certificates/{certificate.id}/pdf", params={"paper": paper})
        known = {key: "the certificate service"}
        if verify(answer.content, known).certificate != certificate or certificate.public != key:
            raise CertificateInvalid(
                "The service gave the PDF of another certificate.",
                evidence=self.url,
                fix="Tell whoever runs the service.",
            )
        return FromService(certificate, answer.content, key)

    def sync(self, submission: Submission) -> int:
        """Send the progress; returns the points that the service counts."""
        return int(self._json("PUT", "/api/v1/progress", json=asdict(submission))["score"])

    def _json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = self._send(method, path, **more)
        try:
            content = answer.json()
        except ValueError as exc:
            raise self._no_service(f"{path}: no JSON") from exc
        if not isinstance(content, dict):
            raise self._no_service(f"{path}: no JSON object")
        return content

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, headers=self._headers, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise InvalidInput(
                "The certificate service does not answer.",
                evidence=f"{self.url}: {exc}",
                fix="Ask your instructor for its address. `opchaos certificate issue` without it needs no network.",
            ) from exc
        if answer.is_success:
            return answer
        try:
            told = answer.json()
            what, evidence, fix = (str(told.get(field, "")) for field in ("what", "evidence", "fix"))
        except (ValueError, AttributeError):
            raise self._no_service(f"{path}: status {answer.status_code}") from None
        raise InvalidInput(f"The certificate service says: {what}", evidence=evidence, fix=fix)

    def _no_service(self, evidence: str) -> InvalidInput:
        return InvalidInput(
            "There is no certificate service at this address.",
            evidence=f"{self.url}{evidence}",
            fix="Ask your instructor for its address.",
        )
