"""What a person sees when a command fails: what happened, the evidence, how to fix it; and the exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import traceback
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chaos_lib.cli.options import Options
from chaos_lib.errors import ChaosError, DiskFull, Interrupted, InvalidInput

if TYPE_CHECKING:
    from chaos_lib.settings import Settings

EXIT_FAILED = 1
EXIT_INVALID_INPUT = 2
EXIT_INTERRUPTED = 130

# Typer reports wrong usage itself; its base class for that has no public name of its own.
_USAGE = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
PASSED_ON: tuple[type[BaseException], ...] = (typer.Exit, typer.Abort, _USAGE, SystemExit, BrokenPipeError)


def report(exc: BaseException, options: Options | None) -> int:
    """Show an error on standard error.

    Args:
        exc: What was raised.
        options: Say where the mission is; None when not even they were read.

    Returns:
        The exit code: 2 for wrong input, 130 for Ctrl-C, otherwise 1.
    """
    from chaos_lib.cli import card_view, screen
    from chaos_lib.ui import cards

    console = screen.console(stderr=True)
    if isinstance(exc, KeyboardInterrupt):
        exc = _cleaned_up(options)
    elif not isinstance(exc, ChaosError):
        exc = translated(exc) or _unexpected(exc, options)
    card_view.show(cards.error(exc), console)
    if isinstance(exc, Interrupted):
        return EXIT_INTERRUPTED
    return EXIT_INVALID_INPUT if isinstance(exc, InvalidInput) else EXIT_FAILED


def translated(exc: BaseException) -> ChaosError | None:
    """Return our error for one that the system gives for a full disk or a folder that is closed to us."""
    if not isinstance(exc, OSError):
        return None
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            "There is no room left on a disk.",
            evidence=str(exc),
            fix="Make room, then run the same command again: nothing is lost.",
        )
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return InvalidInput(
            "A file or folder of the mission is closed to you.",
            evidence=str(exc),
            fix="Correct its owner or permissions, or choose another mission folder with `--home`.",
        )
    return None


def _cleaned_up(options: Options | None) -> ChaosError:
    """Heal what Ctrl-C left half done, and say so."""
    from chaos_lib.cli import journal_look
    from chaos_lib.cli.interrupts import undisturbed

    evidence = ""
    with undisturbed():
        try:
            looked = journal_look.look((options or Options()).settings(), heals=True)
            evidence = looked.text
        except ChaosError as trouble:
            evidence = trouble.text
    return Interrupted(
        "Stopped. Nothing was left half done.",
        evidence=evidence,
        fix="Run the same command again when you like. `opchaos status` shows where you are.",
    )


def _unexpected(exc: BaseException, options: Options | None) -> ChaosError:
    path: Path | None = None
    with contextlib.suppress(Exception):
        path = _write_crash((options or Options()).settings(), exc)
    where = f"The details are in {path}" if path else traceback.format_exception(exc)[-1].strip()
    return ChaosError(
        "Something went wrong that this workshop did not foresee.",
        evidence=f"{type(exc).__name__}: {exc}",
        fix=f"`opchaos doctor` looks for a cause. {where}: please attach it to a report on the project's issue "
        "tracker (CONTRIBUTING.md says how). Your workspace is safe: `opchaos heal` undoes what is open.",
    )


def _write_crash(settings: Settings, exc: BaseException) -> Path:
    folder = settings.state / "crashes"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(tz=timezone.utc).strftime("%Y%m%d-%H%M%S")
    path = folder / f"crash-{stamp}-{os.getpid()}.txt"
    path.write_text("".join(traceback.format_exception(exc)), encoding="utf-8")
    return path
