"""Steps."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.pipeline.declarative import arguments
from chaos_lib.pipeline.declarative.describables import STEPS
from chaos_lib.pipeline.declarative.matching import Place, Reading, arguments_of, block_in, call_in, place
from chaos_lib.pipeline.declarative.part import Part, check_all, nothing
from chaos_lib.pipeline.groovy.expressions import Closure
from chaos_lib.pipeline.groovy.nodes import Statement
from chaos_lib.pipeline.model import Step

BLOCKED = {
    "stage": "The stage step cannot be used in Declarative Pipelines",
    "properties": "The properties step cannot be used in Declarative Pipelines",
    "parallel": "The parallel step can only be used as the only top-level step in a stage's step block",
}
BLOCKED_IN_CALLS = {
    "node": "The node step cannot be called as an argument to a method in Declarative Pipelines",
    **BLOCKED,
}


def blocked(name: str, reason: str) -> str:
    """Return what Jenkins says of a name that may not stand where it does."""
    return f'Invalid step "{name}" used - not allowed in this context - {reason}'


def read_branch(reading: Reading, closure: Closure) -> Part[tuple[Step, ...]]:
    """Read the steps in a pair of braces."""
    parts = [read_step(reading, statement) for statement in closure.body]
    at = branch_place(closure)

    def check() -> None:
        if not closure.body:
            reading.problems.add(at, "No steps specified for branch")
        check_all(parts)

    return Part(_steps_of(parts), at, check)


def branch_place(closure: Closure) -> Place:
    """Return where Jenkins says a block of steps stands: at its first step, or at the brace of an empty one."""
    return place(closure.body[0]) if closure.body else place(closure)


def _steps_of(parts: Sequence[Part[Step | None]]) -> tuple[Step, ...]:
    return tuple(part.value for part in parts if part.value is not None)


def read_step(reading: Reading, statement: Statement) -> Part[Step | None]:
    """Read one step."""
    at = place(statement)
    call = call_in(statement)
    if call is None:
        reading.problems.add(at, "Expected a step")
        return Part(None, at)
    name = reading.name(call)
    source = reading.source[call.span.start : call.span.end]
    block = block_in(statement)
    given_for_model = arguments.for_model(call)
    if name in ("script", "expression"):
        if block is None:
            reading.problems.add(at, f"{'Script' if name == 'script' else 'When'} step without a block")
            return Part(None, at)
        step = Step(name, given_for_model, None, block.closure.body, call, source, call.span)
        return Part(step, at)
    children: list[Part[Step | None]] = []
    given_arguments = arguments_of(call)
    if block is not None:
        given = arguments.read(reading, given_arguments[:-1])
        children = [read_step(reading, child) for child in block.closure.body]
    else:
        given = arguments.read(reading, given_arguments)
    inner = _steps_of(children) if block is not None else None
    step = Step(name, given_for_model, inner, None, call, source, call.span)

    def check() -> None:
        takes = STEPS.get(name)
        if takes is not None:
            arguments.check(reading, at, name, given, takes, takes_block=takes.takes_block)
        if name in BLOCKED:
            reading.problems.add(at, blocked(name, BLOCKED[name]))
        check_all(children)

    return Part(step, at, check if name else nothing)
