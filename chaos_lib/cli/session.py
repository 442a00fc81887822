"""What every command starts with: settings, consoles, and a look at the journal."""

from __future__ import annotations

from dataclasses import dataclass

import typer
from rich.console import Console

from chaos_lib.cli import journal_look, screen
from chaos_lib.cli.options import Options
from chaos_lib.settings import Settings


@dataclass(frozen=True)
class Session:
    """One command's surroundings.

    Attributes:
        settings: Where the mission is and what it may use.
        out: Standard output: what was asked for.
        err: Standard error: progress, notes and errors, so that the output can be piped.
    """

    settings: Settings
    out: Console
    err: Console


def begin(ctx: typer.Context, *, tier: str | None = None, heals: bool = True) -> Session:
    """Read the settings and look at the journal; what a killed process left half done is healed and told.

    Args:
        ctx: Carries the options before the command.
        tier: The command's own `--tier`, which goes before.
        heals: Whether to heal; a command that promises to change nothing only looks.

    Raises:
        InvalidInput: An option or an `OPCHAOS_*` variable cannot be right.
    """
    given: Options = ctx.obj
    settings = Options(given.home, tier if tier is not None else given.tier).settings()
    session = Session(settings, screen.console(), screen.console(stderr=True))
    found = journal_look.look(settings, heals=heals).text
    if found:
        screen.say(session.err, found, "yellow")
    return session
