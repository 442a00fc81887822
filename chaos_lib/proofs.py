"""Prove an attack in four states: clean is green, attacked is red as promised, undone is byte-identical, solved is green.

A decoy has two: clean is green, and launched is green with not a byte changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from chaos_lib import environment
from chaos_lib.attacks.base import Attack
from chaos_lib.attacks.hands import Hands
from chaos_lib.cluster.target import CONTEXT
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import DefenceContext, Verdict
from chaos_lib.defences.cluster_gate import apply_manifests
from chaos_lib.errors import ChaosError, SymptomMissing
from chaos_lib.experiment import Experiment
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings, Tier


class ProofFailed(ChaosError):
    """An attack does not behave as its file promises."""


@dataclass(frozen=True)
class ProofGround:
    """Where attacks are proved.

    Attributes:
        settings: A mission of its own.
        lab: The lab's variables for child processes.
        tier: Tier of the lab's services.
        leftovers: Names what is left of this run outside the workspace, such as containers.
    """

    settings: Settings
    lab: Mapping[str, str]
    tier: Tier
    leftovers: Callable[[], tuple[str, ...]] = tuple

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment on a workspace with the finished project in it."""
        experiment = Experiment(self.settings)
        if not experiment.workspace.exists:
            experiment.workspace.create(FINISHED)
        return experiment

    @cached_property
    def clean_verdicts(self) -> dict[str, Verdict]:
        """What defences said on the clean project, by name: many attacks share a defence."""
        return {}

    def offers(self, facility: str) -> bool:
        """Whether what needs this facility can be played here; a cluster is only there when it was asked for."""
        return facility != "cluster" or bool(self.lab.get(CONTEXT))

    def judge(self, defence: str) -> Verdict:
        """Run a defence on the workspace as it is now."""
        return defences.find(defence).run(self.context)

    @property
    def context(self) -> DefenceContext:
        """What a defence may look at now."""
        folder = self.settings.workspace
        return DefenceContext(
            workspace=folder,
            environment=environment.load(folder, self.lab),
            lab=self.lab,
            settings=self.settings,
            tier=self.tier,
        )

    @property
    def hands(self) -> Hands:
        """A learner's hands on this ground."""
        context = self.context
        return Hands(
            self.settings.workspace, self.settings.sample_app, apply=lambda: apply_manifests(context)
        )


