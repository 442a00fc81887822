"""What the routes ask for. Tests put something else in place with `app.dependency_overrides`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from mission_control.cache import MissionCache
from mission_control.database import is_reachable
from mission_control.metrics import Metrics
from mission_control.missions import MissionStore
from mission_control.settings import Settings


def get_settings(request: Request) -> Settings:
    """The settings the app was made with."""
    settings: Settings = request.app.state.settings
    return settings


def get_metrics(request: Request) -> Metrics:
    """The app's own metrics."""
    metrics: Metrics = request.app.state.metrics
    return metrics


def get_store(request: Request) -> MissionStore:
    """The missions in Postgres."""
    return MissionStore(request.app.state.pool)


def get_cache(request: Request) -> MissionCache:
    """The cache in Redis."""
    cache: MissionCache = request.app.state.cache
    return cache


def get_now(request: Request) -> datetime:
    """The time of the request, with a time zone."""
    now: datetime = request.app.state.clock()
    return now


def get_new_seed(request: Request) -> Callable[[], int]:
    """Where chance comes from."""
    new_seed: Callable[[], int] = request.app.state.new_seed
    return new_seed


def get_reasons_not_ready(request: Request) -> list[str]:
    """Why no requests should be sent here; empty when all is well."""
    if request.app.state.is_draining:
        return ["The service is shutting down."]
    if not is_reachable(request.app.state.pool):
        return ["Postgres does not answer."]
    return []


SettingsNow = Annotated[Settings, Depends(get_settings)]
MetricsNow = Annotated[Metrics, Depends(get_metrics)]
Store = Annotated[MissionStore, Depends(get_store)]
Cache = Annotated[MissionCache, Depends(get_cache)]
Now = Annotated[datetime, Depends(get_now)]
NewSeed = Annotated[Callable[[], int], Depends(get_new_seed)]
ReasonsNotReady = Annotated[list[str], Depends(get_reasons_not_ready)]
