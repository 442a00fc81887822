"""Put the service together."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime, timezone

from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse
from psycopg import OperationalError

from mission_control.cache import MissionCache, connect
from mission_control.database import open_pool
from mission_control.errors import Conflict, NotFound
from mission_control.metrics import MeasureRequests, Metrics
from mission_control.migrate import migrate
from mission_control.routes import missions, operations
from mission_control.settings import Settings


def utc_now() -> datetime:
    """The time, with a time zone."""
    return datetime.now(timezone.utc)


def random_seed() -> int:
    """A number nobody can guess."""
    return secrets.randbits(32)


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    new_seed: Callable[[], int] = random_seed,
) -> FastAPI:
    """Make the service. Connections are opened when it starts, not here.

    Args:
        settings: Everything that differs from one deployment to the next.
        clock: Says what time it is, with a time zone.
        new_seed: Gives the seed of a made-up codename.
    """
    app = FastAPI(
        title="Mission control",
        summary="Missions and the agents on them.",
        version=settings.version,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.new_seed = new_seed
    app.state.metrics = Metrics()
    app.state.is_draining = False
    app.add_middleware(MeasureRequests, metrics=app.state.metrics)
    app.include_router(operations.router)
    app.include_router(missions.router)
    app.add_exception_handler(NotFound, _answer_with(status.HTTP_404_NOT_FOUND))
    app.add_exception_handler(Conflict, _answer_with(status.HTTP_409_CONFLICT))
    app.add_exception_handler(OperationalError, _answer_database_down)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    database_url = settings.database_url.get_secret_value()
    redis_url = settings.redis_url.get_secret_value()
    with (
        open_pool(database_url, startup_timeout_s=settings.startup_timeout_s) as pool,
        closing(connect(redis_url)) as redis,
    ):
        with pool.connection() as connection:
            migrate(connection)
        app.state.pool = pool
        app.state.cache = MissionCache(redis, ttl_s=settings.cache_ttl_s, metrics=app.state.metrics)
        yield


def _answer_with(status_code: int) -> Callable[[Request, Exception], JSONResponse]:
    def answer(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code)

    return answer


def _answer_database_down(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse(
        {"detail": "The database does not answer. Try again soon."},
        status.HTTP_503_SERVICE_UNAVAILABLE,
        headers={"Retry-After": "1"},
    )
