"""For the integration tests: a real Postgres and a real Redis, started once, empty for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg.rows import dict_row
from redis import Redis
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer

from mission_control.app import create_app
from mission_control.migrate import migrate
from mission_control.settings import Settings


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A Postgres in a container, with the schema in place."""
    with PostgresContainer("postgres:15", driver=None) as postgres:
        url = postgres.get_connection_url()
        with psycopg.connect(url, row_factory=dict_row) as connection:
            migrate(connection)
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis in a container, at whatever port Docker found free."""
    with RedisContainer("redis:7") as redis:
        yield f"redis://{redis.get_container_host_ip()}:{redis.get_exposed_port(6379)}/0"


@pytest.fixture(autouse=True)
def clean_state(database_url: str, redis_url: str) -> None:
    """No test sees what another one left behind."""
    with psycopg.connect(database_url) as connection:
        connection.execute("TRUNCATE missions, agents RESTART IDENTITY")
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()


@pytest.fixture
def settings(make_settings: Callable[..., Settings], database_url: str, redis_url: str) -> Settings:
    """The settings of a service that has all it needs."""
    return make_settings(database_url=database_url, redis_url=redis_url)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A client of a running service."""
    with TestClient(create_app(settings)) as client:
        yield client
