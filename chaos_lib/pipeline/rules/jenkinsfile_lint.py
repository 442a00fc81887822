"""The linter as a rule: a file that Jenkins would not accept never reaches it."""

from __future__ import annotations

from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.rules.finding import Finding

RULE = "jenkinsfile-lint"
_REMEDIES = {
    "SYNTAX_ERROR": "Look at the line and the one before it: a brace, a bracket or a quote is missing or one too many.",
    "NO_PIPELINE": "Wrap everything in `pipeline { }`: a Declarative Pipeline begins with it.",
    "SECTION_MISSING": "Add the section that the message names; `pipeline` needs `agent` and `stages`.",
    "INVALID_PIPELINE": "Change the line as the message says; `opchaos pipeline validate Jenkinsfile` shows it again.",
}


def lint(parsed: ParsedPipeline) -> tuple[Finding, ...]:
    """Return everything Jenkins's linter objects to."""
    if parsed.pipeline is None and not parsed.problems:
        return (_finding("NO_PIPELINE", 1, "there is no `pipeline` block"),)
    found = []
    for problem in parsed.problems:
        if problem.is_syntax:
            reason = "SYNTAX_ERROR"
        elif problem.message.startswith("Missing required section"):
            reason = "SECTION_MISSING"
        else:
            reason = "INVALID_PIPELINE"
        found.append(_finding(reason, problem.line, f"{problem.message} (column {problem.column})"))
    return tuple(found)


def _finding(reason: str, line: int, evidence: str) -> Finding:
    return Finding(RULE, reason, line, evidence, _REMEDIES[reason])
