"""`matrix { axes { } excludes { } stages { } }`."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_lib.pipeline.declarative.environment import is_identifier, not_identifier
from chaos_lib.pipeline.declarative.matching import Place, Reading, Value, call_in, place
from chaos_lib.pipeline.declarative.method_calls import read_call
from chaos_lib.pipeline.declarative.part import Part, check_all
from chaos_lib.pipeline.groovy.expressions import Call
from chaos_lib.pipeline.groovy.nodes import Statement
from chaos_lib.pipeline.model import Axis, Exclude


@dataclass
class _Axis:
    """An axis while it is read."""

    place: Place
    name: str | None = None
    name_place: Place = (0, 0)
    values: list[Value] = field(default_factory=list)
    is_inverted: bool = False


def read_axes(reading: Reading, statement: Statement) -> Part[tuple[Axis, ...]]:
    """Read the `axes` of a matrix."""
    at = place(statement)
    block = reading.block(statement, "axes")
    lines = block.closure.body if block is not None else ()
    axes = [(_read_axis(reading, line, may_exclude=False), line) for line in lines]

    def check() -> None:
        if not axes:
            reading.problems.add(at, "No axis directives specified")
        _check_names(reading, [axis for axis, _ in axes])
        for axis, _ in axes:
            _check_axis(reading, axis)

    return Part(tuple(_finished(axis, line) for axis, line in axes), at, check)


def read_excludes(reading: Reading, statement: Statement) -> Part[tuple[Exclude, ...]]:
    """Read the `excludes` of a matrix."""
    at = place(statement)
    block = reading.block(statement, "excludes")
    lines = block.closure.body if block is not None else ()
    parts = [_read_exclude(reading, line) for line in lines]

    def check() -> None:
        if not parts:
            reading.problems.add(at, "No exclude directives specified")
        check_all(parts)

    return Part(tuple(part.value for part in parts), at, check)


def _read_exclude(reading: Reading, statement: Statement) -> Part[Exclude]:
    at = place(statement)
    block = reading.block(statement, "exclude")
    lines = block.closure.body if block is not None else ()
    axes = [(_read_axis(reading, line, may_exclude=True), line) for line in lines]

    def check() -> None:
        if not axes:
            reading.problems.add(at, "No axis directives specified")
        _check_names(reading, [axis for axis, _ in axes])
        for axis, _ in axes:
            _check_axis(reading, axis)

    return Part(Exclude(tuple(_finished(axis, line) for axis, line in axes), statement.span), at, check)


def _finished(axis: _Axis, line: Statement) -> Axis:
    values = tuple(str(value.value) for value in axis.values)
    return Axis(axis.name or "", values, axis.is_inverted, line.span)


def _read_axis(reading: Reading, statement: Statement, *, may_exclude: bool) -> _Axis:
    axis = _Axis(place(statement))
    block = reading.block(statement, "axis")
    seen: set[str] = set()
    for line in block.closure.body if block is not None else ():
        at = place(line)
        call = call_in(line)
        if call is None:
            source = reading.plain_text(statement)
            message = f'Not a valid section definition: "{source}". Some extra configuration is required.'
            reading.problems.add(at, message)
            continue
        found = read_call(reading, call)
        if found.name in seen:
            reading.problems.add(at, f"Multiple occurrences of the {found.name} section")
        seen.add(found.name)
        if found.name == "name":
            _read_name(reading, axis, call, at)
        elif found.name == "values" or (found.name == "notValues" and may_exclude):
            other = "notValues" if found.name == "values" else "values"
            if may_exclude and other in seen:
                message = 'Exclude axis must contain either "values" or "notValues"'
                reading.problems.add(at, message)
            axis.is_inverted |= found.name == "notValues"
            axis.values += [value for value in found.arguments if isinstance(value, Value)]
        else:
            reading.problems.add(at, f'Undefined section "{found.name}"')
    return axis


def _read_name(reading: Reading, axis: _Axis, call: Call, at: Place) -> None:
    given = call.positional
    if len(given) != 1:
        word = "Too many arguments" if given else "No argument"
        reading.problems.add(at, f'{word} for field "name"')
        return
    axis.name, axis.name_place = reading.string(given[0]), place(given[0])


def _check_names(reading: Reading, axes: list[_Axis]) -> None:
    names = [axis.name for axis in axes]
    told: set[str] = set()
    for axis in axes:
        if axis.name and names.count(axis.name) > 1 and axis.name not in told:
            told.add(axis.name)
            reading.problems.add(axis.name_place, f'Duplicate axis name: "{axis.name}"')


def _check_axis(reading: Reading, axis: _Axis) -> None:
    if axis.name is None:
        reading.problems.add(axis.place, 'Missing required section "name"')
    elif not is_identifier(axis.name):
        reading.problems.add(axis.name_place, not_identifier(axis.name))
    if not axis.values:
        reading.problems.add(axis.place, 'Missing required section "values"')
    values = [(value.is_literal, type(value.value), value.value) for value in axis.values]
    for index, value in enumerate(axis.values):
        if values.count(values[index]) > 1 and values.index(values[index]) == index:
            reading.problems.add(value.place, f'Duplicate axis value: "{value.value}"')
    for value in axis.values:
        if not value.is_literal:
            reading.problems.add(value.place, f"Expected string literal but got {value.value}")
