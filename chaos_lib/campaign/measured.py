"""The attacks of the latest offensive against one's own pipeline and the finished one: what each gate really said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chaos_lib.attacks.base import Attack
from chaos_lib.campaign.gates import OnGate, no_gate
from chaos_lib.campaign.own_pipeline import OwnPipeline, finished, gates_of
from chaos_lib.campaign.rounds import Campaign, in_reach
from chaos_lib.campaign.timeline import Asked, Ending
from chaos_lib.errors import AttackRefused
from chaos_lib.mission import Mission


@dataclass(frozen=True)
class Run:
    """One pipeline with one attack in the system.

    Attributes:
        asked: The gates that were asked, in order; only the last can be red.
    """

    asked: tuple[Asked, ...]

    @property
    def red(self) -> Asked | None:
        """The gate that stopped the attack; None when none did."""
        return next((each for each in self.asked if not each.is_green), None)

    @property
    def elapsed_s(self) -> float:
        """Seconds of all its gates."""
        return sum(each.elapsed_s for each in self.asked)

    def of(self, gate: str) -> Asked | None:
        """What a gate said; None when it was not asked."""
        return next((each for each in self.asked if each.gate == gate), None)


@dataclass(frozen=True)
class MeasuredRow:
    """One attack.

    Attributes:
        attack: The attack.
        own: What one's own pipeline said in the offensive, and at night where no gate of a commit had caught it.
        finished: What the finished pipeline says.
    """

    attack: Attack
    own: Run
    finished: Run


@dataclass(frozen=True)
class MeasuredMatrix:
    """Attacks against gates.

    Attributes:
        rows: One an attack that was drawn and whose round is over.
        own: One's own pipeline.
        finished: The finished one.
    """

    rows: tuple[MeasuredRow, ...]
    own: OwnPipeline
    finished: OwnPipeline

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates that were asked by either pipeline, in the finished one's order; those that it has not come last."""
        asked = {each.gate for row in self.rows for run in (row.own, row.finished) for each in run.asked}
        order = dict.fromkeys(
            (*self.finished.commit, *self.finished.nightly, *self.own.commit, *self.own.nightly)
        )
        return tuple(gate for gate in order if gate in asked)


def measure(
    mission: Mission,
    own: OwnPipeline,
    *,
    on_gate: OnGate = no_gate,
    on_line: Callable[[str], None] | None = None,
) -> MeasuredMatrix:
    """Complete what the offensive has shown to a matrix.

    What a gate said in a round is not asked again. For the rest an attack is launched once more and undone.

    Args:
        mission: Its workspace is as it was in the offensive.
        own: One's own pipeline.
        on_gate: Told name, number and total before a gate that has still to be asked.
        on_line: Told each line of a gate's output.

    Raises:
        AttackRefused: An attack is open.
    """
    reference = finished(in_reach(mission))
    story = Campaign(mission).find()
    rounds = [
        each for each in (story.rounds if story else ()) if each.ending is not Ending.OPEN and each.asked
    ]
    rows = []
    for played in rounds:
        attack = mission.attack(played.attack)
        bench = _Bench(mission, attack, {each.gate: each for each in played.asked}, on_gate, on_line)
        with bench:
            # Of the night only the gates that must catch it: the others take minutes and say nothing of it.
            wanted = frozenset() if attack.is_decoy else gates_of(attack)
            is_caught = any(not each.is_green for each in played.asked)
            night = [] if is_caught else [gate for gate in own.nightly if gate in wanted]
            nightly = [gate for gate in reference.nightly if gate in wanted]
            rows.append(
                MeasuredRow(
                    attack,
                    Run((*played.asked, *bench.run(night))),
                    Run(bench.run((*reference.commit, *nightly))),
                )
            )
    return MeasuredMatrix(tuple(rows), own, reference)


class _Bench:
    """Asks gates about one attack; it is launched at the first gate that nobody has asked yet, and undone in the end."""

    def __init__(
        self,
        mission: Mission,
        attack: Attack,
        known: dict[str, Asked],
        on_gate: OnGate,
        on_line: Callable[[str], None] | None,
    ) -> None:
        self._mission = mission
        self._attack = attack
        self._known = known
        self._on_gate = on_gate
        self._on_line = on_line
        self._is_launched = False

    def __enter__(self) -> _Bench:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_launched:
            self._mission.experiment.undo(self._attack.name)

    def run(self, gates: Sequence[str]) -> tuple[Asked, ...]:
        """Ask gates in order until one is red."""
        asked: list[Asked] = []
        for number, gate in enumerate(gates, start=1):
            if gate not in self._known:
                self._launch()
                self._on_gate(gate, number, len(gates))
                self._known[gate] = Asked.of(self._mission.judge(gate, self._on_line))
            asked.append(self._known[gate])
            if not asked[-1].is_green:
                break
        return tuple(asked)

    def _launch(self) -> None:
        if self._is_launched:
            return
        strangers = [run.attack for run in self._mission.experiment.state().runs]
        if strangers:
            raise AttackRefused(
                "An attack is open: what a gate says now would be about that one.",
                evidence=f"{len(strangers)} open",
                fix="End the round, or undo it by `chaos.heal()`; then measure again.",
            )
        self._mission.experiment.launch(self._attack)
        self._is_launched = True
