"""The reference of `opchaos`, written from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import typer
from rich.text import Text

from chaos_lib.cli import lazy
from chaos_lib.cli.app import COMMANDS, app


def command_line(_: str) -> str:
    """Return a section for every command, with its arguments, options and examples."""
    root = typer.main.get_command(app)
    parts = [_section(root, "opchaos", level=2)]
    for entry in COMMANDS:
        command = lazy.load(entry.module)
        parts.append(_section(command, f"opchaos {entry.name}", level=3 if " " in entry.name else 2))
        for name, inner in _inner(command):
            parts.append(_section(inner, f"opchaos {entry.name} {name}", level=3))
    return "\n\n".join(parts)


def _inner(command: Any) -> Iterator[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield name, inner
        for deeper, innermost in _inner(inner):
            yield f"{name} {deeper}", innermost


def _section(command: Any, name: str, *, level: int) -> str:
    arguments = [_row(each, each.metavar or each.name.upper()) for each in _parameters(command, "argument")]
    options = [_row(each, ", ".join(each.opts)) for each in _parameters(command, "option")]
    examples = [line.strip() for line in _plain(command.epilog or "").splitlines() if line.strip()][1:]
    lines = [f"{'#' * level} {name}", "", _paragraphs(command.help or "")]
    if arguments or options:
        lines += ["", "| argument or option | what it does |", "|---|---|", *arguments, *options]
    if examples:
        lines += ["", "```bash", *examples, "```"]
    return "\n".join(lines)


def _parameters(command: Any, kind: str) -> Sequence[Any]:
    hidden = {"help", "install_completion", "show_completion"}
    return [
        each
        for each in command.params
        if each.param_type_name == kind and each.name not in hidden and not getattr(each, "hidden", False)
    ]


def _row(parameter: Any, shown: str) -> str:
    takes_value = parameter.param_type_name == "option" and not getattr(parameter, "is_flag", False)
    value = f" {parameter.metavar or parameter.name.upper()}" if takes_value else ""
    text = _plain(parameter.help or "").replace("|", "\\|")
    return f"| `{shown}{value}` | {text} |"


def _paragraphs(text: str) -> str:
    return _plain(text).split("\f")[0].strip()


def _plain(text: str) -> str:
    return Text.from_markup(text).plain
