"""Change a Jenkinsfile's text as a person would in an editor: whole lines, the rest stays as it is.

The changes are found by what the pipeline does, not by how it is written: they work on everybody's Jenkinsfile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chaos_lib.errors import AttackRefused
from chaos_lib.pipeline.groovy.nodes import Span
from chaos_lib.pipeline.model import ParsedPipeline, Pipeline, Stage
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.stage_order import Kind, kinds_of


def read(text: str) -> tuple[ParsedPipeline, Pipeline]:
    """Return a Jenkinsfile as data.

    Raises:
        AttackRefused: It is not valid: there is nothing left to break.
    """
    parsed = parse(text)
    if not parsed.is_valid or parsed.pipeline is None:
        raise AttackRefused(
            "The Jenkinsfile is broken already.",
            evidence=parsed.problems[0].message if parsed.problems else "there is no `pipeline` block",
            fix='Repair it first: `chaos.defend("jenkinsfile-lint")` says where.',
        )
    return parsed, parsed.pipeline


def refuse(what: str) -> AttackRefused:
    """Return the error for a Jenkinsfile that has not got what an attack breaks."""
    return AttackRefused(
        f"Your Jenkinsfile has no {what} yet.",
        evidence="the attack found nothing to break",
        fix="Write that part of the pipeline first; the notebook's answer cells show how.",
    )


def put(text: str, span: Span, new: str) -> str:
    """Replace a stretch of the text."""
    return text[: span.start] + new + text[span.end :]


def without_lines(text: str, span: Span) -> str:
    """Delete the lines on which something stands."""
    start, end = _lines(text, span)
    return text[:start] + text[end:]


def move_before(text: str, moved: Span, target: Span) -> str:
    """Move the lines of one thing before those of another one that stands earlier."""
    start, end = _lines(text, moved)
    place, _ = _lines(text, target)
    assert place <= start, "the target stands before"
    return text[:place] + text[start:end] + text[place:start] + text[end:]


def leaves(stages: tuple[Stage, ...]) -> Iterator[Stage]:
    """Yield the stages that have steps of their own, in the order of the file."""
    for stage in stages:
        inner = (stage.stages or ()) + (stage.parallel or ())
        if inner:
            yield from leaves(inner)
        else:
            yield stage


def first_that(parsed: ParsedPipeline, stages: tuple[Stage, ...], kind: Kind) -> Stage | None:
    """Return the first of some stages that does something of a kind, itself or in a stage of its own."""
    does: Callable[[Stage], bool] = lambda stage: any(  # noqa: E731 - one line of a search
        kind in kinds_of(parsed, leaf) for leaf in leaves((stage,))
    )
    return next((stage for stage in stages if does(stage)), None)


def _lines(text: str, span: Span) -> tuple[int, int]:
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    return start, len(text) if end < 0 else end + 1
