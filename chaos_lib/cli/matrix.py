"""`opchaos matrix`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.attacks import catalogue
from chaos_lib.attacks.base import Attack
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import Session, begin
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import Defence, facility_of
from chaos_lib.errors import InvalidInput
from chaos_lib.lab.facility import Progress
from chaos_lib.matrix import (
    CLEAN,
    CellProgress,
    Matrix,
    Outcome,
    Source,
    draw,
    page,
    run_matrix,
    to_json,
    write_png,
)
from chaos_lib.matrix.columns import every_column
from chaos_lib.matrix.ground import own_ground
from chaos_lib.ui.marks import seconds, tier_mark

app, this_command = command(
    "opchaos matrix",
    "opchaos matrix --attack env_var_missing --defence settings-gate",
    "opchaos --tier embedded matrix --json",
)
_AUDITS = 6
_CLEAN_ROW = "the clean project"
_STYLES = {
    Outcome.CAUGHT: "green",
    Outcome.QUIET: "green",
    Outcome.MISSED: "red",
    Outcome.WRONG_REASON: "red",
    Outcome.FALSE_ALARM: "red",
}


@this_command
def matrix(
    ctx: typer.Context,
    attack: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this attack; may be given again.")
    ] = None,
    defence: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this defence; may be given again.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where it is written [dim](default: matrix/ in the mission folder)[/dim]."
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was found earlier.")] = False,
    audit: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Run so many of the cells that follow from the clean project all the same.",
        ),
    ] = _AUDITS,
    docs: Annotated[
        bool, typer.Option("--docs", help="Write the page of the companion site as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Run every attack against every defence, and every defence on the clean project.

    It runs beside your mission and does not touch your workspace. Stopped, it goes on where it was; run again, it runs
    only what changed. A defence that looks at nothing that an attack touches is not run against it: that cell follows from
    the clean project. The exit code is 0 when every attack is caught and no defence fires on the clean project.
    """
    session = begin(ctx)
    if docs and (attack or defence):
        raise InvalidInput(
            "The site shows the whole matrix.", fix="Leave out `--attack` and `--defence`, or `--docs`."
        )
    own = None if docs else session.settings.home / "attacks"
    known = catalogue.load(own)
    attacks = [catalogue.find(name, known) for name in attack] if attack else list(known.values())
    columns = _columns(defence, attacks if attack else [])
    folder = (out or session.settings.home / "matrix").absolute()
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(
            "The matrix's folder is a file.", evidence=str(folder), fix="Give a folder with `--out`."
        )
    found = _run(session, attacks, columns, is_fresh=fresh, audits=audit)
    written = _write(found, folder)
    if docs:
        written += _write_docs(found, session.settings.repository / "docs")
    if as_json:
        typer.echo(to_json(found), nl=False)
    else:
        _show(found, session, written)
    found.require_holds()


def _columns(names: Sequence[str] | None, attacks: Sequence[Attack]) -> list[Defence]:
    """Return the chosen defences, and those that must catch the chosen attacks; all of them when none was chosen."""
    if not names:
        return list(every_column())
    wanted = {defences.find(name).name for name in names} | {attack.defence for attack in attacks}
    return [defence for defence in every_column() if defence.name in wanted]


def _run(
    session: Session, attacks: Sequence[Attack], columns: Sequence[Defence], *, is_fresh: bool, audits: int
) -> Matrix:
    results = session.settings.home / "matrix" / "cells.json"
    needed = {attack.facility for attack in attacks} | {facility_of(column) for column in columns}
    with (
        LabProgress(session.err) as progress,
        own_ground(session.settings, progress, also=needed & {"cluster"}) as ground,
    ):
        if is_fresh:
            results.unlink(missing_ok=True)

        def tell(cell: CellProgress) -> None:
            done = cell.number - 1 + (cell.cell is not None)
            detail = f"{cell.defence} ({cell.number} of {cell.total})"
            progress(Progress(cell.attack or _CLEAN_ROW, detail, done / cell.total))

        return run_matrix(ground, attacks, columns, results_file=results, audits=audits, on_cell=tell)


def _write(found: Matrix, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    data, picture, text = (folder / f"matrix.{kind}" for kind in ("json", "png", "md"))
    data.write_text(to_json(found), encoding="utf-8")
    write_png(draw(found), picture)
    text.write_text(page(found, picture=picture.name), encoding="utf-8")
    return [data, picture, text]


def _write_docs(found: Matrix, folder: Path) -> list[Path]:
    assets, text = folder / "assets", folder / "matrix.md"
    assets.mkdir(parents=True, exist_ok=True)
    data, picture = assets / "matrix.json", assets / "matrix.png"
    data.write_text(to_json(found), encoding="utf-8")
    write_png(draw(found), picture)
    text.write_text(page(found, picture="assets/matrix.png"), encoding="utf-8")
    return [data, picture, text]


def _show(found: Matrix, session: Session, written: Sequence[Path]) -> None:
    shown = table("Attack", "Must be caught by", "Outcome", "Time", "Also caught by")
    shown.columns[2].no_wrap = shown.columns[3].no_wrap = True
    shown.columns[3].justify = "right"
    columns = [defence.name for defence in found.defences]
    for attack in found.attacks:
        outcome, cell = found.outcome(attack.name, attack.defence), found.cell(attack.name, attack.defence)
        also = [name for name in columns if found.outcome(attack.name, name) is Outcome.ALSO_CAUGHT]
        shown.add_row(
            attack.name,
            attack.defence,
            _mark(outcome),
            seconds(cell.elapsed_s) if cell else "",
            ", ".join(also),
        )
    alarms = [name for name in columns if found.outcome(CLEAN, name) is Outcome.FALSE_ALARM]
    spent = sum(cell.elapsed_s for cell in found.cells if cell.attack == CLEAN)
    outcome = Outcome.FALSE_ALARM if alarms else Outcome.QUIET
    shown.add_row(_CLEAN_ROW, "none", _mark(outcome), seconds(spent), ", ".join(alarms))
    session.out.print(shown)
    say(session.out, f"{found.statement}. {tier_mark(found.tier)}.")
    counts = {source: found.count_source(source) for source in Source}
    say(
        session.out,
        f"{counts[Source.MEASURED]} cells were run in {seconds(found.elapsed_s)}, {counts[Source.DERIVED]} follow from the "
        f"clean project; {counts[Source.AUDITED]} of these were run as well.",
    )
    for path in written:
        say(session.out, f"Written: {path}")


def _mark(outcome: Outcome) -> str:
    style = _STYLES.get(outcome, "dim")
    return f"[{style}]{outcome.symbol} {outcome.value}[/{style}]"
