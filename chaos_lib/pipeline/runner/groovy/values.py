"""Groovy's values as Python's: texts, numbers, lists and maps are themselves; decimals are `Decimal`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from chaos_lib.pipeline.runner.failures import Thrown

Value: TypeAlias = Any
"""A Groovy value: None, bool, int, Decimal, str, list, dict, a `Function`, an `Instance` or a `Thrown`."""


class Function(Protocol):
    """Something that can be called: a closure, a method of the file, a method taken by `.&`."""

    @property
    def arity(self) -> int:
        """How many arguments it takes; 1 for an implicit `it`."""
        ...

    def call(self, thread: Any, *arguments: Value) -> Value:
        """Call it in a build thread."""
        ...


class Instance(Protocol):
    """An object of Jenkins's: `env`, `params`, `currentBuild`, `scm`."""

    def get(self, name: str) -> Value:
        """Return a property."""
        ...

    def put(self, name: str, value: Value) -> None:
        """Set a property."""
        ...

    def method(self, name: str) -> Callable[..., Value] | None:
        """Return a method, None when it has none of that name."""
        ...


@dataclass
class Entry:
    """An entry of a map, as `each { it.key }` sees it."""

    key: Value
    value: Value


@dataclass
class Match:
    """What `text =~ pattern` gives: its groups can be indexed.

    Attributes:
        groups: For each match the whole and then its groups.
        is_whole: Whether the pattern matches the whole text.
    """

    groups: list[list[str | None]] = field(default_factory=list)
    is_whole: bool = False


def truth(value: Value) -> bool:
    """Say whether Groovy takes a value for true."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, int | Decimal):
        return value != 0
    if isinstance(value, str | list | dict | set | tuple):
        return len(value) > 0
    if isinstance(value, Match):
        return bool(value.groups)
    return True


def text(value: Value) -> str:
    """Return a value as Groovy writes it: `null`, `true`, `[a, b]`, `[a:1]`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, list | tuple | set):
        return f"[{', '.join(text(item) for item in value)}]"
    if isinstance(value, dict):
        return f"[{', '.join(f'{text(key)}:{text(item)}' for key, item in value.items()) or ':'}]"
    if isinstance(value, Entry):
        return f"{text(value.key)}={text(value.value)}"
    return str(value)


def equal(left: Value, right: Value) -> bool:
    """Compare as `==` does: `1 == 1.0`, never `1 == '1'`, never `1 == true`."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Decimal | int) and isinstance(right, Decimal | int):
        return left == right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def items(value: Value) -> Iterable[Value]:
    """Return what `for (x in value)` and `value.each` go through."""
    if value is None:
        return ()
    if isinstance(value, dict):
        return [Entry(key, item) for key, item in list(value.items())]
    if isinstance(value, list | tuple | set | str):
        return list(value)
    if isinstance(value, Match):
        return [group if len(group) > 1 else group[0] for group in value.groups]
    return (value,)


def type_name(value: Value) -> str:
    """Return the simple name of a value's class, for messages and `instanceof`."""
    if value is None:
        return "null"
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    if isinstance(value, Thrown):
        return value.kind.rpartition(".")[2]
    return type(value).__name__


def is_of(value: Value, name: str) -> bool:
    """Say whether `value instanceof name`."""
    if value is None:
        return False
    if isinstance(value, Thrown):
        return value.is_a(name)
    simple = name.rpartition(".")[2]
    return simple == "Object" or simple in _KINDS.get(type_name(value), ()) or simple == type_name(value)


_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "Boolean"),
    (int, "Integer"),
    (Decimal, "BigDecimal"),
    (str, "String"),
    (list, "ArrayList"),
    (tuple, "ArrayList"),
    (dict, "LinkedHashMap"),
    (set, "LinkedHashSet"),
)
_KINDS = {
    "Integer": ("Number", "Comparable", "int"),
    "BigDecimal": ("Number", "Comparable"),
    "String": ("CharSequence", "Comparable"),
    "ArrayList": ("List", "Collection", "Iterable"),
    "LinkedHashMap": ("Map", "HashMap"),
    "LinkedHashSet": ("Set", "Collection", "Iterable"),
}


def _decimal(value: Decimal) -> str:
    return format(value, "f")
