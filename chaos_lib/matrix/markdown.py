"""The matrix as a page of the site: what the picture shows, in words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from chaos_lib.attacks.base import Attack
from chaos_lib.defences.base import Defence, scope_of
from chaos_lib.matrix.grid import CLEAN, Matrix, Outcome, Source
from chaos_lib.ui.marks import seconds

_INTRODUCTION = """\
Each attack was launched for real on the finished project, and the defences were run against it; every defence was run on the
clean project as well. Run it yourself: `opchaos matrix`."""
_HOW = """\
## What was run, and what follows

A defence declares what it looks at: files of the workspace, and objects of the containers, the credentials store and the
cluster. After an attack is launched, the journal tells what it touched. Where the two have nothing in common the verdict cannot
change, and the cell is **derived** from the clean project instead of run ({derived} cells; {measured} were run). The declarations are
tested: files that a defence does not look at are spoilt, and it has to say the same; and of the derived cells a sample is run
all the same (here {audited}). One that says something else than on the clean project makes the matrix fail.

`pipeline-run` stands for the build of a change that is only proposed: it builds and tests, and deploys nothing. What a fault does
in the cluster is the business of the cluster's own gates."""


def page(matrix: Matrix, *, picture: str = "") -> str:
    """Return the page's Markdown.

    Args:
        matrix: What was run.
        picture: Address of the heat map relative to the page; none when empty.
    """
    tier = f"Tier of the lab: {matrix.tier.value}."
    parts = [
        "# Attack × defence",
        _INTRODUCTION,
        f"**{matrix.statement}.** {tier} The cells that were run took {seconds(matrix.elapsed_s)} together.",
    ]
    if matrix.problems:
        parts.append("What does not hold:\n\n" + "\n".join(f"- {problem}" for problem in matrix.problems))
    if picture:
        parts.append(f"![{matrix.statement}. The tables below say the same in words.]({picture})")
    measured, audited = matrix.count_source(Source.MEASURED), matrix.count_source(Source.AUDITED)
    how = _HOW.format(
        derived=matrix.count_source(Source.DERIVED), measured=measured + audited, audited=audited
    )
    parts += [_legend(matrix), *_attacks(matrix), *_defences(matrix), how]
    return "\n\n".join(parts) + "\n"


def _attacks(matrix: Matrix) -> Iterable[str]:
    yield "## The attacks"
    yield "What is in neither of the last two columns follows from the clean project."
    for phase, attacks in groupby(matrix.attacks, key=lambda attack: attack.phase):
        yield f"### {_title(phase)}: attacks"
        rows = ["attack", "its defence", "outcome", "also caught by", "let through by"], ["---"] * 5
        yield "\n".join(map(_row, [*rows, *(_of_attack(matrix, attack) for attack in attacks)]))


def _of_attack(matrix: Matrix, attack: Attack) -> list[str]:
    outcome = matrix.outcome(attack.name, attack.defence)
    cell = matrix.cell(attack.name, attack.defence)
    words = f"{outcome.symbol} {outcome.value}"
    if outcome is Outcome.CAUGHT:
        words = f"**{words}**"
    if cell is not None:
        words += f", `{cell.reason}`, {seconds(cell.elapsed_s)}"
    others = [d.name for d in matrix.defences if d.name != attack.defence]
    also, through = (
        [name for name in others if matrix.outcome(attack.name, name) is wanted]
        for wanted in (Outcome.ALSO_CAUGHT, Outcome.LET_THROUGH)
    )
    return [f"{attack.emoji} `{attack.name}`", f"`{attack.defence}`", words, _names(also), _names(through)]


def _defences(matrix: Matrix) -> Iterable[str]:
    yield "## The defences"
    for phase, defences in groupby(matrix.defences, key=lambda defence: defence.phase):
        yield f"### {_title(phase)}: defences"
        rows = ["defence", "looks at", "on the clean project", "catches"], ["---"] * 4
        yield "\n".join(map(_row, [*rows, *(_of_defence(matrix, defence) for defence in defences)]))


def _of_defence(matrix: Matrix, defence: Defence) -> list[str]:
    scope, outcome = scope_of(defence), matrix.outcome(CLEAN, defence.name)
    cell = matrix.cell(CLEAN, defence.name)
    words = f"{outcome.symbol} {outcome.value}" + (f", {seconds(cell.elapsed_s)}" if cell else "")
    looks_at = ", ".join(
        [*(f"`{each}`" for each in dict.fromkeys(scope.files)), *dict.fromkeys(scope.facilities)]
    )
    red = [
        attack.name
        for attack in matrix.attacks
        if matrix.outcome(attack.name, defence.name) in (Outcome.CAUGHT, Outcome.ALSO_CAUGHT)
    ]
    return [f"`{defence.name}`", looks_at, words, _names(red)]


def _title(phase: str) -> str:
    return f"Phase {phase.removeprefix('phase-').partition('-')[0]}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _legend(matrix: Matrix) -> str:
    shown = [outcome for outcome in Outcome if matrix.count(outcome)]
    return "\n".join(f"- {outcome.symbol} **{outcome.value}**: {outcome.meaning}." for outcome in shown)