class Proof:
    """The four states of one attack; each method raises ProofFailed when the attack breaks its word."""

    def __init__(self, attack: Attack, ground: ProofGround) -> None:
        self.attack = attack
        self.ground = ground

    def clean_is_green(self) -> Verdict:
        """The defence lets the finished project through."""
        name = self.attack.defence
        if name not in self.ground.clean_verdicts:
            _ = self.ground.experiment
            self.ground.clean_verdicts[name] = self.ground.judge(name)
        verdict = self.ground.clean_verdicts[name]
        if not verdict.is_green:
            raise ProofFailed(
                f"The defence `{name}` is red on the clean project.",
                evidence=f"{verdict.reason}: {verdict.summary}\n{verdict.evidence}",
                fix="Repair the finished project or the defence: a false alarm teaches nothing.",
            )
        return verdict

    def attacked_is_red(self) -> Verdict:
        """The attack shows its symptom in time; afterwards it is undone."""
        experiment = self.ground.experiment
        self._stand()
        start = time.monotonic()
        experiment.launch(self.attack)
        try:
            verdict = self.ground.judge(self.attack.defence)
            elapsed_s = time.monotonic() - start
        finally:
            experiment.undo(self.attack.name)
        symptom = self.attack.symptom
        if not symptom.is_shown_by(verdict.reason, f"{verdict.summary}\n{verdict.evidence}"):
            raise SymptomMissing(
                f"`{self.attack.name}` did not show its symptom.",
                evidence=f"`{self.attack.defence}` said {verdict.reason}: {verdict.summary}\n{verdict.evidence}",
                fix=f"It promises {symptom.reason} with a text like {symptom.pattern!r}.",
            )
        if elapsed_s > symptom.deadline_s:
            raise SymptomMissing(
                f"`{self.attack.name}` showed its symptom too late.",
                evidence=f"{elapsed_s:.1f} s; it promises {symptom.deadline_s:.0f} s",
                fix="Make the attack quicker, or promise less.",
            )
        return verdict

    def undone_is_identical(self) -> None:
        """After an undo every byte is as before, and nothing is left behind."""
        experiment = self.ground.experiment
        self._stand()
        before, left_before = experiment.workspace.fingerprint(), self.ground.leftovers()
        experiment.launch(self.attack)
        changed = experiment.workspace.fingerprint() != before or self.ground.leftovers() != left_before
        has_intent = bool(experiment.state().operations)
        experiment.undo(self.attack.name)
        experiment.undo(self.attack.name)  # twice must be once
        after = experiment.workspace.fingerprint()
        if not (changed or has_intent):
            raise ProofFailed(
                f"`{self.attack.name}` changes nothing.", fix="Let `inject` call at least one operation."
            )
        different = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        leftovers = [name for name in self.ground.leftovers() if name not in left_before]
        if different or leftovers or experiment.state().runs:
            raise ProofFailed(
                f"The undo of `{self.attack.name}` left something.",
                evidence=f"files that differ: {different}; left behind: {leftovers}",
                fix="Change things through the journaled operations only.",
            )

    def solved_is_green(self) -> Verdict:
        """The attack's own solution satisfies the defence."""
        experiment = self.ground.experiment
        self._stand()
        experiment.launch(self.attack)
        try:
            self.attack.solve(self.ground.hands)
            verdict = self.ground.judge(self.attack.defence)
        finally:
            experiment.undo(self.attack.name)
            experiment.workspace.rebuild()
        if not verdict.is_green:
            raise ProofFailed(
                f"The solution of `{self.attack.name}` does not satisfy `{self.attack.defence}`.",
                evidence=f"{verdict.reason}: {verdict.summary}\n{verdict.evidence}",
                fix="Repair the attack's `solve`.",
            )
        return verdict

    def _stand(self) -> None:
        """See to it that what the attack breaks is there: in a cluster only the clean project's gate deploys it."""
        if self.attack.facility == "cluster":
            self.clean_is_green()

    def launched_is_green(self) -> Verdict:
        """A decoy keeps its word: its defence says that all is well, and not a byte or a record needs an undo."""
        experiment = self.ground.experiment
        before, left_before = experiment.workspace.fingerprint(), self.ground.leftovers()
        experiment.launch(self.attack)
        try:
            changed = experiment.state().operations
            verdict = self.ground.judge(self.attack.defence)
            after, left = experiment.workspace.fingerprint(), self.ground.leftovers()
        finally:
            experiment.undo(self.attack.name)
        if changed or after != before or left != left_before or experiment.state().runs:
            raise ProofFailed(
                f"The decoy `{self.attack.name}` touches something.",
                evidence=f"operations: {[operation.target for operation in changed]}; left behind: {left}",
                fix="Let `inject` do nothing, or let it be an attack.",
            )
        symptom = self.attack.symptom
        if not symptom.is_shown_by(verdict.reason, f"{verdict.summary}\n{verdict.evidence}"):
            raise SymptomMissing(
                f"`{self.attack.defence}` is not quiet about the decoy `{self.attack.name}`.",
                evidence=f"{verdict.reason}: {verdict.summary}\n{verdict.evidence}",
                fix=f"It promises {symptom.reason} with a text like {symptom.pattern!r}.",
            )
        return verdict


STATES: Mapping[str, str] = {
    "clean": "clean_is_green",
    "attacked": "attacked_is_red",
    "undone": "undone_is_identical",
    "solved": "solved_is_green",
}
DECOY_STATES: Mapping[str, str] = {"clean": "clean_is_green", "launched": "launched_is_green"}


def states_of(attack: Attack) -> Mapping[str, str]:
    """Return the states in which an attack is proved, state to the method of `Proof`."""
    return DECOY_STATES if attack.is_decoy else STATES
