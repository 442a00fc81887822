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


def test_a_launched_the_first_mission(client):
    client.post("/missions", json={"codename": "lonely-otter"})

    assert [mission["codename"] for mission in client.get("/missions").json()] == ["lonely-otter"]


def test_b_knows_the_first_mission(client):
    codenames = [mission["codename"] for mission in client.get("/missions").json()]

    assert "lonely-otter" in codenames


def test_c_adds_a_second_mission(client):
    client.post("/missions", json={"codename": "second-otter"})

    assert len(client.get("/missions").json()) == 2
'''


def inject(target: Injector) -> None:
    """Add tests that share rows."""
    target.workspace.put(_FILE, _SHARING)


def solve(hands: Hands) -> None:
    """Let each test start from nothing and make what it needs."""
    hands.write(
        _FILE,
        '''"""Tests of the fleet. They pass in any order."""


def launch(client, codename):
    return client.post("/missions", json={"codename": codename})


def test_the_first_mission_is_listed(client):
    launch(client, "lonely-otter")

    assert [mission["codename"] for mission in client.get("/missions").json()] == ["lonely-otter"]


def test_a_second_mission_is_listed_too(client):
    launch(client, "lonely-otter")
    launch(client, "second-otter")

    assert len(client.get("/missions").json()) == 2
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
        "Now each test must create the missions that it asks about.",
    ),
    debrief=(
        "Order dependence hides for years, until someone runs the tests in parallel, or one alone, or deletes the first. "
        "A test owns its data: it creates what it needs and finds nothing else. Shuffling the order on every run "
        "(pytest-randomly) keeps you honest; truncating tables or rolling back a transaction per test makes it cheap."
    ),
    inject=inject,
    solve=solve,
)
