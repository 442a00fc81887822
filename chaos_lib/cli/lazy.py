"""A group of commands whose modules are imported when they are run: `opchaos --help` stays quick."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

import typer
import typer.core
import typer.main

from chaos_lib.cli import failures

_STUB = "opchaos_module"

Function: TypeAlias = Callable[..., None]


@dataclass(frozen=True)
class Entry:
    """One command before it is loaded.

    Attributes:
        name: What is typed: a word, or two such as `attack new`, which go before a command of one.
        module: Module in `chaos_lib.cli` whose `app` holds it.
        help: One line for the list of commands; the command's own help begins with the same.
        panel: The heading under which it is listed.
    """

    name: str
    module: str
    help: str
    panel: str


def add(app: typer.Typer, entry: Entry) -> None:
    """List a command in a group without loading it."""

    def stub() -> None:
        """Stand in for a command that is not loaded yet."""

    setattr(stub, _STUB, entry.module)
    app.command(entry.name, help=entry.help, rich_help_panel=entry.panel)(stub)


class LazyGroup(typer.core.TyperGroup):
    """Replaces a listed command by the real one when it is called, and shows every error in plain words."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command of these arguments, and load it."""
        two_words = " ".join(args[:2])
        if two_words in self.commands:
            args = [two_words, *args[2:]]
        name, command, rest = super().resolve_command(ctx, args)
        callback = getattr(command, "callback", None)
        module = getattr(getattr(callback, "__wrapped__", callback), _STUB, None)
        return name, load(module) if module else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; expected errors become a message and an exit code, never a traceback."""
        try:
            return super().invoke(ctx)
        except failures.PASSED_ON:
            raise
        except BaseException as exc:
            raise typer.Exit(failures.report(exc, ctx.obj)) from None


def load(module: str) -> Any:
    """Import a command's module and return the command in it."""
    loaded: typer.Typer = import_module(f"chaos_lib.cli.{module}").app
    return typer.main.get_command(loaded)


def command(*examples: str) -> tuple[typer.Typer, Callable[[Function], Function]]:
    """Return an app for one command, and the decorator that makes a function this command.

    The function's docstring is the command's help.

    Args:
        examples: Command lines for the end of its help.
    """
    app = typer.Typer(add_completion=False, rich_markup_mode="rich")

    def decorate(function: Function) -> Function:
        return app.command(help=_flowing(function.__doc__ or ""), epilog=epilog(*examples))(function)

    return app, decorate


def _flowing(docstring: str) -> str:
    """Join the lines of each paragraph: the terminal's width decides where they break."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def epilog(*examples: str) -> str:
    """Return the end of a help text: command lines to copy."""
    return "\n".join(["[bold]Examples[/bold]", *(f"  [cyan]{line}[/cyan]" for line in examples)])
