"""The tests insist on one port of the machine, and somebody else is there first."""

from __future__ import annotations

import socket

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "tests/integration/conftest.py"
_FIRST_PORT = 16379
_STUBBORN = '''"""Where the integration tests find their services. Always at the same place, so tidy!"""

import pytest
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer


@pytest.fixture(scope="session")
def database_url():
    with PostgresContainer("postgres:15", driver=None) as postgres:
        yield postgres.get_connection_url()


@pytest.fixture(scope="session")
def redis_url():
    with RedisContainer("redis:7").with_bind_ports(6379, {port}) as redis:
        yield f"redis://{{redis.get_container_host_ip()}}:{port}/0"
'''


def inject(target: Injector) -> None:
    """Let the Redis fixture insist on a port, and put another Redis there."""
    # A port that is free now: nothing of the participant's is in the way, and nothing of it is touched.
    port = _free_port()
    target.workspace.put(_FILE, _STUBBORN.format(port=port))
    target.containers.take_port(port)


def solve(hands: Hands) -> None:
    """Let Docker choose the port, and ask which it is."""
    hands.finish(_FILE)


def _free_port() -> int:
    for port in range(_FIRST_PORT, _FIRST_PORT + 200):
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return port
    raise OSError(f"none of the ports {_FIRST_PORT} to {_FIRST_PORT + 199} is free")


ATTACK = Attack(
    name="port_taken",
    title="My port now",
    emoji="⚓",
    phase="phase-1-tests",
    difficulty=Difficulty.BEGINNER,
    minutes=5,
    is_core=False,
    story="What a lovely port number you have there. So easy to remember! I moved in this morning.",
    defence="integration-tests",
    symptom=Symptom("PORT_TAKEN", r"port is already allocated|address already in use", deadline_s=60.0),
    command="pytest tests/integration/service; docker ps",
    hints=(
        "Read the evidence: which port is in use? `docker ps` shows who holds it.",
        "You could stop the other container. But then it is the port of your editor, or of a second test run.",
        "Look for `with_bind_ports` in tests/integration/conftest.py: that is the line that insists.",
        'Start `RedisContainer("redis:7")` without it, and ask for the address: `redis.get_container_host_ip()` and '
        "`redis.get_exposed_port(6379)`.",
    ),
    debrief=(
        "A fixed port works until two things want it: two builds on one CI machine, a database left running, a tool "
        "that listens there. This class of incident is resource contention, and a fixed port has a nasty brother: "
        "nothing fails, and the tests talk to another server and delete its data. Let the system choose a free port and "
        "ask which one it is. Then a hundred test runs fit on one machine."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
