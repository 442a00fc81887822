"""What Groovy's expressions come to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from chaos_lib.pipeline.groovy import expressions as tree
from chaos_lib.pipeline.groovy.nodes import Expression, Node
from chaos_lib.pipeline.runner.failures import Thrown, not_supported
from chaos_lib.pipeline.runner.groovy import methods, operators
from chaos_lib.pipeline.runner.groovy.scope import Frame
from chaos_lib.pipeline.runner.groovy.values import (
    Entry,
    Match,
    Value,
    is_of,
    items,
    text,
    truth,
    type_name,
)


def evaluate(node: Expression, frame: Frame) -> Value:
    """Return the value of an expression.

    Raises:
        Thrown: It throws, or needs a real controller.
    """
    found = _EVALUATORS.get(type(node))
    if found is None:
        raise not_supported(f"`{type(node).__name__}`", node)
    try:
        return found(node, frame)
    except RecursionError as exc:
        raise Thrown("java.lang.StackOverflowError", None, node=node) from exc
    except _MISFITS as exc:
        # A value that does not fit: Java has a class of its own for each case, pipelines only want to catch it.
        raise Thrown("java.lang.IllegalArgumentException", str(exc), node=node) from exc


def _literal(node: tree.Literal, frame: Frame) -> Value:
    return Decimal(repr(node.value)) if isinstance(node.value, float) else node.value


def _gstring(node: tree.GString, frame: Frame) -> Value:
    parts = []
    for part in node.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = evaluate(part, frame)
        if isinstance(part, tree.Closure):
            value = value.call(frame.thread)
        parts.append(text(value))
    return "".join(parts)


def _variable(node: tree.Variable, frame: Frame) -> Value:
    holder = frame.scope.holder(node.name)
    if holder is not None:
        return holder.get(node.name)
    return frame.thread.variable(node.name, node)


def get_property(target: Value, name: str, node: Node) -> Value:
    """Return `target.name`."""
    if target is None:
        raise Thrown(
            "java.lang.NullPointerException", f"Cannot get property '{name}' on null object", node=node
        )
    if hasattr(target, "method"):
        return target.get(name)
    if isinstance(target, dict):
        return target.get(name)
    if isinstance(target, list | set):
        return [get_property(item, name, node) for item in target]
    if isinstance(target, Entry):
        return {"key": target.key, "value": target.value}.get(name)
    if isinstance(target, Thrown):
        if name in ("message", "localizedMessage"):
            return target.message
        if name == "result":
            return target.result.value
        if name == "causes":
            return list(target.causes)
    raise Thrown(
        "groovy.lang.MissingPropertyException",
        f"No such property: {name} for class: java.lang.{type_name(target)}",
        node=node,
    )


def _name_of(name: str | Expression, frame: Frame) -> str:
    return name if isinstance(name, str) else text(evaluate(name, frame))


def _property(node: tree.Property, frame: Frame) -> Value:
    if node.is_pointer or node.is_field:
        raise not_supported("`.&`" if node.is_pointer else "`.@`", node)
    target = evaluate(node.target, frame)
    name = _name_of(node.name, frame)
    if node.is_spread:
        return [get_property(item, name, node) for item in items(target)]
    if target is None and node.is_safe:
        return None
    return get_property(target, name, node)


def _index(node: tree.Index, frame: Frame) -> Value:
    target = evaluate(node.target, frame)
    keys = [evaluate(key, frame) for key in node.keys]
    return get_item(target, keys[0] if len(keys) == 1 else keys, node)


def get_item(target: Value, key: Value, node: Node) -> Value:
    """Return `target[key]`."""
    if isinstance(target, dict):
        return target.get(key)
    if hasattr(target, "method"):
        return target.get(text(key))
    if isinstance(target, Match):
        group = target.groups[key]
        return group if len(group) > 1 else group[0]
    if isinstance(target, list | str) and isinstance(key, list):
        chosen = [target[at] for at in key if isinstance(at, int) and -len(target) <= at < len(target)]
        return "".join(chosen) if isinstance(target, str) else chosen
    if isinstance(target, list | str) and isinstance(key, int):
        if -len(target) <= key < len(target):
            return target[key]
        if isinstance(target, list):
            return None
        raise Thrown(
            "java.lang.StringIndexOutOfBoundsException", f"String index out of range: {key}", node=node
        )
    raise operators.missing_method("getAt", target, [key], node)


def arguments(
    positional: tuple[Expression, ...], named: tuple[tree.NamedArgument, ...], frame: Frame
) -> tuple[list[Value], dict[str, Value]]:
    """Return the values of a call's arguments: in order, and by name."""
    values: list[Value] = []
    for argument in positional:
        if isinstance(argument, tree.Spread):
            values += list(items(evaluate(argument.value, frame)))
        else:
            values.append(evaluate(argument, frame))
    by_name: dict[str, Value] = {}
    for entry in named:
        if entry.name == "*":
            by_name |= evaluate(entry.value, frame)
        else:
            by_name[_name_of(entry.name, frame)] = evaluate(entry.value, frame)
    return values, by_name


