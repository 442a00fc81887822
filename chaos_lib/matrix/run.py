"""Runs the matrix: every attack against every defence, and every defence on the clean project."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chaos_lib.attacks.base import Attack
from chaos_lib.defences.base import Defence, Verdict, facility_of, plays_on, scope_of
from chaos_lib.defences.scope import Target
from chaos_lib.errors import ChaosError
from chaos_lib.matrix import fingerprint
from chaos_lib.matrix.deployment import put_back
from chaos_lib.matrix.grid import BROKEN, CLEAN, Cell, Matrix, Source
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
    audits: int = 0,
    on_cell: Callable[[CellProgress], None] = _ignore,
) -> Matrix:
    """Run what is missing or changed, and return the whole matrix.

    An attack is launched once for all defences of its row, and again only when one of them has changed what it touched (a
    rollout gate does). A defence that looks at nothing that the attack touched is not run: its cell follows from the
    clean project's; only some of these are run all the same. The defence that must catch an attack is always run, first.

    Attacks that do not happen for real on the ground's tier are left out, and so are defences that cannot judge there. Every
    attack is undone before the next one starts, after Ctrl-C too; what a killed run left is undone first.

    Args:
        ground: A mission of its own with a lab that is up; its workspace holds the finished project.
        attacks: The rows.
        defences: The columns.
        results_file: Cells found earlier; written after each new one.
        audits: How many of the derived cells are run; which ones depends on the ground's seed.
        on_cell: Told when a cell starts and when it is known.

    Raises:
        InvalidInput: The results file cannot be read.
        LabBusy: Another run uses the same results.
        LabError: What an attack breaks in the cluster cannot be put there.
    """
    with alone(results_file):
        columns = tuple(d for d in defences if plays_on(d, ground.tier) and ground.offers(facility_of(d)))
        run = _Run(ground, tuple(attacks), columns, Results(results_file), on_cell)
        run.play()
        run.audit(audits)
        names = [CLEAN, *(attack.name for attack in run.attacks)]
        order = [(name, defence.name) for name in names for defence in run.defences]
        cells = tuple(run.cells[place] for place in order if place in run.cells)
        return Matrix(run.attacks, run.defences, cells, ground.tier)


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
        self.cells: dict[tuple[str, str], Cell] = {}
        self._ground = ground
        self._results = results
        self._on_cell = on_cell
        self._number = 0
        ground.experiment.heal()
        self._project = ground.experiment.workspace.fingerprint()
        self._played = [
            attack for attack in attacks if ground.tier in attack.tiers and ground.offers(attack.facility)
        ]
        self._total = (len(self._played) + 1) * len(defences)

    def play(self) -> None:
        """Fill every row, the clean project's first: derived cells follow from it."""
        for defence in self.defences:
            self._run(None, defence)
        for attack in self._played:
            with self._launching(attack) as launch:
                touched = self._touched(attack, launch)
                for defence in sorted(self.defences, key=lambda each: each.name != attack.defence):
                    may_matter = any(scope_of(defence).covers(target) for target in touched)
                    if may_matter or defence.name == attack.defence:
                        self._run(attack, defence, launch)
                    else:
                        self._derive(attack, defence)

    def audit(self, wanted: int) -> None:
        """Run some of the derived cells: the same ones for the same seed."""
        derived = [names for names, cell in self.cells.items() if cell.source is Source.DERIVED]
        chosen = set(sorted(derived, key=self._draw)[:wanted])
        self._number, self._total = 0, len(chosen)
        for attack in self._played:
            with self._launching(attack) as launch:
                for defence in self.defences:
                    if (attack.name, defence.name) in chosen:
                        self._run(attack, defence, launch, Source.AUDITED)

    def _run(
        self,
        attack: Attack | None,
        defence: Defence,
        launch: Callable[[], None] = lambda: None,
        source: Source = Source.MEASURED,
    ) -> None:
        """Run a cell, unless it is known; one whose defence broke may work by now."""
        self._number += 1
        name, print_of_cell = (
            _name_of(attack),
            fingerprint.of_cell(attack, defence, self._project, self._ground.tier),
        )
        cell = self._results.find(name, defence.name, print_of_cell)
        is_reused = cell is not None and cell.reason != BROKEN
        if cell is None or not is_reused:
            self._on_cell(CellProgress(self._number, self._total, name, defence.name))
            launch()
            cell = self._judge(attack, defence, print_of_cell, source)
            self._results.add(cell)
        self._keep(cell, is_reused=is_reused)

    def _derive(self, attack: Attack, defence: Defence) -> None:
        self._number += 1
        clean = self.cells[CLEAN, defence.name]
        self._keep(replace(clean, attack=attack.name, elapsed_s=0.0, source=Source.DERIVED), is_reused=False)

    def _keep(self, cell: Cell, *, is_reused: bool) -> None:
        self.cells[cell.attack, cell.defence] = cell
        self._on_cell(CellProgress(self._number, self._total, cell.attack, cell.defence, cell, is_reused))

    @contextmanager
    def _launching(self, attack: Attack) -> Iterator[Callable[[], None]]:
        """Give a function that sees to it that the attack stands; afterwards it is undone."""
        experiment = self._ground.experiment

        def launch() -> None:
            if experiment.stands(attack.name):
                return
            experiment.undo(attack.name)
            put_back(self._ground)
            experiment.launch(attack)

        try:
            yield launch
        finally:
            experiment.undo(attack.name)

    def _touched(self, attack: Attack, launch: Callable[[], None]) -> Sequence[Target]:
        """Return what an attack touches: the journal of its launch says so."""
        print_of_attack = fingerprint.of_attack(attack, self._project)
        known = self._results.touched(attack.name, print_of_attack)
        if known is None:
            launch()
            run = self._ground.experiment.state().run_of(attack.name)
            operations = run.operations if run is not None else ()
            known = tuple(dict.fromkeys(Target(each.kind, each.target) for each in operations))
            self._results.add_touched(attack.name, print_of_attack, known)
        return known

    def _draw(self, names: tuple[str, str]) -> str:
        return hashlib.sha256(f"{self._ground.settings.seed}:{names[0]}:{names[1]}".encode()).hexdigest()

    def _judge(self, attack: Attack | None, defence: Defence, print_of_cell: str, source: Source) -> Cell:
        start = time.monotonic()
        try:
            verdict = defence.run(self._ground.context)
        except ChaosError as exc:
            verdict = Verdict(defence.name, BROKEN, exc.what, exc.evidence)
        except Exception as exc:  # one broken cell must not cost the hour of all the others
            verdict = Verdict(defence.name, BROKEN, f"{type(exc).__name__}: {exc}")
        elapsed_s = time.monotonic() - start
        text = f"{verdict.summary}\n{verdict.evidence}"
        return Cell(
            attack=_name_of(attack),
            defence=defence.name,
            reason=verdict.reason,
            summary=verdict.summary,
            is_promised=attack is not None and attack.symptom.is_shown_by(verdict.reason, text),
            elapsed_s=round(elapsed_s, 3),
            fingerprint=print_of_cell,
            source=source,
        )


def _name_of(attack: Attack | None) -> str:
    return CLEAN if attack is None else attack.name
