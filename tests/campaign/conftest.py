"""A mission without a lab, and gates that only read files: quick, and still caught by what the attacks really do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from chaos_lib.attacks.hands import Hands
from chaos_lib.campaign.rounds import Campaign
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.triage import Triage
from chaos_lib.lab.lab_state import FacilityState, LabState
from chaos_lib.mission import Mission
from chaos_lib.phases import FINAL, FINISHED
from chaos_lib.settings import Settings, Tier


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class FakeLab:
    """A lab that is up at once; SIMULATED servers that no test here talks to.

    Attributes:
        down_calls: How often any of them was taken down.
    """

    down_calls = 0

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings

    def up(self, progress: object, also: object = ()) -> LabState:
        facility = FacilityState(facility="services", provider="fake", tier=Tier.EMBEDDED, reason="a fake")
        return LabState(run_id="abc", facilities=(facility,))

    def environment(self) -> dict[str, str]:
        return {}

    def down(self, progress: object = None) -> None:
        type(self).down_calls += 1


@dataclass
class FileGate:
    """A gate that is red while a text stands in a file; `is_wanted` turns it round."""

    name: str
    path: str
    text: str
    reason: str
    phase: str = "phase-1-tests"
    is_wanted: bool = False
    title: str = "Reads a file"
    uses_services: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)
    runs: int = 0
    during: Callable[[], None] = lambda: None

    def run(self, context: DefenceContext) -> Verdict:
        self.runs += 1
        self.during()
        if context.on_line is not None:
            context.on_line(f"reading {self.path}")
        path = context.workspace / self.path
        is_there = path.exists() and self.text in path.read_text(encoding="utf-8")
        if is_there is self.is_wanted:
            return Verdict(self.name, GREEN, "All is well.", command=f"cat {self.path}")
        return Verdict(
            self.name,
            self.reason,
            "The file is not as it should be.",
            evidence=f"{self.path}: MISSION_DATABASE_URL is not set. test_codenames failed. Connection refused. env_var_missing",
            remedy="Look at it.",
            command=f"cat {self.path}",
        )


Gates = dict[str, FileGate]


def file_gates() -> Gates:
    """Return a gate for each of the pipeline's own, by name."""
    conftest, schedule = "tests/integration/conftest.py", "tests/unit/test_schedule.py"
    return {
        gate.name: gate
        for gate in (
            FileGate("settings-gate", "ci.env", "MISSION_DATABASE_URL=", "SETTING_MISSING", is_wanted=True),
            FileGate("unit-tests", "src/mission_control/codenames.py", "!!!", "TESTS_FAILED"),
            FileGate("integration-tests", conftest, "opchaos_nowhere", "SERVICE_UNREACHABLE"),
            FileGate("flake-detector", conftest, "HastyPostgres", "FLAKY"),
            FileGate("random-order", "tests/integration/service/test_fleet.py", "In this order", "ORDER_DEPENDENT"),
            FileGate("frozen-clock", "tests/unit/test_launch_window.py", "datetime.now", "DATE_DEPENDENT"),
            FileGate("degraded-mode", "src/mission_control/cache.py", "be patient", "CACHE_OUTAGE_SLOW"),
            FileGate(
                "schema-contract",
                "src/mission_control/missions.py",
                "callsign",
                "OLD_COLOUR_BROKEN",
                phase="phase-5-final",
            ),
            FileGate("must-fail-run", schedule, "():\n    deadline_of(WEDNESDAY)", "BLIND_TESTS"),
        )
    }  # fmt: skip


def triage_of(made: Gates) -> Triage:
    """Return the triage that asks such gates."""
    return Triage([made["settings-gate"], made["integration-tests"], made["must-fail-run"]])


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> Gates:
    """Gates that only read files, in the place of the real ones."""
    made = file_gates()
    for name, gate in made.items():
        monkeypatch.setitem(defences.DEFENCES, name, gate)
    monkeypatch.setitem(defences.DEFENCES, "triage", triage_of(made))
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mission(settings: Settings, clock: Clock, gates: Gates) -> Mission:
    """A mission in the final, with the finished project and the gates above."""
    return a_mission(settings, clock)


def a_mission(settings: Settings, clock: Clock) -> Mission:
    mission = Mission(settings, FINAL, now=clock)
    mission.lab = FakeLab()  # type: ignore[assignment]
    if not mission.workspace.exists:
        mission.workspace.create(FINISHED)
    mission.connect()
    return mission


@pytest.fixture
def against(mission: Mission) -> Callable[..., Campaign]:
    """Begins an offensive with exactly these attacks, in this order."""

    def begin(*names: str, player: str = "") -> Campaign:
        mission.log.add(
            mission.phase.name,
            "offensive_started",
            "seed 1",
            seed=1,
            sequence=list(names),
            gates=["settings-gate", "unit-tests", "integration-tests", "flake-detector"],
            player=player,
            minutes=0,
        )
        return Campaign(mission)

    return begin


def fix(mission: Mission, name: str) -> None:
    """Fix an attack as a learner would."""
    mission.attack(name).solve(Hands(mission.settings.workspace, mission.settings.sample_app))
