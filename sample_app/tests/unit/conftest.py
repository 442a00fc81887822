"""For the unit tests: the app with stand-ins for Postgres and Redis, so that each test takes milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from mission_control.app import create_app
from mission_control.cache import MissionCache, connect
from mission_control.dependencies import get_reasons_not_ready, get_store
from mission_control.errors import NotFound
from mission_control.models import Mission
from mission_control.settings import Settings

NOW = datetime(2030, 1, 7, 12, 0, tzinfo=timezone.utc)  # a Monday


class MemoryStore:
    """Stands in for Postgres: it can plan missions and finds them again."""

    def __init__(self) -> None:
        self.missions: list[Mission] = []

    def newest(self) -> list[Mission]:
        return self.missions[::-1]

    def get(self, mission_id: int) -> Mission:
        if mission_id > len(self.missions):
            raise NotFound(f"There is no mission {mission_id}.")
        return self.missions[mission_id - 1]

    def add(self, codename: str, created_at: datetime) -> Mission:
        mission = Mission(
            id=len(self.missions) + 1, codename=codename, status="planned", created_at=created_at
        )
        self.missions.append(mission)
        return mission


def no_reasons() -> list[str]:
    """Stands in for asking Postgres: all is well."""
    return []


@pytest.fixture
def app(make_settings: Callable[..., Settings]) -> FastAPI:
    """The app at a fixed time, with a fixed seed and with Redis out of reach."""
    settings = make_settings()
    app = create_app(settings, clock=lambda: NOW, new_seed=lambda: 7)
    redis = connect(settings.redis_url.get_secret_value())
    app.state.cache = MissionCache(redis, ttl_s=30, metrics=app.state.metrics)
    store = MemoryStore()
    app.dependency_overrides[get_store] = lambda: store
    app.dependency_overrides[get_reasons_not_ready] = no_reasons
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A client of the app; nothing is started, so nothing is connected."""
    return TestClient(app)
