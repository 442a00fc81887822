"""Calls a method on a value."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.runner.failures import Thrown, not_supported
from chaos_lib.pipeline.runner.groovy.collection_methods import CLOSURE_METHODS, LIST_METHODS, MAP_METHODS
from chaos_lib.pipeline.runner.groovy.operators import missing_method
from chaos_lib.pipeline.runner.groovy.text_methods import TEXT_METHODS, formatted
from chaos_lib.pipeline.runner.groovy.values import Entry, Match, Value, equal, text, type_name


def invoke(thread: Any, target: Value, name: str, arguments: list[Value], node: Node) -> Value:
    """Return `target.name(arguments)`.

    Raises:
        Thrown: There is no such method, or it throws.
    """
    found = _method(thread, target, name)
    if found is None:
        raise missing_method(name, target, arguments, node)
    try:
        return found(*arguments)
    except (TypeError, AttributeError, KeyError, IndexError):
        raise missing_method(name, target, arguments, node) from None
    except re.error as exc:
        raise Thrown("java.util.regex.PatternSyntaxException", str(exc), node=node) from None


def _method(thread: Any, target: Value, name: str) -> Callable[..., Value] | None:
    if hasattr(target, "method"):
        found: Callable[..., Value] | None = target.method(name)
        return found
    if hasattr(target, "arity"):
        return {"call": lambda *given: target.call(thread, *given)}.get(name)
    if (
        isinstance(target, list | dict | set | str | Match)
        and name in CLOSURE_METHODS
        and not (isinstance(target, str) and name == "count")
    ):
        return lambda *given: CLOSURE_METHODS[name](thread, target, *given)
    table = _table(target)
    if name in table:
        return lambda *given: table[name](target, *given)
    if name == "times" and isinstance(target, int):
        return lambda function: [function.call(thread, index) for index in range(target)] and None
    if name in ("upto", "step") and isinstance(target, int):
        return lambda end, function: (
            [function.call(thread, index) for index in range(target, end + 1)] and None
        )
    common = _COMMON.get(name)
    return (
        None
        if common is None or (target is None and name != "toString")
        else lambda *given: common(target, *given)
    )


def _table(target: Value) -> dict[str, Callable[..., Value]]:
    if isinstance(target, str):
        return TEXT_METHODS
    if isinstance(target, list | set | tuple):
        return LIST_METHODS
    if isinstance(target, dict):
        return MAP_METHODS
    if isinstance(target, Thrown):
        return _THROWN
    if isinstance(target, Entry):
        return {"getKey": lambda v: v.key, "getValue": lambda v: v.value}
    if isinstance(target, Match):
        return {
            "matches": lambda v: v.is_whole,
            "find": lambda v: bool(v.groups),
            "group": lambda v, at=0: v.groups[0][at],
            "size": lambda v: len(v.groups),
            "getCount": lambda v: len(v.groups),
        }
    if isinstance(target, int | Decimal) and not isinstance(target, bool):
        return _NUMBERS
    return {}


_THROWN: dict[str, Callable[..., Value]] = {
    "getMessage": lambda v: v.message,
    "getLocalizedMessage": lambda v: v.message,
    "toString": str,
    "getResult": lambda v: v.result.value,
    "getCauses": lambda v: list(v.causes),
    "getCause": lambda v: None,
    "getStackTrace": lambda v: [],
    "printStackTrace": lambda v: None,
}

_NUMBERS: dict[str, Callable[..., Value]] = {
    "toInteger": int,
    "toLong": int,
    "intValue": int,
    "longValue": int,
    "toDouble": Decimal,
    "toBigDecimal": Decimal,
    "abs": abs,
    "round": lambda v, places=0: _rounded(v, places),
    "compareTo": lambda v, other: (v > other) - (v < other),
    "plus": lambda v, other: v + other,
    "minus": lambda v, other: v - other,
    "multiply": lambda v, other: v * other,
    "intdiv": lambda v, other: int(Decimal(v) / Decimal(other)),
    "mod": lambda v, other: v % other,
    "power": lambda v, other: v**other if abs(other) < 1000 else 0,
}

_COMMON: dict[str, Callable[..., Value]] = {
    "toString": text,
    "equals": equal,
    "asBoolean": bool,
    "hashCode": lambda v: hash(text(v)),
}


def _rounded(value: Value, places: int) -> Value:
    done = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return int(done) if places == 0 else done


def _parse_int(value: Value, base: int = 10) -> int:
    try:
        return int(value, base)
    except (TypeError, ValueError):
        raise Thrown("java.lang.NumberFormatException", f'For input string: "{text(value)}"') from None


CLASS_METHODS: dict[str, dict[str, Callable[..., Value]]] = {
    "Math": {
        "max": max,
        "min": min,
        "abs": abs,
        "round": lambda v: _rounded(v, 0),
        "floor": lambda v: Decimal(v // 1),
        "ceil": lambda v: Decimal(-(-v // 1)),
        "pow": lambda a, b: Decimal(a) ** Decimal(min(b, 1000)),
    },
    "Integer": {"parseInt": _parse_int, "valueOf": _parse_int, "toString": text},
    "Long": {"parseLong": _parse_int, "valueOf": _parse_int},
    "Boolean": {
        "parseBoolean": lambda v: isinstance(v, str) and v.lower() == "true",
        "valueOf": lambda v: text(v).lower() == "true",
        "toBoolean": lambda v: text(v).lower() == "true",
    },
    "String": {"valueOf": text, "format": formatted, "join": lambda between, v: between.join(map(text, v))},
    "System": {"currentTimeMillis": lambda: int(time.time() * 1000), "nanoTime": time.monotonic_ns},
}
"""The classes of which a pipeline may call something: class to method to function."""


def invoke_static(class_name: str, name: str, arguments: list[Value], node: Node) -> Value:
    """Return `Class.name(arguments)` for the few classes that teaching needs."""
    found = CLASS_METHODS[class_name].get(name)
    if found is None:
        raise not_supported(f"`{class_name}.{name}`", node)
    try:
        return found(*arguments)
    except (TypeError, ValueError, ArithmeticError):
        types = ", ".join(f"java.lang.{type_name(value)}" for value in arguments)
        raise Thrown(
            "groovy.lang.MissingMethodException",
            f"No signature of method: static java.lang.{class_name}.{name}() is applicable for argument types: "
            f"({types})",
            node=node,
        ) from None
