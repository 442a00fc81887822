"""A participant's mission: workspace, lab, attacks, defences and log, brought together.

The notebooks use it through the functions of `chaos_lib`, the command line and the headless run directly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from chaos_lib import environment, phases, scratch
from chaos_lib.attacks import catalogue
from chaos_lib.attacks.base import Attack
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import DefenceContext, Verdict, facility_of
from chaos_lib.errors import AttackRefused, ChaosError, CheckFailed
from chaos_lib.experiment import Experiment, Healed
from chaos_lib.hints import Hint, HintLadder
from chaos_lib.lab.facility import FacilityReport, ProgressSink, no_progress
from chaos_lib.lab.lab import Lab
from chaos_lib.mission_log import MissionLog
from chaos_lib.phases import Phase
from chaos_lib.settings import Settings, Tier


def with_lab_names(lab: Mapping[str, str], run_id: str) -> dict[str, str]:
    """Return the lab's variables with the names that `ci.env` uses, and the run id for labels.

    Args:
        lab: From `Lab.environment()`.
        run_id: The mission's.
    """
    named = {
        "LAB_POSTGRES_URL": lab.get("MISSION_DATABASE_URL", ""),
        "LAB_REDIS_URL": lab.get("MISSION_REDIS_URL", ""),
    }
    return {**lab, **named, "OPCHAOS_RUN_ID": run_id}


class AttackState(str, Enum):
    """Where an attack is in its life."""

    IDLE = "idle"
    BROKEN = "broken"
    CAUGHT = "caught"
    HEALED = "healed"


@dataclass(frozen=True)
class Standing:
    """What the head-up panel shows.

    Attributes:
        phase: The phase that is played.
        facilities: The lab's facilities with their tiers.
        points: Points earned in this phase's checks so far.
        points_possible: Points of the checks seen so far or planned; 0 when unknown.
        minutes_used: Minutes since the phase was started.
        open_attacks: Titles of the attacks that are open.
    """

    phase: Phase
    facilities: tuple[FacilityReport, ...]
    points: int
    points_possible: int
    minutes_used: float
    open_attacks: tuple[str, ...]


class Mission:
    """One participant's mission in one phase.

    Args:
        settings: Where everything is.
        phase: The phase that is played.
        now: Seconds since the epoch.
    """

    def __init__(self, settings: Settings, phase: Phase, *, now: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.phase = phase
        self.log = MissionLog(settings.state / "mission.sqlite", now=now)
        self.experiment = Experiment(settings, on_refusal=self._log_refusal)
        self.workspace = self.experiment.workspace
        self.lab = Lab(settings)
        self._now = now
        self._environment: Mapping[str, str] = {}
        self._facilities: tuple[FacilityReport, ...] = ()

    # Beginning

    def begin(self, progress: ProgressSink = no_progress) -> Healed:
        """Heal what a killed run left, make or complete the workspace, start the lab, open the phase.

        Attacks that were launched completely stay: the learner may be in the middle of them.

        Returns:
            What was healed.
        """
        scratch.sweep(self.settings)
        healed = self.experiment.heal(only_half_done=True)
        if not self.workspace.exists:
            self.workspace.create(self.phase)
        else:
            self.workspace.complete_earlier(self.phase)
        self.connect(progress)
        if not self.log.events(phase=self.phase.name, kind="phase_started"):
            self.log.add(self.phase.name, "phase_started", self.phase.name)
        for report in self._facilities:
            tier = report.tier.value if report.tier else ""
            self.log.add(self.phase.name, "tier", report.facility, tier=tier, provider=report.provider)
        return healed

    def connect(self, progress: ProgressSink = no_progress) -> None:
        """Start the lab, or attach to it when it runs."""
        state = self.lab.up(progress, also=self.phase.facilities)
        self._facilities = tuple(
            FacilityReport(f.facility, f.provider, f.tier, f.reason, f.remedy) for f in state.facilities
        )
        self._environment = with_lab_names(self.lab.environment(), self.settings.run_id())

    def finish(self) -> None:
        """Close the phase in the log."""
        if not self.log.events(phase=self.phase.name, kind="phase_finished"):
            self.log.add(self.phase.name, "phase_finished", self.phase.name)

    # Attacks

    @property
    def attacks(self) -> Mapping[str, Attack]:
        """Every attack, name to attack; the learner's own included."""
        return catalogue.load(self.settings.home / "attacks")

    def attack(self, name: str) -> Attack:
        """Return an attack by name; raises UnknownAttack."""
        return catalogue.find(name, self.attacks)

    def plays(self, attack: Attack) -> bool:
        """Whether an attack really happens on this lab."""
        return self.tier_for(attack) in attack.tiers

    def launch(self, name: str, *, is_hidden: bool = False) -> Attack:
        """Launch an attack.

        Args:
            name: The attack.
            is_hidden: Whether the learner must find out which one it is: it is logged in the phase that is played, and the
                head-up panel does not name it.

        Raises:
            UnknownAttack: No attack has that name.
            AttackRefused: It cannot start now, or does not happen for real on this lab.
        """
        attack = self.attack(name)
        if not self.plays(attack):
            tier = self.tier_for(attack)
            raise AttackRefused(
                f"`{name}` does not really happen on the {tier.value} tier.",
                evidence=f"it needs {' or '.join(t.value for t in attack.tiers)}",
                fix="Run `opchaos doctor`: it says what a better tier needs.",
            )
        self.experiment.launch(attack)
        if is_hidden:
            digest = self.workspace.digest()
            self.log.add(self.phase.name, "attack_launched", name, is_hidden=True, digest=digest)
        else:
            self.log.add(attack.phase, "attack_launched", name)
        return attack

    def hidden_attacks(self) -> frozenset[str]:
        """Return the names of open attacks whose names the learner must not see."""
        latest = {e.name: bool(e.data.get("is_hidden")) for e in self.log.events(kind="attack_launched")}
        open_now = {run.attack for run in self.experiment.state().runs}
        return frozenset(name for name, is_hidden in latest.items() if is_hidden and name in open_now)

    def state_of(self, name: str) -> AttackState:
        """Where an attack is in its life."""
        if self.experiment.state().run_of(name) is not None:
            return AttackState.BROKEN
        ends = [
            e for e in self.log.events() if e.name == name and e.kind in ("attack_caught", "attack_undone")
        ]
        if not ends:
            return AttackState.IDLE
        return AttackState.CAUGHT if ends[-1].kind == "attack_caught" else AttackState.HEALED

    def undo(self, name: str) -> Healed:
        """Undo an attack; nothing happens when it is not open."""
        attack = self.attack(name)
        healed = self.experiment.undo(name)
        if healed.attacks:
            self.log.add(attack.phase, "attack_undone", name)
        return healed

    def heal(self) -> Healed:
        """Undo everything that is open."""
        healed = self.experiment.heal()
        for name in healed.attacks:
            self.log.add(self.phase.name, "attack_undone", name)
        return healed

    def hint(self, name: str) -> Hint:
        """Give the next hint for an attack."""
        attack = self.attack(name)
        return HintLadder(name, attack.hints, self.log, now=self._now).take(attack.phase)

    # Defences

    def context(
        self, on_line: Callable[[str], None] | None = None, *, facility: str = "services"
    ) -> DefenceContext:
        """Return what a defence may look at now.

        Args:
            on_line: Called with each line of output while the defence works.
            facility: The facility that it needs: its tier is the verdict's.
        """
        return DefenceContext(
            workspace=self.workspace.folder,
            environment=environment.load(self.workspace.folder, self._environment),
            lab=self._environment,
            settings=self.settings,
            tier=self.tier_of(facility),
            on_line=on_line,
        )

    def defend(self, name: str, on_line: Callable[[str], None] | None = None) -> Verdict:
        """Run a defence, and note what it says about the attacks that are open.

        A red verdict with an open attack's reason means that its symptom was seen. A green one closes the attacks that
        this defence must catch: the learner has fixed them.
        """
        verdict = self.judge(name, on_line)
        self.note(verdict)
        return verdict

    def judge(self, name: str, on_line: Callable[[str], None] | None = None) -> Verdict:
        """Run a defence and note nothing: what its verdict means is the caller's to say."""
        defence = defences.find(name)
        try:
            return defence.run(self.context(on_line, facility=facility_of(defence) or "services"))
        except ChaosError as exc:
            return Verdict(name, "DEFENCE_BROKEN", exc.what, exc.evidence, exc.fix)

    def note(self, verdict: Verdict) -> None:
        """Record what a verdict means for the attacks that are open."""
        hidden = self.hidden_attacks()
        for run in self.experiment.state().runs:
            attack = self.attacks.get(run.attack)
            # A hidden attack is judged by the offensive; a green gate does not end a decoy, only the learner's word does.
            if attack is None or attack.defence != verdict.defence or attack.name in hidden:
                continue
            self.log.add(attack.phase, "attempt", attack.name, reason=verdict.reason)
            if verdict.is_green and not attack.is_decoy:
                self.experiment.settle(attack.name)
                self.log.add(attack.phase, "attack_caught", attack.name, defence=verdict.defence)
            elif attack.symptom.is_shown_by(verdict.reason, f"{verdict.summary}\n{verdict.evidence}"):
                self.log.add(attack.phase, "symptom_seen", attack.name, reason=verdict.reason)

    # Standing

    def now(self) -> float:
        """Seconds since the epoch, by the mission's clock."""
        return self._now()

    def facility(self, name: str) -> FacilityReport | None:
        """What was found of a facility when the lab was started; None when it was not asked for."""
        return next((report for report in self._facilities if report.facility == name), None)

    def tier_of(self, facility: str) -> Tier:
        """The tier that a facility plays on."""
        found = self.facility(facility)
        return (found.tier if found else None) or Tier.SIMULATED

    def tier_for(self, attack: Attack) -> Tier:
        """The tier that an attack plays on: that of its facility, or of the one which the defence against it needs."""
        return self.tier_of(self.facility_for(attack))

    def facility_for(self, attack: Attack) -> str:
        """The facility that an attack plays on: its own, or the one which the defence against it needs."""
        defence = defences.DEFENCES.get(attack.defence)
        return attack.facility or (facility_of(defence) if defence else "") or "services"

    def record_check(self, name: str, points: int, failure: CheckFailed | None) -> None:
        """Write a check's outcome to the log."""
        if failure is None:
            self.log.add(self.phase.name, "check_passed", name, points=points)
        else:
            self.log.add(self.phase.name, "check_failed", name, found=failure.found)

    def standing(self) -> Standing:
        """Return what the head-up panel shows."""
        events = self.log.events(phase=self.phase.name)
        started = next((e.at for e in events if e.kind == "phase_started"), self._now())
        ended = next((e.at for e in events if e.kind == "phase_finished"), self._now())
        passed = {e.name: int(e.data.get("points", 0)) for e in events if e.kind == "check_passed"}
        attacks, hidden = self.attacks, self.hidden_attacks()
        titles = [
            "an attack of the offensive"
            if r.attack in hidden
            else attacks[r.attack].title
            if r.attack in attacks
            else r.attack
            for r in self.experiment.state().runs
        ]
        return Standing(
            phase=self.phase,
            facilities=self._facilities,
            points=sum(passed.values()),
            points_possible=self.phase.points,
            minutes_used=(ended - started) / 60,
            open_attacks=tuple(titles),
        )

    def _log_refusal(self, refusal: ChaosError) -> None:
        self.log.add(self.phase.name, "guard_refused", refusal.what, evidence=refusal.evidence)


def open_mission(settings: Settings, phase: str | int) -> Mission:
    """Return the mission in a phase; nothing is started yet.

    Raises:
        UnknownPhase: There is no such phase.
    """
    return Mission(settings, phases.phase(phase))
