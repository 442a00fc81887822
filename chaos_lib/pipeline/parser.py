"""From the text of a Jenkinsfile to its model, with everything Jenkins would object to."""

from __future__ import annotations

import contextlib

from chaos_lib.pipeline.declarative.matching import Reading
from chaos_lib.pipeline.declarative.pipeline import PipelineReader, check_nested, find
from chaos_lib.pipeline.declarative.problems import EnoughProblems, Problems
from chaos_lib.pipeline.groovy.statement_grammar import parse_groovy
from chaos_lib.pipeline.groovy.tokens import GroovySyntaxError
from chaos_lib.pipeline.model import ParsedPipeline, Problem


def parse(text: str) -> ParsedPipeline:
    """Read a Jenkinsfile: its Groovy, its Declarative model and everything Jenkins would object to.

    Args:
        text: The content of the file.

    Returns:
        The model, with the problems found. Nothing in the text makes it raise.
    """
    try:
        return _parse(text)
    except RecursionError:
        # Java's stack ends there as well, somewhat later; the last thing a person writes by hand.
        problem = Problem("the file is nested too deeply", 1, 1, is_syntax=True)
        return ParsedPipeline(text, None, None, (problem,))


def _parse(text: str) -> ParsedPipeline:
    try:
        script = parse_groovy(text)
    except GroovySyntaxError as exc:
        problem = Problem(exc.message, exc.line, exc.column, is_syntax=True)
        return ParsedPipeline(text, None, None, (problem,))
    problems = Problems()
    reading = Reading(text, problems)
    statement = find(script)
    if statement is None:
        with contextlib.suppress(EnoughProblems):
            check_nested(reading, script.statements)
        return ParsedPipeline(text, script, None, tuple(problems.found))
    reader = PipelineReader(reading, statement)
    try:
        reader.read()
        reader.check()
    except EnoughProblems:
        return ParsedPipeline(text, script, None, tuple(problems.found))
    return ParsedPipeline(text, script, reader.finished(), tuple(problems.found))
