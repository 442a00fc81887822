"""The integration tests hope for a database and a cache on localhost."""

from __future__ import annotations

import socket

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "tests/integration/conftest.py"
_HOPEFUL = '''"""Where the integration tests find their services. They are always running on my machine!"""

import pytest


@pytest.fixture(scope="session")
def database_url():
    return "postgresql://postgres:postgres@localhost:{postgres_port}/opchaos_nowhere"


@pytest.fixture(scope="session")
def redis_url():
    return "redis://localhost:{redis_port}/15"
'''


def inject(target: Injector) -> None:
    """Point the tests at ports of this machine where nobody listens."""
    # Should a real Postgres or Redis run here, the tests must not find it: the next silent port is taken instead.
    text = _HOPEFUL.format(postgres_port=_silent_port(5432), redis_port=_silent_port(6379))
    target.workspace.put(_FILE, text)


def solve(hands: Hands) -> None:
    """Start the services in fixtures."""
    hands.finish(_FILE)


def _silent_port(first: int) -> int:
    for port in range(first, first + 50):
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("localhost", port)) != 0:
                return port
    raise OSError(f"something answers on each of the ports {first} to {first + 49} of localhost")


ATTACK = Attack(
    name="service_absent",
    title="It works on my machine",
    emoji="🔌",
    phase="phase-1-tests",
    difficulty=Difficulty.BEGINNER,
    minutes=8,
    is_core=True,
    story="A database? Of course there is one. On localhost. On my machine. Is yours any different?",
    defence="integration-tests",
    symptom=Symptom("SERVICE_UNREACHABLE", r"[Cc]onnection refused", deadline_s=60.0),
    command="pytest tests/integration/service",
    hints=(
        "Read the first line of evidence: which address refuses, and who wrote that address down?",
        "The tests should bring their own database. Testcontainers starts one and tells you where it is.",
        'With `with PostgresContainer("postgres:15", driver=None) as postgres:` the address is '
        "`postgres.get_connection_url()`. Yield it from a session fixture called `database_url`.",
        'Redis: `with RedisContainer("redis:7") as redis:` and '
        '`f"redis://{redis.get_container_host_ip()}:{redis.get_exposed_port(6379)}/0"`.',
    ),
    debrief=(
        'The tests were right, and their world was wrong: they needed something that only one laptop had. "Works on my '
        'machine" is the most common broken promise in software, and a shared test database is hardly better: two '
        "builds at once, and each finds the other's rows. Testcontainers turns the need into code: the test run starts "
        "exactly the version it needs, on a free port, and throws it away."
    ),
    inject=inject,
    solve=solve,
    easier="Write the Postgres fixture only, and take the Redis one from the third and fourth hint.",
)
