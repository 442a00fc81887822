"""Runs the matrix: every attack against every defence, and every defence on the clean project."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos_lib import environment
from chaos_lib.attacks.base import Attack
from chaos_lib.defences import catalogue
from chaos_lib.defences.base import Defence, DefenceContext, Verdict, facility_of, plays_on
from chaos_lib.errors import ChaosError
from chaos_lib.matrix import fingerprint
from chaos_lib.matrix.grid import CLEAN, Cell, Matrix
from chaos_lib.matrix.results import Results, alone
from chaos_lib.proofs import ProofGround


@dataclass(frozen=True)
class CellProgress:
    """Where a run is.

    Attributes:
        number: Position of the cell, from 1.
        total: How many cells there are.
        attack: The attack's name; `CLEAN` for the clean project.
        defence: The defence's name.
        cell: What was found; None while the defence works.
        is_reused: Whether the cell comes from an earlier run.
    """

    number: int
    total: int
    attack: str
    defence: str
    cell: Cell | None = None
    is_reused: bool = False


def _ignore(_progress: CellProgress) -> None:
    pass


def run_matrix(
    ground: ProofGround,
    attacks: Iterable[Attack],
    defences: Iterable[Defence],
    *,
    results_file: Path,
    on_cell: Callable[[CellProgress], None] = _ignore,
) -> Matrix:
    """Run what is missing or changed, and return the whole matrix.

    Attacks that do not happen for real on the ground's tier are left out, and so are defences that cannot judge there. Every attack is undone before the next one starts,
    after Ctrl-C too; what a killed run left is undone first.

    Args:
        ground: A mission of its own with a lab that is up; its workspace holds the finished project.
        attacks: The rows.
        defences: The columns.
        results_file: Cells found earlier; written after each new one.
        on_cell: Told when a cell starts and when it is known.

    Raises:
        InvalidInput: The results file cannot be read.
        LabBusy: Another run uses the same results.
    """
    with alone(results_file):
        columns = tuple(d for d in defences if plays_on(d, ground.tier) and ground.offers(facility_of(d)))
        run = _Run(ground, tuple(attacks), columns, Results(results_file), on_cell)
        run.play()
        return Matrix(run.attacks, run.defences, tuple(run.cells), ground.tier)


class _Run:
    def __init__(
        self,
        ground: ProofGround,
        attacks: Sequence[Attack],
        defences: Sequence[Defence],
        results: Results,
        on_cell: Callable[[CellProgress], None],
    ) -> None:
        self.attacks, self.defences = attacks, defences
        self.cells: list[Cell] = []
        self._ground = ground
        self._results = results
        self._on_cell = on_cell
        self._is_deployed = False
        ground.experiment.heal()
        self._project = ground.experiment.workspace.fingerprint()
        self._played = [
            attack for attack in attacks if ground.tier in attack.tiers and ground.offers(attack.facility)
        ]
        self._total = (len(self._played) + 1) * len(defences)

    def play(self) -> None:
        self._row(None)
        for attack in self._played:
            self._row(attack)

    def _row(self, attack: Attack | None) -> None:
        name = CLEAN if attack is None else attack.name
        prints = {
            d.name: fingerprint.of_cell(attack, d, self._project, self._ground.tier) for d in self.defences
        }
        known = {d.name: self._results.find(name, d.name, prints[d.name]) for d in self.defences}
        experiment = self._ground.experiment
        is_needed = any(cell is None for cell in known.values())
        if attack is not None and is_needed:
            self._stand(attack)
            experiment.launch(attack)
        try:
            for defence in self.defences:
                number = len(self.cells) + 1
                cell = known[defence.name]
                is_reused = cell is not None
                if cell is None:
                    self._on_cell(CellProgress(number, self._total, name, defence.name))
                    cell = self._judge(attack, defence, prints[defence.name])
                    self._results.add(cell)
                self.cells.append(cell)
                self._on_cell(CellProgress(number, self._total, name, defence.name, cell, is_reused))
        finally:
            if attack is not None and is_needed:
                experiment.undo(attack.name)

    def _stand(self, attack: Attack) -> None:
        """See to it that what the attack breaks is there: in a cluster only a gate deploys it, and its cell may be an old one."""
        if attack.facility == "cluster" and not self._is_deployed:
            catalogue.find("rollout-gate").run(self._context())
            self._is_deployed = True

    def _judge(self, attack: Attack | None, defence: Defence, print_of_cell: str) -> Cell:
        start = time.monotonic()
        try:
            verdict = defence.run(self._context())
        except ChaosError as exc:
            verdict = Verdict(defence.name, "DEFENCE_BROKEN", exc.what, exc.evidence)
        elapsed_s = time.monotonic() - start
        text = f"{verdict.summary}\n{verdict.evidence}"
        return Cell(
            attack=CLEAN if attack is None else attack.name,
            defence=defence.name,
            reason=verdict.reason,
            summary=verdict.summary,
            is_promised=attack is not None and attack.symptom.is_shown_by(verdict.reason, text),
            elapsed_s=round(elapsed_s, 3),
            fingerprint=print_of_cell,
        )

    def _context(self) -> DefenceContext:
        settings = self._ground.settings
        return DefenceContext(
            workspace=settings.workspace,
            environment=environment.load(settings.workspace, self._ground.lab),
            lab=self._ground.lab,
            settings=settings,
            tier=self._ground.tier,
        )