def _call(node: tree.Call, frame: Frame) -> Value:
    frame.thread.checkpoint()
    if node.target is None:
        return _call_own(node, frame)
    name = _name_of(node.method, frame)
    if isinstance(node.target, tree.Variable | tree.ClassName):
        simple = node.target.name.rpartition(".")[2]
        if simple in methods.CLASS_METHODS and frame.scope.holder(simple) is None:
            values, _ = arguments(node.positional, node.named, frame)
            return methods.invoke_static(simple, name, values, node)
        if simple == "this":
            values, by_name = arguments(node.positional, node.named, frame)
            return frame.thread.invoke(name, values, by_name, node)
    target = evaluate(node.target, frame)
    values, by_name = arguments(node.positional, node.named, frame)
    if by_name:
        values.insert(0, by_name)
    if node.is_spread:
        return [methods.invoke(frame.thread, item, name, list(values), node) for item in items(target)]
    if target is None and node.is_safe:
        return None
    if isinstance(target, dict) and hasattr(target.get(name), "call"):
        return target[name].call(frame.thread, *values)
    return methods.invoke(frame.thread, target, name, values, node)


def _call_own(node: tree.Call, frame: Frame) -> Value:
    """Call a step, a method of the file, or a closure that a variable holds."""
    values, by_name = arguments(node.positional, node.named, frame)
    if not isinstance(node.method, str):
        called = evaluate(node.method, frame)
        if isinstance(called, str):
            return frame.thread.invoke(called, values, by_name, node)
    else:
        holder = frame.scope.holder(node.method)
        if holder is None:
            return frame.thread.invoke(node.method, values, by_name, node)
        called = holder.get(node.method)
    if not hasattr(called, "call"):
        raise operators.missing_method("call", called, values, node)
    return called.call(frame.thread, *([by_name] if by_name else []), *values)


def _new(node: tree.New, frame: Frame) -> Value:
    values, _ = arguments(node.positional, node.named, frame)
    simple = node.type_name.rpartition(".")[2]
    made = {"ArrayList": list, "LinkedList": list, "HashMap": dict, "LinkedHashMap": dict, "TreeMap": dict}
    if simple in made:
        return made[simple](*values)
    if simple in ("HashSet", "LinkedHashSet"):
        return list(dict.fromkeys(values[0] if values else ()))
    if simple in ("String", "BigDecimal"):
        return text(values[0]) if simple == "String" else Decimal(text(values[0]))
    if simple.endswith(("Exception", "Error", "Throwable")):
        message = None if not values or values[0] is None else text(values[0])
        kind = node.type_name if "." in node.type_name else f"java.lang.{simple}"
        if simple == "AbortException":
            kind = "hudson.AbortException"
        return Thrown(kind, message, node=node)
    raise not_supported(f"`new {node.type_name}()`", node)


def _map(node: tree.MapLiteral, frame: Frame) -> Value:
    made: dict[Value, Value] = {}
    for entry in node.entries:
        if entry.name == "*":
            made |= evaluate(entry.value, frame)
        else:
            key = entry.name if isinstance(entry.name, str) else evaluate(entry.name, frame)
            made[key] = evaluate(entry.value, frame)
    return made


def _list(node: tree.ListLiteral, frame: Frame) -> Value:
    return arguments(node.items, (), frame)[0]


def _closure(node: tree.Closure, frame: Frame) -> Value:
    # Imported here: statements hold expressions, and expressions hold closures with statements.
    from chaos_lib.pipeline.runner.groovy.statements import GroovyClosure

    return GroovyClosure(node, frame.scope)


def _unary(node: tree.Unary, frame: Frame) -> Value:
    if node.operator in ("++", "--"):
        done = operators.binary(node.operator[0], evaluate(node.operand, frame), 1, node)
        assign(node.operand, done, frame)
        return done
    return operators.unary(node.operator, evaluate(node.operand, frame), node)


def _postfix(node: tree.Postfix, frame: Frame) -> Value:
    before = evaluate(node.operand, frame)
    assign(node.operand, operators.binary(node.operator[0], before, 1, node), frame)
    return before


