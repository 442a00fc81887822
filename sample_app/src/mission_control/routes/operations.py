"""What operators and machines ask: is it alive, is it ready, what is it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response, status
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from mission_control.dependencies import Cache, MetricsNow, ReasonsNotReady, SettingsNow
from mission_control.status_page import render_status_page

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """The process is alive."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether requests should be sent here.

    Attributes:
        cache: `degraded` while Redis is down, which is no reason to send no requests.
        reasons: Why the service is not ready.
    """

    status: Literal["ready", "not ready"]
    cache: Literal["ok", "degraded"]
    reasons: list[str]


class Version(BaseModel):
    """Which deployment answers."""

    version: str
    colour: str
    git_sha: str | None


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def show_status_page(settings: SettingsNow, cache: Cache) -> str:
    """A page for people."""
    return render_status_page(settings, cache.count_page_view())


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Health:
    """Asks nobody else: a restart cures a stuck process, not a database that is down.

    It is the one `async` endpoint: it answers even when all worker threads are busy.
    """
    return Health()


@router.get(
    "/readyz",
    summary="Should requests be sent here?",
    responses={503: {"model": Readiness, "description": "No; the reasons are listed."}},
)
def readyz(reasons: ReasonsNotReady, cache: Cache, response: Response) -> Readiness:
    """Yes, when Postgres answers. Without Redis the service is slower, but ready."""
    if reasons:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Readiness(
        status="not ready" if reasons else "ready",
        cache="ok" if cache.is_reachable() else "degraded",
        reasons=reasons,
    )


@router.get("/version", summary="Which deployment answers?")
async def version(settings: SettingsNow) -> Version:
    """Release, colour and, if known, commit."""
    return Version(version=settings.version, colour=settings.colour, git_sha=settings.git_sha)


@router.get("/metrics", summary="Numbers for Prometheus", response_class=Response)
def metrics(metrics: MetricsNow) -> Response:
    """Requests, latency and cache use in Prometheus' text format."""
    return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)
