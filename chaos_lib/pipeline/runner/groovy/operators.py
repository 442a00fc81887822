"""Groovy's operators."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.runner.failures import Thrown, not_supported
from chaos_lib.pipeline.runner.groovy.values import Match, Value, equal, is_of, text, truth, type_name

_DIVISION = Context(prec=34, rounding=ROUND_HALF_UP)
_LONGEST_TEXT = 10_000_000


def binary(operator: str, left: Value, right: Value, node: Node) -> Value:
    """Return `left operator right`; `&&` and `||` are the evaluator's, they do not always need both sides.

    Raises:
        Thrown: Groovy would throw as well.
    """
    found = _OPERATORS.get(operator)
    if found is None:
        raise not_supported(f"The operator `{operator}`", node)
    try:
        return found(left, right)
    except _Missing:
        raise missing_method(_NAMES.get(operator, operator), left, [right], node) from None
    except ZeroDivisionError:
        raise Thrown("java.lang.ArithmeticException", "Division by zero", node=node) from None
    except re.error as exc:
        raise Thrown("java.util.regex.PatternSyntaxException", str(exc), node=node) from None


def unary(operator: str, value: Value, node: Node) -> Value:
    """Return `operator value`."""
    if operator == "!":
        return not truth(value)
    if _is_number(value) and operator in "+-":
        return -value if operator == "-" else value
    if operator == "~" and isinstance(value, str):
        return value
    raise missing_method({"-": "negative", "+": "positive"}.get(operator, operator), value, [], node)


def missing_method(name: str, target: Value, arguments: list[Value], node: Node | None) -> Thrown:
    """Return what Groovy throws for a method that a value does not have."""
    if target is None:
        return Thrown(
            "java.lang.NullPointerException", f"Cannot invoke method {name}() on null object", node=node
        )
    types = ", ".join(f"java.lang.{type_name(value)}" for value in arguments)
    values = ", ".join(text(value) for value in arguments)
    return Thrown(
        "groovy.lang.MissingMethodException",
        f"No signature of method: {type_name(target)}.{name}() is applicable for argument types: ({types}) "
        f"values: [{values}]",
        node=node,
    )


class _Missing(Exception):
    pass


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _plus(left: Value, right: Value) -> Value:
    if isinstance(left, str) or (isinstance(right, str) and not isinstance(left, list)):
        return text(left) + text(right)
    if isinstance(left, list):
        return [*left, *right] if isinstance(right, list | set) else [*left, right]
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    if _is_number(left) and _is_number(right):
        return left + right
    raise _Missing


def _minus(left: Value, right: Value) -> Value:
    if isinstance(left, str):
        return left.replace(text(right), "", 1)
    if isinstance(left, list):
        gone = right if isinstance(right, list) else [right]
        return [item for item in left if not any(equal(item, other) for other in gone)]
    if _is_number(left) and _is_number(right):
        return left - right
    raise _Missing


def _times(left: Value, right: Value) -> Value:
    if isinstance(left, str | list) and isinstance(right, int):
        if len(left) * right > _LONGEST_TEXT:
            raise Thrown("java.lang.OutOfMemoryError", "Java heap space")
        return left * max(right, 0)
    if _is_number(left) and _is_number(right):
        return left * right
    raise _Missing


def _divide(left: Value, right: Value) -> Value:
    if not (_is_number(left) and _is_number(right)):
        raise _Missing
    if right == 0:
        raise ZeroDivisionError
    exact = _DIVISION.divide(Decimal(left), Decimal(right))
    if len(exact.as_tuple().digits) > 30:  # a fraction without end: Groovy keeps ten digits
        exact = exact.quantize(Decimal("1E-10"), rounding=ROUND_HALF_UP)
    return int(exact) if exact == exact.to_integral_value() else exact.normalize()


def _remainder(left: Value, right: Value) -> Value:
    if not (_is_number(left) and _is_number(right)):
        raise _Missing
    if right == 0:
        raise ZeroDivisionError
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (1 if left >= 0 else -1)
    return Decimal(left) % Decimal(right)


def _power(left: Value, right: Value) -> Value:
    if not (_is_number(left) and _is_number(right)):
        raise _Missing
    if abs(right) > 1000:
        raise Thrown("java.lang.ArithmeticException", "the exponent is too large")
    return left**right if right >= 0 else Decimal(left) ** right


def _compare(left: Value, right: Value) -> Value:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    both_numbers = _is_number(left) and _is_number(right)
    if not both_numbers and type(left) is not type(right):
        raise Thrown(
            "java.lang.IllegalArgumentException",
            f"Cannot compare {type_name(left)} with value '{text(left)}' and {type_name(right)} with value "
            f"'{text(right)}'",
        )
    if not both_numbers and not isinstance(left, str | bool):
        raise _Missing
    return (left > right) - (left < right)


def _range(left: Value, right: Value, *, is_open: bool = False) -> Value:
    if isinstance(left, int) and isinstance(right, int):
        if abs(right - left) > _LONGEST_TEXT:
            raise Thrown("java.lang.OutOfMemoryError", "Java heap space")
        if left <= right:
            return list(range(left, right if is_open else right + 1))
        return list(range(left, right if is_open else right - 1, -1))
    if isinstance(left, str) and isinstance(right, str) and len(left) == len(right) == 1:
        return [chr(code) for code in _range(ord(left), ord(right), is_open=is_open)]
    raise _Missing


def _in(left: Value, right: Value) -> bool:
    if isinstance(right, list | set | tuple):
        return any(equal(left, item) for item in right)
    if isinstance(right, dict):
        return any(equal(left, key) for key in right)
    return right is not None and equal(left, right)


def _find(left: Value, right: Value) -> Match:
    pattern, subject = re.compile(text(right)), text(left)
    return Match(
        [[found.group(0), *found.groups()] for found in pattern.finditer(subject)],
        is_whole=pattern.fullmatch(subject) is not None,
    )


def _shift(left: Value, right: Value) -> Value:
    if isinstance(left, list):
        left.append(right)
        return left
    if isinstance(left, int) and isinstance(right, int) and 0 <= right <= 10_000:
        return left << right
    if isinstance(left, str):
        return left + text(right)
    raise _Missing


def _bits(action: Callable[[int, int], int]) -> Callable[[Value, Value], Value]:
    def act(left: Value, right: Value) -> Value:
        if isinstance(left, int) and isinstance(right, int):
            return action(left, right)
        raise _Missing

    return act


_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _divide,
    "%": _remainder,
    "**": _power,
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "===": lambda a, b: a is b,
    "!==": lambda a, b: a is not b,
    "<": lambda a, b: _compare(a, b) < 0,
    "<=": lambda a, b: _compare(a, b) <= 0,
    ">": lambda a, b: _compare(a, b) > 0,
    ">=": lambda a, b: _compare(a, b) >= 0,
    "<=>": _compare,
    "..": _range,
    "..<": lambda a, b: _range(a, b, is_open=True),
    "in": _in,
    "!in": lambda a, b: not _in(a, b),
    "instanceof": is_of,
    "=~": _find,
    "==~": lambda a, b: re.fullmatch(text(b), text(a)) is not None,
    "<<": _shift,
    "&": _bits(lambda a, b: a & b),
    "|": _bits(lambda a, b: a | b),
    "^": _bits(lambda a, b: a ^ b),
    ">>": _bits(lambda a, b: a >> min(b, 10_000)),
}
_NAMES = {
    "+": "plus",
    "-": "minus",
    "*": "multiply",
    "/": "div",
    "%": "mod",
    "<<": "leftShift",
    "**": "power",
}

compare = _compare
