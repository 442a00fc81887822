"""Methods of Groovy's lists and maps, those that take closures among them.

A closure that is given a map's entry gets key and value if it takes two parameters, the entry if it takes one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from chaos_lib.pipeline.runner.failures import Thrown
from chaos_lib.pipeline.runner.groovy import operators
from chaos_lib.pipeline.runner.groovy.values import Entry, Function, Value, equal, items, text, truth


def _ask(thread: Any, function: Function, item: Value) -> Value:
    if isinstance(item, Entry) and function.arity == 2:
        return function.call(thread, item.key, item.value)
    return function.call(thread, item)


def _each(thread: Any, target: Value, function: Function) -> Value:
    for item in items(target):
        _ask(thread, function, item)
    return target


def _each_with_index(thread: Any, target: Value, function: Function) -> Value:
    for index, item in enumerate(items(target)):
        if isinstance(item, Entry) and function.arity == 3:
            function.call(thread, item.key, item.value, index)
        else:
            function.call(thread, item, index)
    return target


def _find_all(thread: Any, target: Value, function: Function | None = None) -> Value:
    kept = [
        item for item in items(target) if truth(item if function is None else _ask(thread, function, item))
    ]
    return {entry.key: entry.value for entry in kept} if isinstance(target, dict) else kept


def _find(thread: Any, target: Value, function: Function) -> Value:
    return next((item for item in items(target) if truth(_ask(thread, function, item))), None)


def _find_index(thread: Any, target: Value, function: Function) -> int:
    return next((at for at, item in enumerate(items(target)) if truth(_ask(thread, function, item))), -1)


def _count(thread: Any, target: Value, what: Value) -> int:
    if hasattr(what, "call"):
        return sum(truth(_ask(thread, what, item)) for item in items(target))
    return sum(equal(item, what) for item in items(target))


def _collect_entries(thread: Any, target: Value, function: Function | None = None) -> dict[Value, Value]:
    made: dict[Value, Value] = {}
    for item in items(target):
        pair = item if function is None else _ask(thread, function, item)
        if isinstance(pair, dict):
            made |= pair
        elif isinstance(pair, list) and len(pair) == 2:
            made[pair[0]] = pair[1]
        elif isinstance(pair, Entry):
            made[pair.key] = pair.value
    return made


def _inject(thread: Any, target: Value, start: Value, function: Function | None = None) -> Value:
    rest = list(items(target))
    if function is None:
        function, start = start, rest.pop(0)
    for item in rest:
        start = function.call(thread, start, item)
    return start


def _sort(thread: Any, target: Value, function: Value = None, *_: Value) -> Value:
    if isinstance(function, bool):
        function = None
    if function is None:
        key = functools.cmp_to_key(operators.compare)
        if isinstance(target, dict):
            return {name: target[name] for name in sorted(target, key=key)}
        return sorted(items(target), key=key)
    if function.arity == 2 and not isinstance(target, dict):
        return sorted(items(target), key=functools.cmp_to_key(lambda a, b: function.call(thread, a, b)))
    pairs: list[tuple[Value, Value]] = [(_ask(thread, function, item), item) for item in items(target)]
    done = [item for _, item in sorted(pairs, key=functools.cmp_to_key(_by_first))]
    return {entry.key: entry.value for entry in done} if isinstance(target, dict) else done


def _by_first(left: tuple[Value, Value], right: tuple[Value, Value]) -> int:
    return int(operators.compare(left[0], right[0]))


def _group_by(thread: Any, target: Value, function: Function) -> dict[Value, list[Value]]:
    groups: dict[Value, list[Value]] = {}
    for item in items(target):
        groups.setdefault(_ask(thread, function, item), []).append(item)
    return groups


def _best(sign: int) -> Callable[..., Value]:
    def best(thread: Any, target: Value, function: Function | None = None) -> Value:
        def key(item: Value) -> Value:
            return item if function is None else _ask(thread, function, item)

        found: Value = None
        for item in items(target):
            if found is None or operators.compare(key(item), key(found)) * sign > 0:
                found = item
        return found

    return best


def _sum(thread: Any, target: Value, function: Function | None = None) -> Value:
    total: Value = None
    for item in items(target):
        value = item if function is None else _ask(thread, function, item)
        total = value if total is None else operators.binary("+", total, value, None)  # type: ignore[arg-type]
    return total


CLOSURE_METHODS: dict[str, Callable[..., Value]] = {
    "each": _each,
    "eachWithIndex": _each_with_index,
    "collect": lambda thread, v, function: [_ask(thread, function, item) for item in items(v)],
    "collectMany": lambda thread, v, function: [
        each for item in items(v) for each in items(_ask(thread, function, item))
    ],
    "collectEntries": _collect_entries,
    "find": _find,
    "findAll": _find_all,
    "findIndexOf": _find_index,
    "any": lambda thread, v, function=None: any(
        truth(item if function is None else _ask(thread, function, item)) for item in items(v)
    ),
    "every": lambda thread, v, function=None: all(
        truth(item if function is None else _ask(thread, function, item)) for item in items(v)
    ),
    "count": _count,
    "inject": _inject,
    "sort": _sort,
    "toSorted": _sort,
    "groupBy": _group_by,
    "max": _best(1),
    "min": _best(-1),
    "sum": _sum,
}


def unique(values: Iterable[Value]) -> list[Value]:
    """Return the values without those that came before."""
    kept: list[Value] = []
    for value in values:
        if not any(equal(value, other) for other in kept):
            kept.append(value)
    return kept


def _flatten(values: Iterable[Value]) -> list[Value]:
    flat: list[Value] = []
    for value in values:
        flat += _flatten(value) if isinstance(value, list | set) else [value]
    return flat


def _require(values: list[Value]) -> list[Value]:
    if not values:
        raise Thrown("java.util.NoSuchElementException", "Cannot access an element of an empty List")
    return values


def _remove(values: list[Value], what: Value) -> Value:
    if isinstance(what, int) and not isinstance(what, bool):
        if not 0 <= what < len(values):
            raise Thrown("java.lang.IndexOutOfBoundsException", f"Index: {what}, Size: {len(values)}")
        return values.pop(what)
    at = next((index for index, value in enumerate(values) if equal(value, what)), -1)
    return at >= 0 and (values.pop(at), True)[1]


def _changed(act: Callable[..., Any]) -> Callable[..., bool]:
    def change(*arguments: Any) -> bool:
        act(*arguments)
        return True

    return change


LIST_METHODS: dict[str, Callable[..., Value]] = {
    "size": len,
    "isEmpty": lambda v: not v,
    "get": lambda v, at: _require(v[at : at + 1])[0],
    "getAt": lambda v, at: v[at] if -len(v) <= at < len(v) else None,
    "set": lambda v, at, value: v.__setitem__(at, value),
    "add": _changed(
        lambda v, *given: v.insert(given[0], given[1]) if len(given) == 2 else v.append(given[0])
    ),
    "addAll": _changed(lambda v, more: v.extend(more)),
    "push": _changed(lambda v, value: v.append(value)),
    "pop": lambda v: _require(v).pop(),
    "remove": _remove,
    "removeAll": _changed(lambda v, gone: v.__setitem__(slice(None), [i for i in v if i not in gone])),
    "clear": lambda v: v.clear(),
    "first": lambda v: _require(v)[0],
    "head": lambda v: _require(v)[0],
    "last": lambda v: _require(v)[-1],
    "tail": lambda v: _require(v)[1:],
    "init": lambda v: _require(v)[:-1],
    "take": lambda v, count: v[: max(0, count)],
    "drop": lambda v, count: v[max(0, count) :],
    "contains": lambda v, what: any(equal(item, what) for item in v),
    "containsAll": lambda v, many: all(any(equal(item, what) for item in v) for what in many),
    "indexOf": lambda v, what: next((at for at, item in enumerate(v) if equal(item, what)), -1),
    "join": lambda v, between="": between.join(text(item) for item in v),
    "reverse": lambda v: v[::-1],
    "unique": lambda v: unique(v),
    "toUnique": lambda v: unique(v),
    "toSet": lambda v: unique(v),
    "toList": list,
    "asList": list,
    "flatten": lambda v: _flatten(v),
    "plus": lambda v, more: [*v, *(more if isinstance(more, list) else [more])],
    "minus": lambda v, gone: [item for item in v if item not in (gone if isinstance(gone, list) else [gone])],
    "intersect": lambda v, other: [item for item in v if item in other],
    "disjoint": lambda v, other: not any(item in other for item in v),
    "subList": lambda v, start, end: v[start:end],
    "collate": lambda v, size: [v[at : at + size] for at in range(0, len(v), size)],
    "transpose": lambda v: [list(row) for row in zip(*v, strict=False)],
    "withIndex": lambda v: [[item, at] for at, item in enumerate(v)],
    "indexed": lambda v: dict(enumerate(v)),
    "combinations": lambda v: [list(row) for row in _combinations(v)],
    "equals": equal,
}

MAP_METHODS: dict[str, Callable[..., Value]] = {
    "size": len,
    "isEmpty": lambda v: not v,
    "get": lambda v, key, default=None: v.get(key, default),
    "getAt": lambda v, key: v.get(key),
    "getOrDefault": lambda v, key, default: v.get(key, default),
    "put": lambda v, key, value: (v.get(key), v.__setitem__(key, value))[0],
    "putAll": lambda v, more: v.update(more),
    "putIfAbsent": lambda v, key, value: v.setdefault(key, value),
    "remove": lambda v, key: v.pop(key, None),
    "clear": lambda v: v.clear(),
    "containsKey": lambda v, key: key in v,
    "containsValue": lambda v, value: any(equal(item, value) for item in v.values()),
    "keySet": lambda v: list(v),
    "values": lambda v: list(v.values()),
    "entrySet": lambda v: [Entry(key, value) for key, value in v.items()],
    "plus": lambda v, more: {**v, **more},
    "subMap": lambda v, keys: {key: v[key] for key in keys if key in v},
    "equals": equal,
}


def _combinations(lists: list[list[Value]]) -> Iterable[tuple[Value, ...]]:
    # Imported here: a name of the standard library that would hide what the others are about.
    from itertools import product

    return product(*lists)
