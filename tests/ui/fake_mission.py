"""A mission that records what is asked of it and touches nothing."""

from __future__ import annotations

from collections.abc import Callable

from chaos_lib import phases
from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.defences.base import GREEN, Verdict
from chaos_lib.defences.flake_detector import RepeatedRuns
from chaos_lib.defences.pytest_run import PytestReport
from chaos_lib.errors import ChaosError, UnknownAttack
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.lab.facility import FacilityReport
from chaos_lib.mission import AttackState, Standing
from chaos_lib.settings import Tier

HOSTILE = "<script>alert(1)</script> & \"quotes\" 'too'"


def an_attack(name: str = "service_absent", **changes: object) -> Attack:
    values: dict[str, object] = {
        "name": name,
        "title": "Nobody home",
        "emoji": "🔌",
        "phase": "phase-1-tests",
        "difficulty": Difficulty.BEGINNER,
        "minutes": 6,
        "is_core": True,
        "story": "Your tests trust a database on localhost. I unplugged it.",
        "defence": "integration-tests",
        "symptom": Symptom("SERVICE_UNREACHABLE", "refused", 15.0),
        "command": "pytest tests/integration",
        "hints": ("Read the address.", "Who starts it?", "`PostgresContainer` does."),
        "debrief": "Shared databases go away. Tests that bring their own never notice.",
        "inject": lambda _: None,
        "solve": lambda _: None,
    }
    return Attack(**{**values, **changes})  # type: ignore[arg-type]


def red(evidence: str = "E  connection refused") -> Verdict:
    return Verdict(
        defence="integration-tests",
        reason="SERVICE_UNREACHABLE",
        summary="A service that the tests need does not answer.",
        evidence=evidence,
        remedy="Start it in a fixture.",
        command="pytest tests/integration",
        tier=Tier.EMBEDDED,
        elapsed_s=3.2,
    )


def green() -> Verdict:
    return Verdict("integration-tests", GREEN, "All 12 tests passed.", tier=Tier.LIVE, elapsed_s=2.0)


def runs(*passed: bool) -> RepeatedRuns:
    return RepeatedRuns(
        tuple(
            PytestReport(
                reason=GREEN if one else "TESTS_FAILED",
                cases=(),
                started=(),
                output="" if one else "E  assert 2 == 3",
                elapsed_s=1.0 + 0.3 * (number % 4),
                command="pytest",
            )
            for number, one in enumerate(passed)
        )
    )


class FakeMission:
    """Records every public call; `attack`, `state_of`, `tier_for` and `standing` only look, and are not recorded.

    `looks` counts the looks at an attack, for the one button that asks for nothing else.
    """

    def __init__(self, *attacks: Attack, tier: Tier = Tier.LIVE) -> None:
        self.attacks = {a.name: a for a in attacks or (an_attack(),)}
        self.states = dict.fromkeys(self.attacks, AttackState.IDLE)
        self.calls: list[tuple[str, str]] = []
        self.looks = 0
        self.tier = tier
        self.lines: list[str] = ["collecting", "test_missions.py F"]
        self.failure: BaseException | None = None
        self.is_fixed = False
        self.during: Callable[[], None] = lambda: None
        self.hints_taken = 0
        self.points = 0
        self.minutes_used = 7.0

    def attack(self, name: str) -> Attack:
        self.looks += 1
        if name not in self.attacks:
            raise UnknownAttack(f"There is no attack `{name}`.", evidence="known", fix="Choose one.")
        return self.attacks[name]

    def state_of(self, name: str) -> AttackState:
        return self.states[name]

    def tier_for(self, attack: Attack) -> Tier:
        return self.tier

    def launch(self, name: str) -> Attack:
        self._record("launch", name)
        self.states[name] = AttackState.BROKEN
        return self.attacks[name]

    def defend(self, name: str, on_line: Callable[[str], None] | None = None) -> Verdict:
        self._record("defend", name)
        for line in self.lines:
            if on_line is not None:
                on_line(line)
        broken = [n for n, state in self.states.items() if state is AttackState.BROKEN]
        if broken and not self.is_fixed:
            return red()
        for one in broken:
            self.states[one] = AttackState.CAUGHT
        return green()

    def hint(self, name: str) -> Hint:
        self._record("hint", name)
        hints = self.attacks[name].hints
        step = min(self.hints_taken, len(hints) - 1)
        self.hints_taken += 1
        return Hint(hints[step], is_new=True, is_last=step == len(hints) - 1)

    def undo(self, name: str) -> Healed:
        self._record("undo", name)
        self.states[name] = AttackState.HEALED
        return Healed((name,), ("tests/integration/conftest.py",), "abc1234")

    def standing(self) -> Standing:
        self.during()
        return Standing(
            phase=phases.phase(1),
            facilities=(
                FacilityReport("containers", "", None, "no engine answers", "install Docker"),
                FacilityReport("services", "embedded", Tier.EMBEDDED, "from wheels", "install Docker"),
            ),
            points=self.points,
            points_possible=60,
            minutes_used=self.minutes_used,
            open_attacks=tuple(
                self.attacks[n].title for n, state in self.states.items() if state is AttackState.BROKEN
            ),
        )

    def _record(self, what: str, name: str) -> None:
        self.calls.append((what, name))
        self.during()
        if self.failure is not None:
            raise self.failure


def an_error() -> ChaosError:
    return ChaosError("It did not work.", evidence="exit code 3", fix="Turn it off and on again.")
