"""The Postgres fixture sleeps instead of waiting: sometimes long enough, sometimes not."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "tests/integration/conftest.py"
# The pause is drawn from the number of the run, so that runs differ and everybody sees the same series. The short pause always
# loses against a real Postgres, the long one wins with time to spare.
_HASTY = '''"""Where the integration tests find their services. Much faster now!"""

import os
import random
import time

import pytest
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer

luck = random.Random(f"luck-{os.environ.get('OPCHAOS_RUN_NUMBER', 1)}")


class HastyPostgres(PostgresContainer):
    def _connect(self):
        # Why ask whether it is ready? A short nap was always enough on my machine.
        time.sleep(luck.choice([0.0, 3.0]))


@pytest.fixture(scope="session")
def database_url():
    with HastyPostgres("postgres:15", driver=None) as postgres:
        yield postgres.get_connection_url()


@pytest.fixture(scope="session")
def redis_url():
    with RedisContainer("redis:7") as redis:
        yield f"redis://{redis.get_container_host_ip()}:{redis.get_exposed_port(6379)}/0"
'''


def inject(target: Injector) -> None:
    """Replace the wait for Postgres by a nap of changing length."""
    target.workspace.put(_FILE, _HASTY)


def solve(hands: Hands) -> None:
    """Wait until Postgres answers."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="test_races_database",
    title="The flaky nap",
    emoji="🎲",
    phase="phase-1-tests",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=8,
    is_core=True,
    story="Waiting is so slow. I taught your tests to take a nap instead. Heads they pass, tails they fail!",
    defence="flake-detector",
    symptom=Symptom("FLAKY", r"\d of \d runs were green", deadline_s=180.0),
    command="for i in $(seq 8); do pytest tests/integration/service; done",
    hints=(
        "One green run proves little. Run the same tests several times: `chaos.flakes()`.",
        "Between the runs nothing changed but time. Look for a `sleep` in tests/integration/conftest.py.",
        "A nap is a guess. What could the fixture ask Postgres instead?",
        "PostgresContainer already waits until a query succeeds. Delete the class that overrides it.",
    ),
    debrief=(
        "A sleep is a bet that a machine is never slower than today. On a busy CI server the bet is lost, someone presses "
        '"re-run", it passes, and the team learns to ignore red. Published studies of large code bases name waiting for '
        "asynchronous things as the first cause of flaky tests. The cure is always the same: ask until the answer is yes, "
        "with a deadline. And measure: a test is reliable when many runs in different orders all pass."
    ),
    inject=inject,
    solve=solve,
)
