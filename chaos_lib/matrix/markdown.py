"""The matrix as a page of the site."""

from __future__ import annotations

from chaos_lib.matrix.grid import CLEAN, Matrix, Outcome
from chaos_lib.ui.marks import seconds

_INTRODUCTION = """\
Each attack was launched for real on the finished project, and each defence was run against it; the last row is every
defence on the clean project. Run it yourself: `opchaos matrix`."""


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
        f"**{matrix.statement}.** {tier} The cells took {seconds(matrix.elapsed_s)} together.",
    ]
    if matrix.problems:
        parts.append("What does not hold:\n\n" + "\n".join(f"- {problem}" for problem in matrix.problems))
    if picture:
        parts.append(f"![{matrix.statement}. The table below says the same in words.]({picture})")
    parts += [_table(matrix), _legend(matrix)]
    return "\n\n".join(parts) + "\n"


def _table(matrix: Matrix) -> str:
    names = [defence.name for defence in matrix.defences]
    lines = [_row("attack", [f"`{name}`" for name in names]), _row("---", ["---"] * len(names))]
    lines += [
        _row(f"{attack.emoji} `{attack.name}`", [_cell(matrix, attack.name, name) for name in names])
        for attack in matrix.attacks
    ]
    lines.append(_row("the clean project", [_cell(matrix, CLEAN, name) for name in names]))
    return "\n".join(lines)


def _cell(matrix: Matrix, attack: str, defence: str) -> str:
    outcome, cell = matrix.outcome(attack, defence), matrix.cell(attack, defence)
    words = f"{outcome.symbol} {outcome.value}"
    if outcome is Outcome.CAUGHT:
        words = f"**{words}**"
    if cell is None:
        return words
    reason = "" if cell.is_green else f"<br>`{cell.reason}`"
    return f"{words}{reason}<br>{seconds(cell.elapsed_s)}"


def _row(first: str, cells: list[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def _legend(matrix: Matrix) -> str:
    shown = [outcome for outcome in Outcome if matrix.count(outcome)]
    return "\n".join(f"- {outcome.symbol} **{outcome.value}**: {outcome.meaning}." for outcome in shown)
