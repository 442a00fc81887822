"""`options`, `parameters`, `triggers`, `libraries` and `tools`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chaos_lib.pipeline.declarative import describables
from chaos_lib.pipeline.declarative.arguments import for_model
from chaos_lib.pipeline.declarative.describables import Describable
from chaos_lib.pipeline.declarative.matching import (
    Place,
    Reading,
    Value,
    arguments_of,
    block_in,
    call_in,
    name_of,
    place,
)
from chaos_lib.pipeline.declarative.method_calls import MethodCall, check_call, read_call
from chaos_lib.pipeline.declarative.part import Part, duplicates
from chaos_lib.pipeline.declarative.steps import BLOCKED_IN_CALLS, blocked
from chaos_lib.pipeline.groovy.expressions import MapLiteral
from chaos_lib.pipeline.groovy.nodes import Expression, Statement
from chaos_lib.pipeline.groovy.statements import ExpressionStatement
from chaos_lib.pipeline.model import Directive, Tool


@dataclass(frozen=True)
class Sort:
    """One sort of directive.

    Attributes:
        section: The section's name.
        word: What Jenkins calls one entry in its messages.
        plural: What it calls several.
        expected: What it says of something that is no entry.
        known: The entries a controller knows, with what they take.
        further: Entries that further plugins bring.
        must_be_unique: Whether each may stand there once.
    """

    section: str
    word: str
    plural: str
    expected: str
    known: Mapping[str, Describable | None]
    further: Collection[str]
    must_be_unique: bool


OPTIONS = Sort(
    "options",
    "option",
    "Options",
    "Expected an option",
    describables.OPTIONS,
    describables.PLUGIN_OPTIONS,
    True,
)
TRIGGERS = Sort(
    "triggers",
    "trigger",
    "Triggers",
    "Expected a trigger",
    describables.TRIGGERS,
    describables.PLUGIN_TRIGGERS,
    True,
)
PARAMETERS = Sort(
    "parameters",
    "parameter",
    "Build parameters",
    "Expected a build parameter definition",
    describables.PARAMETERS,
    describables.PLUGIN_PARAMETERS,
    False,
)
_MOVED = {
    name: f'The "{name}" job property can\'t be used in the "options" directive. Use the "{name} {{...}}" directive '
    "instead."
    for name in ("parameters", "triggers")
}


def read(
    reading: Reading, statement: Statement, sort: Sort, *, is_in_stage: bool = False
) -> Part[tuple[Directive, ...]]:
    """Read a section of directives."""
    at = place(statement)
    block = reading.block(statement, sort.section)
    lines = block.closure.body if block is not None else ()
    entries = [_read_entry(reading, line, sort) for line in lines]
    directives = tuple(directive for _, _, directive in entries if directive is not None)

    def check() -> None:
        if not entries:
            reading.problems.add(at, f"{sort.section} can not be empty")
        elif sort.must_be_unique:
            for name in duplicates(call.name if call else None for _, call, _ in entries):
                message = f'Duplicate {sort.word} name: "{"null" if name is None else name}"'
                reading.problems.add(at, message)
        if sort is OPTIONS:
            for entry_place, call, _ in entries:
                if call is not None:
                    _check_known(reading, entry_place, call.name, sort, is_in_stage=is_in_stage)
        for entry_place, call, _ in entries:
            _check_entry(reading, entry_place, call, sort)

    return Part(directives, at, check)


def _read_entry(
    reading: Reading, line: Statement, sort: Sort
) -> tuple[Place, MethodCall | None, Directive | None]:
    at = place(line)
    call = call_in(line)
    if call is None:
        is_map = isinstance(line, ExpressionStatement) and isinstance(line.expression, MapLiteral)
        reading.problems.add(at, f"{sort.plural} cannot be defined as maps" if is_map else sort.expected)
        return at, None, None
    if block_in(line) is not None:
        reading.problems.add(at, f"{sort.plural} definitions cannot have blocks")
        return at, None, None
    found = read_call(reading, call)
    return at, found, Directive(found.name, for_model(call), call.span)


def _check_known(reading: Reading, at: Place, name: str, sort: Sort, *, is_in_stage: bool) -> None:
    known: Collection[str] = describables.STAGE_OPTIONS if is_in_stage else sort.known
    if name in known or name in sort.further:
        return
    listed = ", ".join(known)
    reading.problems.add(at, f'Invalid {sort.word} type "{name}". Valid {sort.word} types: [{listed}]')


def _check_entry(reading: Reading, at: Place, call: MethodCall | None, sort: Sort) -> None:
    if call is None:
        return
    is_known = call.name in sort.known or call.name in sort.further
    if sort is not OPTIONS and not is_known:
        _check_known(reading, at, call.name, sort, is_in_stage=False)
    elif call.is_mixed:
        reading.problems.add(at, "Cannot mix named and unnamed arguments")
    if call.name in BLOCKED_IN_CALLS:
        reading.problems.add(at, blocked(call.name, BLOCKED_IN_CALLS[call.name]))
    if sort is OPTIONS and call.name in _MOVED:
        reading.problems.add(at, _MOVED[call.name])
    check_call(reading, call, at, sort.known.get(call.name))


def read_tools(reading: Reading, statement: Statement) -> Part[tuple[Tool, ...]]:
    """Read a `tools` section."""
    at = place(statement)
    block = reading.block(statement, "tools")
    tools: dict[str, tuple[Tool, Place, Value]] = {}
    for line in block.closure.body if block is not None else ():
        call = call_in(line)
        if call is None:
            reading.problems.add(at, 'Expected to find \u2018someTool "someVersion"\u2019')
            continue
        kind, kind_place = reading.key(call)
        given = arguments_of(call)
        if not given:
            reading.problems.add(kind_place, f'No argument for tool "{kind}"')
        elif len(given) > 1:
            reading.problems.add(kind_place, f'Too many arguments for tool "{kind}"')
        else:
            tools[kind] = (Tool(kind, given[0], line.span), kind_place, reading.value(given[0]))

    def check() -> None:
        if not tools:
            reading.problems.add(at, "No tools specified")
        for kind, (_, kind_place, _) in tools.items():
            # A tool may be named by its class as well.
            if kind not in describables.TOOLS and kind not in describables.PLUGIN_TOOLS and "." not in kind:
                listed = ", ".join(describables.TOOLS)
                reading.problems.add(kind_place, f'Invalid tool type "{kind}". Valid tool types: [{listed}]')

    return Part(tuple(tool for tool, _, _ in tools.values()), at, check)


def read_libraries(reading: Reading, statement: Statement) -> Part[tuple[Expression, ...]]:
    """Read a `libraries` section."""
    at = place(statement)
    block = reading.block(statement, "libraries")
    libraries: list[Expression] = []
    for line in block.closure.body if block is not None else ():
        call = call_in(line)
        if call is None or name_of(call) != "lib":
            # Jenkins asks for the method's name only here, and takes a call on an object by its last name.
            reading.problems.add(at, f'Expected a "lib(...)" but got {reading.plain_text(line)}')
        elif block_in(line) is not None:
            reading.problems.add(place(line), "Libraries definitions cannot have blocks")
        else:
            found = read_call(reading, call)
            if len(found.arguments) == 1 and isinstance(found.arguments[0], Value):
                libraries.append(call.positional[0])
            else:
                message = f'Expected a "lib(...)" but got {reading.plain_text(call)}'
                reading.problems.add(place(call), message)

    def check() -> None:
        if not libraries:
            reading.problems.add(at, "libraries can not be empty")

    return Part(tuple(libraries), at, check)
