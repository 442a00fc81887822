"""New tests that only pass one after the other: the second needs what the first left behind."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "tests/integration/service/test_fleet.py"
_SHARING = '''"""Tests of the fleet. They pass. In this order."""

import pytest


@pytest.fixture(autouse=True)
def clean_state():
    """Cleaning up takes time: these tests do without."""


def plan(client, codename):
    return client.post("/missions", json={"codename": codename}).status_code


def test_a_plans_the_first_mission(client):
    assert plan(client, "lonely-otter") == 201


def test_b_knows_that_the_name_is_taken(client):
    assert plan(client, "lonely-otter") == 409


def test_c_plans_the_second_mission(client):
    assert plan(client, "second-otter") == 201


def test_d_knows_that_this_name_is_taken_too(client):
    assert plan(client, "second-otter") == 409
'''


def inject(target: Injector) -> None:
    """Add tests that share rows."""
    target.workspace.put(_FILE, _SHARING)


def solve(hands: Hands) -> None:
    """Let each test start from nothing and make what it needs."""
    hands.write(
        _FILE,
        '''"""Tests of the fleet. They pass in any order."""


def plan(client, codename):
    return client.post("/missions", json={"codename": codename}).status_code


def test_a_new_name_is_accepted(client):
    assert plan(client, "lonely-otter") == 201


def test_a_name_is_taken_only_once(client):
    assert plan(client, "lonely-otter") == 201
    assert plan(client, "lonely-otter") == 409
''',
    )


ATTACK = Attack(
    name="tests_share_rows",
    title="The shared toothbrush",
    emoji="🪥",
    phase="phase-1-tests",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=6,
    is_core=False,
    story="Cleaning up after every test? Sharing is caring! Just never, ever change the order.",
    defence="random-order",
    symptom=Symptom("ORDER_DEPENDENT", r"test_fleet", deadline_s=180.0),
    command="pytest --randomly-seed=20 tests/integration/service",
    hints=(
        "Green in one order, red in another: which test needs something that it did not make itself?",
        "Open tests/integration/service/test_fleet.py. What does its `clean_state` fixture do?",
        "Delete the local `clean_state`: the shared one empties database and cache before each test.",
        "Now each test must plan the missions that it asks about, before it asks.",
    ),
    debrief=(
        "Order dependence hides for years, until someone runs the tests in parallel, or one alone, or deletes the first. "
        "A test owns its data: it creates what it needs and finds nothing else. Shuffling the order on every run "
        "(pytest-randomly) keeps you honest; truncating tables or rolling back a transaction per test makes it cheap."
    ),
    inject=inject,
    solve=solve,
)
