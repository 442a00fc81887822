"""The participant's side against services that misbehave."""

from __future__ import annotations

import httpx
import pytest
from fastapi.testclient import TestClient

from chaos_lib.certificate.client import Client
from chaos_lib.certificate.evidence import Evidence
from chaos_lib.certificate.submission import Submission
from chaos_lib.errors import CertificateInvalid, InvalidInput
from tests.certificate.conftest import signer

from .conftest import CODE, events


def sent(name: str = "Ada") -> Submission:
    return Submission.make("certificate", name, Evidence.of(events()), signer(5))


def answering(handler: httpx.MockTransport) -> Client:
    return Client(
        "https://certs.example.org",
        http=httpx.Client(base_url="https://certs.example.org", transport=handler),
    )


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (httpx.Response(200, text="<html>a shop</html>"), "There is no certificate service"),
        (httpx.Response(200, json=[1]), "There is no certificate service"),
        (httpx.Response(502, text="bad gateway"), "There is no certificate service"),
        (
            httpx.Response(409, json={"what": "Nothing.", "evidence": "e", "fix": "f"}),
            "The certificate service says: Nothing.",
        ),
    ],
)
def test_what_is_no_service_or_refuses_is_told(answer: httpx.Response, what: str) -> None:
    client = answering(httpx.MockTransport(lambda _: answer))

    with pytest.raises(InvalidInput, match=what):
        client.issue(sent())


def test_a_service_that_gives_the_pdf_of_another_is_caught(client: TestClient) -> None:
    other = Client("http://testserver", class_code=CODE["x-class-code"], http=client).issue(sent("Mallory"))  # type: ignore[arg-type]

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/pdf"):
            return httpx.Response(200, content=other.pdf)
        passed = client.request(
            request.method, request.url.path, content=request.content, headers=dict(request.headers)
        )
        return httpx.Response(passed.status_code, content=passed.content)

    forged = Client(
        "http://testserver",
        class_code=CODE["x-class-code"],
        http=httpx.Client(base_url="http://testserver", transport=httpx.MockTransport(handler)),
    )
    with pytest.raises(CertificateInvalid, match="PDF of another certificate"):
        forged.issue(sent())
