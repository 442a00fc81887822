"""`opchaos pipeline validate`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.cli.lazy import command
from chaos_lib.errors import InvalidInput
from chaos_lib.pipeline.answer import answer, one_line
from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.parser import parse

app, this_command = command(
    "opchaos pipeline validate Jenkinsfile",
    "opchaos pipeline validate --format github ci/*.Jenkinsfile",
    "git show main:Jenkinsfile | opchaos pipeline validate -",
)
_STDIN = "-"


class Format(str, Enum):
    """How the answer is printed."""

    text = "text"
    json = "json"
    github = "github"


@this_command
def validate(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Jenkinsfiles; - is standard input.")],
    output: Annotated[
        Format,
        typer.Option(
            "--format",
            help="text is what Jenkins prints, json is for programs, github makes annotations in a pull request.",
        ),
    ] = Format.text,
) -> None:
    """Check Jenkinsfiles the way a Jenkins controller does, without one.

    The messages, their order and their places are those of Jenkins's own linter. The exit code is 0 when every file is
    valid, 1 when one is not, and 2 when a file cannot be read.
    """
    read = [(name, parse(_text_of(name))) for name in files]
    if output is Format.json:
        typer.echo(
            json.dumps([_as_json(name, parsed) for name, parsed in read], indent=2, ensure_ascii=False)
        )
    elif output is Format.github:
        for name, parsed in read:
            _annotate(name, parsed)
    else:
        _print(read)
    if not all(parsed.is_valid for _, parsed in read):
        raise typer.Exit(1)


def _text_of(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as exc:
        raise InvalidInput(
            f"`{name}` cannot be read.",
            evidence=exc.strerror or str(exc),
            fix="Give the path of a Jenkinsfile, or - for standard input.",
        ) from exc
    except UnicodeDecodeError as exc:
        raise InvalidInput(
            f"`{name}` is no text in UTF-8.", evidence=str(exc), fix="Save the Jenkinsfile as UTF-8."
        ) from exc


def _print(read: Sequence[tuple[str, ParsedPipeline]]) -> None:
    for name, parsed in read:
        if len(read) > 1:
            typer.echo(f"{name}:")
        typer.echo(answer(parsed))


def _as_json(name: str, parsed: ParsedPipeline) -> dict[str, object]:
    problems = [
        {
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
            "syntax": problem.is_syntax,
        }
        for problem in parsed.problems
    ]
    if not problems and parsed.pipeline is None:
        problems = [{"line": 1, "column": 1, "message": _WITHOUT_PIPELINE, "syntax": False}]
    return {"file": name, "valid": parsed.is_valid, "problems": problems}


_WITHOUT_PIPELINE = "The file does not contain the 'pipeline' step"


def _annotate(name: str, parsed: ParsedPipeline) -> None:
    place = _escaped(name).replace(",", "%2C").replace(":", "%3A")
    for problem in parsed.problems:
        message = _escaped(one_line(problem))
        typer.echo(f"::error file={place},line={problem.line},col={problem.column}::{message}")
    if not parsed.problems and parsed.pipeline is None:
        typer.echo(f"::error file={place},line=1,col=1::{_WITHOUT_PIPELINE}")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
