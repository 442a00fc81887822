"""What Jenkins's linter answers, to the letter."""

from __future__ import annotations

import re

from chaos_lib.pipeline.model import ParsedPipeline, Problem

VALID = "Jenkinsfile successfully validated."
INVALID = "Errors encountered validating Jenkinsfile:"
_WIDE = 40
_LINE = re.compile(r"\r\n|\r|\n")


def answer(parsed: ParsedPipeline) -> str:
    """Return the text that a controller's `pipeline-model-converter/validate` returns for a file."""
    if parsed.problems:
        lines = _LINE.split(parsed.source)
        if lines and not lines[-1]:
            lines.pop()
        return "\n".join([INVALID, *(_shown(problem, lines) for problem in parsed.problems)])
    if parsed.pipeline is None:
        return f"Jenkinsfile content '{parsed.source}' did not contain the 'pipeline' step"
    return VALID


def one_line(problem: Problem) -> str:
    """Return a problem's message and place."""
    return f"{problem.message} @ line {problem.line}, column {problem.column}."


def _shown(problem: Problem, lines: list[str]) -> str:
    head = f"WorkflowScript: {problem.line}: {one_line(problem)}"
    if not 1 <= problem.line <= len(lines):
        return head
    return f"{head}\n{_sample(lines[problem.line - 1], problem.column)}\n"


def _sample(line: str, column: int) -> str:
    """Return the source line with a caret below; of a long line the part around the caret."""
    marker = " " * (column - 1) + "^"
    start = 0
    if column > _WIDE:
        start = column - 31
        line = line[start : min(column + 9, len(line)) if column + 10 <= len(line) else len(line)]
    return f"   {line}\n   {marker[start:]}"
