"""The shell commands of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaos_lib.pipeline.groovy.expressions import Call, GString, Literal
from chaos_lib.pipeline.groovy.nodes import Expression, Span
from chaos_lib.pipeline.groovy.statements import Script
from chaos_lib.pipeline.groovy.walk import calls_in
from chaos_lib.pipeline.model import Arguments

SHELLS = frozenset({"sh", "bat", "powershell", "pwsh"})
PLACEHOLDER = "${...}"


@dataclass(frozen=True)
class ShellLine:
    """One line of a shell step.

    Attributes:
        text: The line, comments and outer blanks removed; `${...}` stands for what Groovy puts in.
        line: Where in the Jenkinsfile, from 1.
        call: The step.
    """

    text: str
    line: int
    call: Call


def shell_lines(script: Script) -> Iterator[ShellLine]:
    """Yield the lines of all shell steps in a file."""
    for call in calls_in(script):
        if call.target is None and call.method in SHELLS:
            yield from lines_of(call, script.source)


def lines_of(call: Call, source: str) -> Iterator[ShellLine]:
    """Yield the lines of one shell step; a backslash at the end joins two."""
    script = script_of(call)
    if script is None:
        return
    numbers = _line_numbers(script, source)
    pending, first = "", 0
    for index, line in enumerate(text_of(script).splitlines()):
        pending += f" {line}"
        first = first or numbers[min(index, len(numbers) - 1)]
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        text = " ".join(pending.split())
        if text and not text.startswith("#"):
            yield ShellLine(text, first, call)
        pending, first = "", 0


def _line_numbers(script: Expression, source: str) -> list[int]:
    """Return where each line of a text stands: Groovy takes a backslash at the end of a line away, and the end too."""
    numbers = [script.span.line]
    for offset, raw in enumerate(source[script.span.start : script.span.end].splitlines(), 1):
        if not raw.endswith("\\") or raw.endswith("\\\\"):
            numbers.append(script.span.line + offset)
    return numbers


def script_of(call: Call) -> Expression | None:
    """Return what a shell step runs."""
    return Arguments(call.positional, call.named).get("script", position=0)


def text_of(node: Expression) -> str:
    """Return a text with placeholders for what is put in; empty for anything else."""
    if isinstance(node, Literal):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, GString):
        return "".join(part if isinstance(part, str) else PLACEHOLDER for part in node.parts)
    return ""


def is_within(inner: Span, outer: Span) -> bool:
    """Say whether one stretch lies in another."""
    return outer.start <= inner.start and inner.end <= outer.end
