"""Where the integration tests find their services: each test run starts its own, and throws them away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A Postgres in a container; Testcontainers waits until it answers a query."""
    with PostgresContainer("postgres:15", driver=None) as postgres:
        yield postgres.get_connection_url()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis in a container, at whatever port Docker found free."""
    with RedisContainer("redis:7") as redis:
        yield f"redis://{redis.get_container_host_ip()}:{redis.get_exposed_port(6379)}/0"