def _binary(node: tree.Binary, frame: Frame) -> Value:
    if node.operator == "&&":
        return truth(evaluate(node.left, frame)) and truth(evaluate(node.right, frame))
    if node.operator == "||":
        return truth(evaluate(node.left, frame)) or truth(evaluate(node.right, frame))
    left = evaluate(node.left, frame)
    if node.operator in ("instanceof", "!instanceof"):
        named = node.right
        name = named.name if isinstance(named, tree.ClassName | tree.Variable) else _dotted(named)
        return is_of(left, name) is (node.operator == "instanceof")
    return operators.binary(node.operator, left, evaluate(node.right, frame), node)


def _dotted(node: Expression) -> str:
    return node.name if isinstance(node, tree.Property) and isinstance(node.name, str) else "?"


def _assign(node: tree.Assign, frame: Frame) -> Value:
    if node.operator == "=":
        value = evaluate(node.value, frame)
    elif node.operator == "?=":
        value = evaluate(node.target, frame)
        value = evaluate(node.value, frame) if value is None else value
    else:
        value = operators.binary(
            node.operator[:-1], evaluate(node.target, frame), evaluate(node.value, frame), node
        )
    assign(node.target, value, frame)
    return value


def assign(target: Expression, value: Value, frame: Frame) -> None:
    """Give a variable, a property or an element a value."""
    if isinstance(target, tree.Variable):
        holder = frame.scope.holder(target.name)
        if holder is not None:
            holder.names[target.name] = value
        else:
            frame.thread.assign(target.name, value)
    elif isinstance(target, tree.Property):
        owner, name = evaluate(target.target, frame), _name_of(target.name, frame)
        if hasattr(owner, "method"):
            owner.put(name, value)
        elif isinstance(owner, dict):
            owner[name] = value
        else:
            get_property(owner, name, target)
            raise not_supported(f"Setting `{name}`", target)
    elif isinstance(target, tree.Index):
        owner, key = evaluate(target.target, frame), evaluate(target.keys[0], frame)
        if isinstance(owner, dict):
            owner[key] = value
        elif isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < 100_000:
            owner.extend([None] * (key + 1 - len(owner)))
            owner[key] = value
        elif hasattr(owner, "method"):
            owner.put(text(key), value)
        else:
            raise operators.missing_method("putAt", owner, [key, value], target)
    elif isinstance(target, tree.ListLiteral):
        given = list(items(value))
        for at, part in enumerate(target.items):
            assign(part, given[at] if at < len(given) else None, frame)
    else:
        raise not_supported("This assignment", target)


def _ternary(node: tree.Ternary, frame: Frame) -> Value:
    return evaluate(node.then if truth(evaluate(node.condition, frame)) else node.otherwise, frame)


def _elvis(node: tree.Elvis, frame: Frame) -> Value:
    value = evaluate(node.value, frame)
    return value if truth(value) else evaluate(node.otherwise, frame)


def _cast(node: tree.Cast, frame: Frame) -> Value:
    value = evaluate(node.value, frame)
    simple = node.type_name.rpartition(".")[2].partition("<")[0]
    if simple in ("String", "GString", "CharSequence"):
        return None if value is None else text(value)
    if simple in ("int", "Integer", "long", "Long"):
        return methods.CLASS_METHODS["Integer"]["parseInt"](value) if isinstance(value, str) else int(value)
    if simple in ("boolean", "Boolean"):
        return truth(value)
    if simple in ("List", "ArrayList", "Set", "String[]", "Object[]", "Collection"):
        return list(items(value))
    if simple in ("double", "float", "Double", "Float", "BigDecimal", "Number"):
        return Decimal(text(value))
    return value


def _class_name(node: tree.ClassName, frame: Frame) -> Value:
    raise not_supported(f"`{node.name}`", node)


_MISFITS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, MemoryError)

_EVALUATORS: dict[type, Callable[[Any, Frame], Value]] = {
    tree.Literal: _literal,
    tree.GString: _gstring,
    tree.Variable: _variable,
    tree.ClassName: _class_name,
    tree.Property: _property,
    tree.Index: _index,
    tree.Call: _call,
    tree.New: _new,
    tree.ListLiteral: _list,
    tree.MapLiteral: _map,
    tree.Closure: _closure,
    tree.Unary: _unary,
    tree.Postfix: _postfix,
    tree.Binary: _binary,
    tree.Assign: _assign,
    tree.Ternary: _ternary,
    tree.Elvis: _elvis,
    tree.Cast: _cast,
}
