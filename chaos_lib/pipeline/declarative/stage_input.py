"""`input { message 'Go on?' }` of a stage."""

from __future__ import annotations

from chaos_lib.pipeline.declarative import directives
from chaos_lib.pipeline.declarative.matching import Reading, arguments_of, call_in, place
from chaos_lib.pipeline.declarative.part import Part
from chaos_lib.pipeline.groovy.nodes import Expression, Statement
from chaos_lib.pipeline.model import Directive, Input

_FIELDS = ("message", "id", "ok", "submitter", "submitterParameter")


def read(reading: Reading, statement: Statement) -> Part[Input]:
    """Read the `input` of a stage."""
    at = place(statement)
    block = reading.block(statement, "input")
    fields: dict[str, Expression] = {}
    parameters: Part[tuple[Directive, ...]] | None = None
    seen: set[str] = set()
    for line in block.closure.body if block is not None else ():
        call = call_in(line)
        if call is None:
            source = reading.plain_text(line)
            message = f'Not a valid section definition: "{source}". Some extra configuration is required.'
            reading.problems.add(at, message)
            continue
        name = reading.name(call)
        _, key_place = reading.key(call)
        if name in seen:
            reading.problems.add(at, f"Multiple occurrences of the {name} section")
        seen.add(name)
        given = arguments_of(call)
        if len(given) != 1:
            word = "Too many arguments" if given else "No argument"
            reading.problems.add(key_place, f'{word} for field "{name}"')
        elif name in _FIELDS:
            reading.value(given[0])
            fields[name] = given[0]
        elif name == "parameters":
            parameters = directives.read(reading, line, directives.PARAMETERS)
        else:
            reading.problems.add(key_place, f'Not a valid field for input: "{name}"')

    found = Input(
        fields.get("message"),
        fields.get("id"),
        fields.get("ok"),
        fields.get("submitter"),
        fields.get("submitterParameter"),
        parameters.value if parameters else (),
        statement.span,
    )

    def check() -> None:
        if found.message is None:
            reading.problems.add(at, "No message specified for input")
        if parameters is not None and parameters.value:
            parameters.check()

    return Part(found, at, check)
