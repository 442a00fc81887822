"""The service as an HTTP application."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, FastAPI, File, Query, Request, Response, Security, UploadFile
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException

from chaos_lib.backend import pages
from chaos_lib.backend.database import ProgressRow, open_database
from chaos_lib.backend.gates import Headers, RateLimit, SizeLimit
from chaos_lib.backend.models import (
    CertificateId,
    CertificateOut,
    HealthOut,
    KeyOut,
    ProgressOut,
    SubmissionIn,
    VerificationOut,
)
from chaos_lib.backend.problems import HANDLERS, NotFound, problem, refusal
from chaos_lib.backend.service import Service
from chaos_lib.backend.settings import BackendSettings
from chaos_lib.certificate.keys import public_pem
from chaos_lib.certificate.layout import Paper
from chaos_lib.certificate.signing import ID_PATTERN
from chaos_lib.certificate.submission import Submission
from chaos_lib.certificate.verifying import Verified, judge
from chaos_lib.errors import CertificateInvalid

_PDF = "application/pdf"


def create_app(settings: BackendSettings, service: Service | None = None) -> FastAPI:
    """Return the application.

    Args:
        settings: Its settings.
        service: What it offers; by default one on the database of the settings.

    Raises:
        InvalidInput: The database cannot be opened.
    """
    desk = service or Service(settings, open_database(settings.database_url))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.database.close()

    app = FastAPI(
        title="Operation Chaos: certificates",
        summary="Issues certificates for signed mission logs, and verifies them.",
        version="1",
        lifespan=lifespan,
        redoc_url=None,
        responses={429: problem("Asked too often")},
    )
    app.add_middleware(SizeLimit, largest_bytes=settings.largest_body_bytes)
    app.add_middleware(RateLimit, write_limit=settings.write_limit, read_limit=settings.read_limit)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PUT"],
        allow_headers=["content-type", "x-class-code"],
    )
    app.add_middleware(Headers)
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    _add_api(app, desk)
    _add_pages(app, desk)
    return app


def _add_api(app: FastAPI, desk: Service) -> None:
    settings = desk.settings
    for_class = _codes("x-class-code", settings.class_code.get_secret_value(), "ClassCode")
    for_instructor = _codes(
        "x-instructor-code", settings.instructor_code.get_secret_value(), "InstructorCode"
    )
    writes: dict[int | str, dict[str, Any]] = {
        400: problem("Name or events cannot be right"),
        403: problem("The signature does not fit"),
        413: problem("Too large"),
        422: problem("Not as described"),
    }
    if for_class:
        writes[401] = problem("The class code is missing or wrong")

    @app.get("/health", tags=["service"])
    def health() -> HealthOut:
        """Whether the service and its database answer."""
        desk.database.token("")
        return HealthOut(status="ok")

    @app.get("/api/v1/key", tags=["service"])
    def key() -> KeyOut:
        """The public key that certificates of this service are signed with."""
        pem = public_pem(desk.signer.public).decode("ascii")
        return KeyOut(fingerprint=desk.signer.fingerprint, attestation=desk.attestation.value, pem=pem)

    @app.post(
        "/api/v1/certificates",
        status_code=201,
        tags=["certificates"],
        dependencies=for_class,
        responses={**writes, 200: {"model": CertificateOut, "description": "It was issued before"},
                   409: problem("The events show nothing that a certificate could say")},
    )  # fmt: skip
    def issue(submission: SubmissionIn, response: Response) -> CertificateOut:
        """Issue a certificate for a mission log that its participant signed.

        Score, phases and tier follow from the events. Sent again, it gives the same certificate.
        """
        certificate, is_new = desk.issue(Submission(**submission.model_dump()))
        response.status_code = 201 if is_new else 200
        return CertificateOut.of(certificate)

    missing: dict[int | str, dict[str, Any]] = {
        404: problem("There is none with this ID"),
        422: problem("That is no ID"),
    }

    @app.get("/api/v1/certificates/{certificate_id}", tags=["certificates"], responses=missing)
    def show(certificate_id: CertificateId) -> CertificateOut:
        """A certificate by its completion ID. IDs cannot be guessed or listed."""
        return CertificateOut.of(_found(desk, certificate_id))

    @app.get(
        "/api/v1/certificates/{certificate_id}/pdf",
        tags=["certificates"],
        response_class=Response,
        responses={
            **missing,
            200: {
                "content": {_PDF: {"schema": {"type": "string", "format": "binary"}}},
                "description": "The sealed PDF",
            },
            410: problem("It was signed with a key that the service no longer has"),
        },
    )
    def fetch_pdf(certificate_id: CertificateId, paper: Paper = Paper.A4) -> Response:
        """The certificate's PDF, sealed in every byte."""
        content = desk.pdf(_found(desk, certificate_id), paper)
        if content is None:
            return refusal(
                410,
                "This certificate was signed with a key that the service no longer has.",
                "",
                "Use your own copy.",
            )
        disposition = f'attachment; filename="{certificate_id}.pdf"'
        return Response(content, media_type=_PDF, headers={"content-disposition": disposition})

    @app.post(
        "/api/v1/verifications",
        tags=["certificates"],
        responses={413: problem("Too large")},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def verify(request: Request) -> VerificationOut:
        """Verify a PDF, a JSON file or the text of a QR code, sent as it is. It is not kept."""
        return _verification(desk.verify(await request.body()))

    @app.put("/api/v1/progress", tags=["progress"], dependencies=for_class, responses=writes)
    def sync(submission: SubmissionIn) -> ProgressOut:
        """Note how far a participant is. An older log than the one that is known changes nothing."""
        return _progress(desk.sync(Submission(**submission.model_dump())))

    if for_instructor:

        @app.get(
            "/api/v1/progress",
            tags=["progress"],
            dependencies=for_instructor,
            responses={
                401: problem("The instructor's code is missing or wrong"),
                422: problem("Not as described"),
            },
        )
        def progress(
            limit: Annotated[int, Query(ge=1, le=500)] = 100,
            offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        ) -> list[ProgressOut]:
            """How far the class is, the highest score first."""
            return [_progress(row) for row in desk.progress(limit=limit, offset=offset)]


def _add_pages(app: FastAPI, desk: Service) -> None:
    page: dict[str, Any] = {"response_class": HTMLResponse, "tags": ["pages"]}

    unknown: dict[int | str, dict[str, Any]] = {
        404: {"content": {"text/html": {}}, "description": "There is none with this ID"}
    }

    @app.get("/verify", **page, responses=unknown)
    def ask(id: str | None = None) -> HTMLResponse:  # noqa: A002
        """The page where a certificate is looked up, or its file verified."""
        return HTMLResponse(pages.ask()) if id is None else _page_of(desk, id.strip())

    @app.post("/verify", include_in_schema=False, **page)
    async def upload(file: Annotated[UploadFile, File()]) -> HTMLResponse:
        """The page of a file that was uploaded."""
        told = desk.verify(await file.read())
        return _told(told, is_stored=False)

    @app.get(
        "/verify/{certificate_id}", **page, responses={404: {"description": "There is none with this ID"}}
    )
    def verify_page(certificate_id: str) -> HTMLResponse:
        """The page of a certificate by its completion ID."""
        return _page_of(desk, certificate_id)

    @app.get("/V/{token}", include_in_schema=False, **page)
    def scanned(token: str) -> HTMLResponse:
        """The page of a certificate whose QR code was scanned; it need not have been issued here."""
        return _told(desk.verify(token.encode("utf-8", "replace")), is_stored=False)


def _page_of(desk: Service, certificate_id: str) -> HTMLResponse:
    try:
        certificate = _found(desk, certificate_id)
        return _told(judge(certificate, "ID", desk.known_keys), is_stored=True)
    except CertificateInvalid as exc:
        return _told(exc, is_stored=False)
    except NotFound as exc:
        return HTMLResponse(pages.not_verified(exc), status_code=404)


def _told(told: Verified | CertificateInvalid, *, is_stored: bool) -> HTMLResponse:
    if isinstance(told, Verified):
        return HTMLResponse(pages.verified(told, is_stored=is_stored))
    return HTMLResponse(pages.not_verified(told))


def _found(desk: Service, certificate_id: str) -> Any:
    certificate = desk.find(certificate_id) if ID_PATTERN.fullmatch(certificate_id) else None
    if certificate is None:
        raise NotFound(
            "No certificate with this ID was issued here.",
            fix="Copy the ID from the certificate, or verify its file.",
        )
    return certificate


def _verification(told: Verified | CertificateInvalid) -> VerificationOut:
    if isinstance(told, Verified):
        return VerificationOut(
            is_valid=True, reason=told.meaning, certificate=CertificateOut.of(told.certificate)
        )
    return VerificationOut(is_valid=False, reason=f"{told.what} {told.evidence}")


def _progress(row: ProgressRow) -> ProgressOut:
    return ProgressOut(**{**asdict(row), "phases": row.phases.split()})


def _codes(header: str, expected: str, scheme: str) -> list[Any]:
    """Return what lets a request pass only with a code; nothing when there is no code."""
    if not expected:
        return []
    key = APIKeyHeader(name=header, scheme_name=scheme, auto_error=False)

    def require(given: str | None = Security(key)) -> None:
        # Compared in constant time: how long it takes tells nothing about the code.
        if not hmac.compare_digest((given or "").encode(), expected.encode()):
            raise HTTPException(401, "The code is missing or wrong.")

    return [Depends(require)]
