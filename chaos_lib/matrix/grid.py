"""What the matrix says: cells, their outcomes, and whether the statement holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from chaos_lib.attacks.base import Attack
from chaos_lib.defences.base import GREEN, Defence
from chaos_lib.errors import MatrixBroken
from chaos_lib.settings import Tier

# The reason code of a defence that ended in an error of its own.
BROKEN = "DEFENCE_BROKEN"
# The row of the clean project; no attack can be called so.
CLEAN = ""


class Source(str, Enum):
    """Where a cell comes from.

    A cell whose defence looks at nothing that the attack touches follows from the clean row: it is derived. An audited
    one would be derived and was run all the same, so that what defences say of themselves is tested.
    """

    MEASURED = "measured"
    DERIVED = "derived"
    AUDITED = "audited"


class Outcome(str, Enum):
    """What one cell means."""

    CAUGHT = "caught"
    ALSO_CAUGHT = "also caught"
    LET_THROUGH = "let through"
    MISSED = "missed"
    WRONG_REASON = "wrong reason"
    QUIET = "quiet"
    FALSE_ALARM = "false alarm"
    DERIVED = "derived"
    CONTRADICTION = "contradiction"
    BROKEN = "broken"
    NOT_PLAYED = "not played"

    @property
    def symbol(self) -> str:
        """One character that says the same."""
        return _SYMBOLS[self]

    @property
    def meaning(self) -> str:
        """One line for a legend."""
        return _MEANINGS[self]


_SYMBOLS = {
    Outcome.CAUGHT: "✓",
    Outcome.ALSO_CAUGHT: "+",
    Outcome.LET_THROUGH: "·",
    Outcome.MISSED: "✗",
    Outcome.WRONG_REASON: "≠",
    Outcome.QUIET: "○",
    Outcome.FALSE_ALARM: "!",
    Outcome.DERIVED: "=",
    Outcome.CONTRADICTION: "≢",
    Outcome.BROKEN: "?",
    Outcome.NOT_PLAYED: "–",
}
_MEANINGS = {
    Outcome.CAUGHT: "the defence that must catch it did, for the reason that the attack promises",
    Outcome.ALSO_CAUGHT: "another defence turned red as well",
    Outcome.LET_THROUGH: "this defence did not notice, and need not",
    Outcome.MISSED: "the defence that must catch it stayed green",
    Outcome.WRONG_REASON: "the defence that must catch it turned red for another reason",
    Outcome.QUIET: "green on the clean project or on a decoy, as it must be",
    Outcome.FALSE_ALARM: "red on the clean project or on a decoy",
    Outcome.DERIVED: "not run: the attack touches nothing that this defence looks at, so it says what it says on the "
    "clean project",
    Outcome.CONTRADICTION: "derived, run all the same, and it said something else than on the clean project",
    Outcome.BROKEN: "the defence itself did not work, so that it said nothing about the attack",
    Outcome.NOT_PLAYED: "not run: the attack does not happen for real on this tier, or its turn did not come",
}


@dataclass(frozen=True)
class Cell:
    """What one defence said about one attack.

    Attributes:
        attack: The attack's name; `CLEAN` for the clean project.
        defence: The defence's name.
        reason: Reason code of its verdict.
        summary: Its sentence.
        is_promised: Whether the verdict shows the symptom that the attack promises; False on the clean project.
        elapsed_s: Seconds the defence took.
        fingerprint: Of everything that this cell depends on.
        source: Whether it was run.
    """

    attack: str
    defence: str
    reason: str
    summary: str
    is_promised: bool
    elapsed_s: float
    fingerprint: str
    source: Source = Source.MEASURED

    @property
    def is_green(self) -> bool:
        """Whether the defence let it through."""
        return self.reason == GREEN


@dataclass(frozen=True)
class Matrix:
    """Every attack against every defence, and every defence on the clean project.

    Attributes:
        attacks: The rows.
        defences: The columns.
        cells: What was run; a missing one was not played.
        tier: How real the results are.
    """

    attacks: Sequence[Attack]
    defences: Sequence[Defence]
    cells: Sequence[Cell]
    tier: Tier

    def cell(self, attack: str, defence: str) -> Cell | None:
        """Return a cell; None when it was not played."""
        return self._by_names.get((attack, defence))

    def outcome(self, attack: str, defence: str) -> Outcome:
        """Return what a cell means."""
        cell = self.cell(attack, defence)
        if cell is None:
            return Outcome.NOT_PLAYED
        if cell.source is not Source.MEASURED:
            return Outcome.DERIVED if self._follows(cell) else Outcome.CONTRADICTION
        if attack == CLEAN or attack in self._decoys:
            return Outcome.QUIET if cell.is_green else Outcome.FALSE_ALARM
        if cell.reason == BROKEN:
            return Outcome.BROKEN
        if defence == self._named[attack]:
            if cell.is_promised:
                return Outcome.CAUGHT
            return Outcome.MISSED if cell.is_green else Outcome.WRONG_REASON
        return Outcome.LET_THROUGH if cell.is_green else Outcome.ALSO_CAUGHT

    def count(self, outcome: Outcome) -> int:
        """How many cells mean this."""
        rows = (CLEAN, *self._named)
        return sum(self.outcome(row, d.name) is outcome for row in rows for d in self.defences)

    def count_source(self, source: Source) -> int:
        """How many cells come from there."""
        return sum(cell.source is source for cell in self.cells)

    @property
    def elapsed_s(self) -> float:
        """Seconds of all cells that were run."""
        return sum(cell.elapsed_s for cell in self.cells if cell.source is not Source.DERIVED)

    @property
    def problems(self) -> tuple[str, ...]:
        """What contradicts the statement that every attack is caught and no defence fires on the clean project.

        An attack that was not played because it does not happen on this tier is no contradiction.
        """
        return tuple(self._problems())

    @property
    def statement(self) -> str:
        """The matrix in one sentence."""
        played = sum(self.tier in attack.tiers and not attack.is_decoy for attack in self.attacks)
        return (
            f"{self.count(Outcome.CAUGHT)} of {played} attacks caught by the defence that must catch them, "
            f"{self.count(Outcome.FALSE_ALARM)} false alarms in {len(self.defences)} defences on the clean project"
        )

    def require_holds(self) -> None:
        """Refuse a matrix that contradicts the statement.

        Raises:
            MatrixBroken: An attack is not caught by its defence, or a defence fires on the clean project.
        """
        if self.problems:
            raise MatrixBroken(
                f"The matrix does not hold: {self.statement}.",
                evidence="\n".join(self.problems),
                fix="Repair the attack, its defence or the finished project, then run `opchaos matrix` again: it runs "
                "only what changed.",
            )

    def _problems(self) -> Iterator[str]:
        for defence in self.defences:
            if self.outcome(CLEAN, defence.name) is Outcome.FALSE_ALARM:
                cell = self._by_names[CLEAN, defence.name]
                yield f"`{defence.name}` fires on the clean project: {cell.reason}: {cell.summary}"
        for cell in self.cells:
            outcome = self.outcome(cell.attack, cell.defence)
            if outcome is Outcome.CONTRADICTION:
                yield (
                    f"`{cell.defence}` says that it does not look at what `{cell.attack}` touches, and said "
                    f"{cell.reason}: {cell.summary}"
                )
            elif outcome is Outcome.BROKEN:
                yield f"`{cell.defence}` did not work on `{cell.attack}`: {cell.summary}"
        columns = {defence.name for defence in self.defences}
        for attack in self.attacks:
            if self.tier not in attack.tiers:
                continue
            if attack.is_decoy:
                for name in columns:
                    if self.outcome(attack.name, name) is Outcome.FALSE_ALARM:
                        yield f"`{name}` fires on the decoy `{attack.name}`"
                continue
            if attack.defence not in columns:
                yield f"`{attack.name}`: its defence `{attack.defence}` is not in the matrix"
                continue
            outcome = self.outcome(attack.name, attack.defence)
            if outcome not in (Outcome.CAUGHT, Outcome.BROKEN):
                found = self.cell(attack.name, attack.defence)
                said = f"{found.reason}: {found.summary}" if found else "nothing"
                yield f"`{attack.name}` is {outcome.value}: `{attack.defence}` said {said}"

    def _follows(self, cell: Cell) -> bool:
        clean = self._by_names.get((CLEAN, cell.defence))
        return clean is not None and clean.reason == cell.reason

    @cached_property
    def _by_names(self) -> dict[tuple[str, str], Cell]:
        return {(cell.attack, cell.defence): cell for cell in self.cells}

    @cached_property
    def _decoys(self) -> frozenset[str]:
        return frozenset(attack.name for attack in self.attacks if attack.is_decoy)

    @cached_property
    def _named(self) -> dict[str, str]:
        return {attack.name: attack.defence for attack in self.attacks}
