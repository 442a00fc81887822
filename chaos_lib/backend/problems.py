"""Refusals in three parts, as answers of the service; and which error becomes which status."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chaos_lib.backend.models import Problem
from chaos_lib.backend.service import NotGenuine
from chaos_lib.errors import CertificateRefused, ChaosError, InvalidInput


class NotFound(InvalidInput):
    """No certificate has this ID; said in the same words whether it is an ID or not."""


def problem(description: str) -> dict[str, Any]:
    """Return how a refusal is described in the OpenAPI."""
    return {"model": Problem, "description": description}


def refusal(status: int, what: str, evidence: str, fix: str) -> JSONResponse:
    """Return a refusal as an answer."""
    return JSONResponse(Problem(what=what, evidence=evidence, fix=fix).model_dump(), status_code=status)


async def _say_error(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, ChaosError)
    status = {NotGenuine: 403, NotFound: 404, CertificateRefused: 409}.get(type(exc))
    if status is None:
        status = 400 if isinstance(exc, InvalidInput) else 500
    return refusal(status, exc.what, exc.evidence, exc.fix)


async def _say_http(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    fix = "Ask your instructor for it." if exc.status_code == 401 else "See /docs."
    answer = refusal(exc.status_code, str(exc.detail), "", fix)
    answer.headers.update(exc.headers or {})
    return answer


async def _say_not_as_described(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    first = exc.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return refusal(422, "The request is not as described.", f"{where}: {first['msg']}", "See /docs.")


HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    ChaosError: _say_error,
    HTTPException: _say_http,
    RequestValidationError: _say_not_as_described,
}
