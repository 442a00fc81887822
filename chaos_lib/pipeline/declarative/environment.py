"""`environment { NAME = value }`."""

from __future__ import annotations

import re

from chaos_lib.pipeline.declarative.matching import Place, Reading, name_of, place
from chaos_lib.pipeline.declarative.part import Part
from chaos_lib.pipeline.groovy.expressions import Assign, Binary, Call, GString, Index, Literal, Variable
from chaos_lib.pipeline.groovy.nodes import Expression, Statement
from chaos_lib.pipeline.groovy.statements import Declaration, ExpressionStatement
from chaos_lib.pipeline.model import Environment, EnvironmentEntry

_IDENTIFIER = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
_JAVA_WORDS = frozenset(
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends "  # noqa: SIM905
    "final finally float for goto if implements import instanceof int interface long native new package private "
    "protected public return short static strictfp super switch synchronized this throw throws transient try void "
    "volatile while true false null _".split()
)
_OPERATION = "Environment variable values can only be joined together with \u2018+\u2019s."
_JOINED = "Environment variable values to be concatenated together must be single or double quoted."
_VALUE = "Environment variable values must either be single quoted, double quoted, or function calls."


def is_identifier(name: str) -> bool:
    """Say whether a name can be that of an environment variable, as Jenkins has it."""
    return _IDENTIFIER.fullmatch(name) is not None and name not in _JAVA_WORDS


def not_identifier(name: str) -> str:
    """Return what Jenkins says of a name that cannot be one."""
    return (
        f'"{name}" is not a valid identifier and cannot be used for an environment variable. Identifiers must start '
        "with a letter or underscore and can contain only letters, numbers or underscores."
    )


def read(reading: Reading, statement: Statement) -> Part[Environment]:
    """Read an `environment` section."""
    at = place(statement)
    block = reading.block(statement, "environment")
    entries: list[tuple[EnvironmentEntry, Place]] = []
    if block is not None:
        is_odd = False
        for line in block.closure.body:
            is_odd |= _read_line(reading, line, entries)
        if is_odd:
            reading.problems.add(at, "Expected name=value pairs")

    def check() -> None:
        if not entries:
            reading.problems.add(at, "No variables specified for environment")
        for entry, key_place in entries:
            if not is_identifier(entry.name):
                reading.problems.add(key_place, not_identifier(entry.name))

    return Part(Environment(tuple(entry for entry, _ in entries), statement.span), at, check)


def _read_line(reading: Reading, line: Statement, entries: list[tuple[EnvironmentEntry, Place]]) -> bool:
    """Read one line; say whether it is no `name = value`."""
    if isinstance(line, Declaration) and line.value is not None and len(line.names) == 1:
        target: Expression = Variable(line.span, line.names[0])
        value: Expression = line.value
    elif not isinstance(line, ExpressionStatement):
        return True
    elif isinstance(line.expression, Assign) and line.expression.operator == "=":
        target, value = line.expression.target, line.expression.value
    else:
        source = reading.plain_text(line.expression)
        if "=" in source:
            message = not_identifier(source.split("=")[0].strip())
        else:
            message = f'"{source}" is not a valid environment expression. Use "key = value" pairs with valid Java/shell keys.'
        reading.problems.add(place(line.expression), message)
        return True
    name, key_place = reading.string(target) or "error", place(target)
    if any(entry.name == name for entry, _ in entries):
        reading.problems.add(key_place, f'Duplicate environment variable name: "{name}"')
        return False
    if _is_value(reading, value):
        entries.append((EnvironmentEntry(name, value, line.span), key_place))
    return False


def _is_value(reading: Reading, value: Expression) -> bool:
    if isinstance(value, Literal | GString):
        reading.value(value)
        return True
    if isinstance(value, Call):
        _check_function(reading, value)
        return True
    if isinstance(value, Binary) and value.operator == "+":
        return _check_joined(reading, value)
    is_operation = isinstance(value, Binary | Index | Assign)
    reading.problems.add(place(value), _OPERATION if is_operation else _VALUE)
    return False


def _check_function(reading: Reading, call: Call) -> None:
    if name_of(call) != "credentials":
        reading.value(call)
        return
    for argument in (*call.positional, *(entry.value for entry in call.named)):
        if isinstance(argument, Literal | GString):
            reading.value(argument)
        else:
            reading.problems.add(place(call), "Internal function call parameters must be strings.")


def _check_joined(reading: Reading, value: Binary) -> bool:
    left = value.left
    if isinstance(left, Binary):
        if left.operator != "+":
            reading.problems.add(place(left), _OPERATION)
            return False
        if not _check_joined(reading, left):
            return False
    else:
        _check_joinable(reading, left)
    _check_joinable(reading, value.right)
    return True


def _check_joinable(reading: Reading, value: Expression) -> None:
    if isinstance(value, Literal | GString):
        reading.value(value)
    else:
        reading.problems.add(place(value), _JOINED)
