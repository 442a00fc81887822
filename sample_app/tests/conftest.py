"""For all tests: settings that never come from the outer environment, clean services, and a way to wait."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg.rows import dict_row
from redis import Redis

from mission_control import cache
from mission_control.app import create_app
from mission_control.migrate import migrate
from mission_control.settings import PREFIX, Settings

# Seconds. A busy machine may stand still for a moment: only tests about outages may call that one.
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def no_outer_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must not pass, or fail, because of what is set in someone's shell."""
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture
def make_settings() -> Callable[..., Settings]:
    """Settings with addresses nobody listens on, unless a test says otherwise."""

    def make(**changes: object) -> Settings:
        values = {
            "database_url": "postgresql://nobody@127.0.0.1:1/nothing",
            "redis_url": "redis://127.0.0.1:1/0",
            "colour": "blue",
            "version": "1.2.3",
            "git_sha": None,
            "host": "127.0.0.1",
            "port": 0,
            "log_level": "info",
            "cache_ttl_s": 30,
            "startup_timeout_s": 5,
            "drain_s": 0,
            "shutdown_timeout_s": 5,
        }
        return Settings(**(values | changes))

    return make


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., None]:
    """Ask again and again until the answer is yes; fail when that takes too long."""

    def wait(is_true: Callable[[], bool], *, timeout_s: float = 10) -> None:
        give_up_at = time.monotonic() + timeout_s
        while not is_true():
            assert time.monotonic() < give_up_at, f"still not true after {timeout_s} s"
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def schema(database_url: str) -> None:
    """The tables are there."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        migrate(connection)


@pytest.fixture
def clean_state(schema: None, database_url: str, redis_url: str) -> None:
    """No test sees what another one left behind."""
    with psycopg.connect(database_url) as connection:
        connection.execute("TRUNCATE missions, agents RESTART IDENTITY")
    with Redis.from_url(redis_url, socket_timeout=PATIENCE_S) as redis:
        redis.flushdb()


@pytest.fixture
def settings(
    clean_state: None, make_settings: Callable[..., Settings], database_url: str, redis_url: str
) -> Settings:
    """The settings of a service that has all it needs."""
    return make_settings(database_url=database_url, redis_url=redis_url)


@pytest.fixture
def client(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of a running service that waits for a slow cache."""
    monkeypatch.setattr(cache, "TIMEOUT_S", PATIENCE_S)
    with TestClient(create_app(settings)) as client:
        yield client
