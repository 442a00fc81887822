"""The arguments of steps, conditions and the rest, and whether what is called takes them."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.pipeline.declarative.describables import Describable, JavaType
from chaos_lib.pipeline.declarative.edit_distance import nearest
from chaos_lib.pipeline.declarative.matching import Place, Reading, Value, place
from chaos_lib.pipeline.groovy.expressions import Call, Closure, MapLiteral, NamedArgument
from chaos_lib.pipeline.groovy.nodes import Expression
from chaos_lib.pipeline.groovy.numbers import java_class
from chaos_lib.pipeline.model import Arguments


@dataclass(frozen=True)
class Named:
    """`name: value`, or nothing at all."""

    entries: tuple[tuple[str, Place, Value], ...]


@dataclass(frozen=True)
class Single:
    """One value without a name."""

    value: Value


@dataclass(frozen=True)
class Several:
    """More than one without a name."""


Given = Named | Single | Several


def read(reading: Reading, arguments: tuple[Expression, ...]) -> Given:
    """Read the arguments of a step or a condition."""
    if not arguments:
        return Named(())
    if len(arguments) > 1:
        for argument in arguments:
            reading.value(argument)
        return Several()
    only = arguments[0]
    if isinstance(only, MapLiteral):
        entries = [(entry, _key(reading, entry)) for entry in only.entries]
        if not any(key == "$class" for _, key in entries):
            return Named(tuple((key, place(entry), reading.value(entry.value)) for entry, key in entries))
    return Single(reading.value(only))


def _key(reading: Reading, entry: NamedArgument) -> str:
    if isinstance(entry.name, str):
        return entry.name
    return reading.string(entry.name) or "error"


def for_model(call: Call) -> Arguments:
    """Return the arguments as the model keeps them, the block left out."""
    positional = call.positional
    if positional and isinstance(positional[-1], Closure):
        positional = positional[:-1]
    return Arguments(positional, call.named)


def check(
    reading: Reading, at: Place, name: str, given: Given, takes: Describable, *, takes_block: bool = False
) -> bool:
    """Note what a step or a condition does not take; say whether it takes all of it."""
    if isinstance(given, Several):
        reading.problems.add(at, f'Arguments to "{name}" must be explicitly named.')
        return False
    sole = takes.sole_required
    if isinstance(given, Single):
        if sole is None:
            if takes_block:
                return True
            message = "Step does not take a single required parameter - use named parameters instead"
            reading.problems.add(at, message)
            return False
        return check_type(reading, given.value, takes.parameters[sole], None)
    is_valid = True
    for key, key_place, value in given.entries:
        if not check_key(reading, key, key_place, takes):
            is_valid = False
            continue
        is_unnamed = len(given.entries) == 1 and key == sole and not takes_block
        if not check_type(reading, value, takes.parameters[key], None if is_unnamed else key):
            is_valid = False
    if is_valid:
        keys = [key for key, _, _ in given.entries]
        for parameter in takes.required:
            if parameter not in keys:
                reading.problems.add(at, f'Missing required parameter: "{parameter}"')
                is_valid = False
    return is_valid


def check_key(reading: Reading, key: str, at: Place, takes: Describable) -> bool:
    """Note a parameter that is not known; say whether it is."""
    if key in takes.parameters:
        return True
    meant = nearest(key, tuple(takes.parameters)) or "null"
    reading.problems.add(at, f'Invalid parameter "{key}", did you mean "{meant}"?')
    return False


def check_type(reading: Reading, value: Value, expected: JavaType, key: str | None) -> bool:
    """Note a literal of the wrong type; say whether it is right. What is not a literal shows when the build runs."""
    if not value.is_literal or expected.takes(value.value):
        return True
    shown = "null" if value.value is None else str(value.value)
    if isinstance(value.value, bool):
        shown = shown.lower()
    found = f'"{shown}" of type {java_class(value.value)}'
    if key is None:
        reading.problems.add(value.place, f'Expecting "{expected.name}" but got {found} instead')
    else:
        message = f'Expecting "{expected.name}" for parameter "{key}" but got {found} instead'
        reading.problems.add(value.place, message)
    return False
