"""Calls in options, triggers and parameters: `buildDiscarder(logRotator(numToKeepStr: '5'))`."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.pipeline.declarative.arguments import check_key, check_type
from chaos_lib.pipeline.declarative.describables import FUNCTIONS, OPTIONS, STEPS, Describable
from chaos_lib.pipeline.declarative.matching import Place, Reading, Value, arguments_of, place
from chaos_lib.pipeline.declarative.steps import BLOCKED_IN_CALLS, blocked
from chaos_lib.pipeline.groovy.expressions import Call, Closure, MapLiteral, NamedArgument
from chaos_lib.pipeline.groovy.nodes import Expression

_CLOSURE = "Method call arguments"


@dataclass(frozen=True)
class Pair:
    """`name: value` in a call."""

    key: str
    place: Place
    value: MethodCall | Value | None


@dataclass(frozen=True)
class MethodCall:
    """A call and what it is given."""

    name: str
    place: Place
    arguments: tuple[MethodCall | Value | Pair, ...]

    @property
    def is_mixed(self) -> bool:
        """Whether some arguments have a name and others have none."""
        named = [isinstance(argument, Pair) for argument in self.arguments]
        return any(named) and not all(named)


def read_call(reading: Reading, call: Call) -> MethodCall:
    """Read a call, and the calls among its arguments."""
    at = place(call)
    name = reading.name(call)
    found: list[MethodCall | Value | Pair] = []
    for argument in arguments_of(call):
        if isinstance(argument, MapLiteral):
            for entry in argument.entries:
                key = entry.name if isinstance(entry.name, str) else reading.string(entry.name) or "error"
                found.append(Pair(key, place(entry), _value(reading, entry.value, _colon(reading, entry))))
        else:
            value = _value(reading, argument, at)
            if value is not None:
                found.append(value)
    return MethodCall(name, at, tuple(found))


def _colon(reading: Reading, entry: NamedArgument) -> Place:
    """Return where Jenkins says a pair stands: at its colon."""
    between = reading.source[entry.span.start : entry.value.span.start]
    return entry.span.line, entry.span.column + max(between.rfind(":"), 0)


def _value(reading: Reading, node: Expression, at: Place) -> MethodCall | Value | None:
    if isinstance(node, Closure):
        reading.problems.add(at, _CLOSURE)
        return None
    return read_call(reading, node) if isinstance(node, Call) else reading.value(node)


def check_call(reading: Reading, call: MethodCall, at: Place, takes: Describable | None) -> None:
    """Note what a call does not take, then look at the calls within it.

    Jenkins looks at a call within another one twice, first with the outer one and then by itself.
    """
    _check_arguments(reading, call, at, takes)
    _check_calls_within(reading, call)


def _check_calls_within(reading: Reading, call: MethodCall) -> None:
    for argument in call.arguments:
        inner = argument.value if isinstance(argument, Pair) else argument
        if isinstance(inner, MethodCall):
            _check_inner(reading, inner)
            _check_calls_within(reading, inner)


def _check_arguments(reading: Reading, call: MethodCall, at: Place, takes: Describable | None) -> None:
    if takes is None:
        return
    if any(isinstance(argument, Pair) for argument in call.arguments):
        for argument in call.arguments:
            if not isinstance(argument, Pair):
                reading.problems.add(at, "Cannot mix named and unnamed arguments")
            elif check_key(reading, argument.key, argument.place, takes):
                if isinstance(argument.value, MethodCall):
                    _check_inner(reading, argument.value)
                elif argument.value is not None:
                    check_type(reading, argument.value, takes.parameters[argument.key], argument.key)
    elif len(call.arguments) > 1:
        reading.problems.add(at, f'Arguments to "{call.name}" must be explicitly named.')
    elif len(takes.required) != len(call.arguments):
        is_flag = (
            len(takes.required) == 1
            and not call.arguments
            and takes.parameters[takes.required[0]].name == "class java.lang.Boolean"
        )
        if not is_flag:
            message = (
                f'"{call.name}" should have {len(takes.required)} arguments but has {len(call.arguments)} arguments '
                "instead."
            )
            reading.problems.add(at, message)
    elif call.arguments:
        only = call.arguments[0]
        if isinstance(only, MethodCall):
            _check_inner(reading, only)
        elif isinstance(only, Value):
            check_type(reading, only, takes.parameters[takes.required[0]], None)


def _check_inner(reading: Reading, call: MethodCall) -> None:
    _check_arguments(reading, call, call.place, describable(call.name))
    if call.name in BLOCKED_IN_CALLS:
        reading.problems.add(call.place, blocked(call.name, BLOCKED_IN_CALLS[call.name]))


def describable(name: str) -> Describable | None:
    """Return what a function of this name takes, if it is known."""
    return FUNCTIONS.get(name) or STEPS.get(name) or OPTIONS.get(name)
