"""Runs Groovy's statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chaos_lib.pipeline.groovy import expressions as expression_tree
from chaos_lib.pipeline.groovy import statements as tree
from chaos_lib.pipeline.groovy.nodes import Statement
from chaos_lib.pipeline.runner.failures import Thrown, not_supported
from chaos_lib.pipeline.runner.groovy.expressions import evaluate
from chaos_lib.pipeline.runner.groovy.scope import Frame, Scope
from chaos_lib.pipeline.runner.groovy.values import Value, equal, items, text, truth, type_name

_DEEPEST = 60


class _Return(Exception):
    def __init__(self, value: Value) -> None:
        self.value = value


class _Break(Exception):
    def __init__(self, label: str | None) -> None:
        self.label = label


class _Continue(Exception):
    def __init__(self, label: str | None) -> None:
        self.label = label


@dataclass(frozen=True)
class GroovyClosure:
    """A closure with the scope in which it was written.

    Attributes:
        tree: Its code.
        scope: What it can see.
    """

    tree: expression_tree.Closure
    scope: Scope

    @property
    def arity(self) -> int:
        """How many arguments it takes; 1 for an implicit `it`."""
        return 1 if self.tree.parameters is None else len(self.tree.parameters)

    def call(self, thread: Any, *arguments: Value) -> Value:
        """Call it; a list spreads over several parameters, as in Groovy."""
        if self.tree.parameters is None:
            names = {"it": arguments[0] if arguments else None}
            return run_body(self.tree.body, Frame(Scope(self.scope, names), thread))
        if len(arguments) == 1 and len(self.tree.parameters) > 1 and isinstance(arguments[0], list):
            arguments = tuple(arguments[0])
        return _call(self.tree.parameters, self.tree.body, self.scope, thread, arguments)


@dataclass(frozen=True)
class Method:
    """A method that the file defines beside its `pipeline` block.

    Attributes:
        tree: Its code.
    """

    tree: tree.MethodDefinition

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return len(self.tree.parameters)

    def call(self, thread: Any, *arguments: Value) -> Value:
        """Call it: it sees the script's variables, none of its caller's."""
        return _call(self.tree.parameters, self.tree.body, None, thread, arguments)


def _call(
    parameters: Sequence[expression_tree.Parameter],
    body: tuple[Statement, ...],
    around: Scope | None,
    thread: Any,
    arguments: tuple[Value, ...],
) -> Value:
    frame = Frame(Scope(around), thread)
    for at, parameter in enumerate(parameters):
        if at < len(arguments):
            frame.scope.names[parameter.name] = arguments[at]
        else:
            default = parameter.default
            frame.scope.names[parameter.name] = None if default is None else evaluate(default, frame)
    return run_body(body, frame)


def run_body(body: tuple[Statement, ...], frame: Frame) -> Value:
    """Run the body of a closure or a method; its value is that of `return`, or of the last statement."""
    depth = getattr(frame.thread, "depth", 0)
    if depth >= _DEEPEST:
        raise Thrown("java.lang.StackOverflowError", None)
    frame.thread.depth = depth + 1
    try:
        return run(body, frame)
    except _Return as done:
        return done.value
    except (_Break, _Continue):
        return None
    finally:
        frame.thread.depth = depth


def run(body: Sequence[Statement], frame: Frame) -> Value:
    """Run statements one after the other; returns the value of the last one."""
    value: Value = None
    for statement in body:
        frame.thread.checkpoint()
        found = _RUNNERS.get(type(statement))
        if found is None:
            raise not_supported(f"`{type(statement).__name__}`", statement)
        value = found(statement, frame)
    return value


def _expression(node: tree.ExpressionStatement, frame: Frame) -> Value:
    return evaluate(node.expression, frame)


def _declaration(node: tree.Declaration, frame: Frame) -> Value:
    value = None if node.value is None else evaluate(node.value, frame)
    if len(node.names) == 1:
        frame.scope.names[node.names[0]] = value
        return value
    given = list(items(value))
    for at, name in enumerate(node.names):
        frame.scope.names[name] = given[at] if at < len(given) else None
    return value


def _block(node: tree.Block, frame: Frame) -> Value:
    return run(node.body, frame.inner() if node.opens_scope else frame)


def _if(node: tree.If, frame: Frame) -> Value:
    return run(node.then if truth(evaluate(node.condition, frame)) else node.otherwise, frame.inner())


def _rounds(turns: Iterator[Frame], body: tuple[Statement, ...]) -> None:
    for frame in turns:
        frame.thread.checkpoint()
        try:
            run(body, frame.inner())
        except _Break as stop:
            if stop.label is not None:
                raise
            break
        except _Continue as skip:
            if skip.label is not None:
                raise


def _for_each(node: tree.ForEach, frame: Frame) -> Value:
    _rounds((frame.inner({node.name: item}) for item in items(evaluate(node.items, frame))), node.body)


def _for(node: tree.For, frame: Frame) -> Value:
    around = frame.inner()
    run(node.start, around)

    def turns() -> Iterator[Frame]:
        while node.condition is None or truth(evaluate(node.condition, around)):
            yield around
            for step in node.step:
                evaluate(step, around)

    _rounds(turns(), node.body)


def _while(node: tree.While, frame: Frame) -> Value:
    def turns() -> Iterator[Frame]:
        while truth(evaluate(node.condition, frame)):
            yield frame

    _rounds(turns(), node.body)


def _try(node: tree.Try, frame: Frame) -> Value:
    try:
        try:
            return run(node.body, frame.inner())
        except Thrown as thrown:
            for catch in node.catches:
                if not catch.types or any(thrown.is_a(name) for name in catch.types):
                    return run(catch.body, frame.inner({catch.name: thrown}))
            raise
    finally:
        if node.finish is not None:
            run(node.finish, frame.inner())


def _return(node: tree.Return, frame: Frame) -> Value:
    raise _Return(None if node.value is None else evaluate(node.value, frame))


def _throw(node: tree.Throw, frame: Frame) -> Value:
    value = evaluate(node.value, frame)
    if isinstance(value, Thrown):
        raise value
    raise Thrown(
        "org.codehaus.groovy.runtime.typehandling.GroovyCastException",
        f"Cannot cast object '{text(value)}' with class '{type_name(value)}' to class 'java.lang.Throwable'",
        node=node,
    )


def _break(node: tree.Break, frame: Frame) -> Value:
    raise _Break(node.label)


def _continue(node: tree.Continue, frame: Frame) -> Value:
    raise _Continue(node.label)


def _switch(node: tree.Switch, frame: Frame) -> Value:
    value, inner, is_on = evaluate(node.value, frame), frame.inner(), False
    try:
        for case in node.cases:
            is_on = is_on or case.value is None or _matches(value, evaluate(case.value, inner))
            if is_on:
                run(case.body, inner)
    except _Break as stop:
        if stop.label is not None:
            raise


def _matches(value: Value, case: Value) -> bool:
    if isinstance(case, list | set):
        return any(equal(value, item) for item in case)
    return equal(value, case)


def _assert(node: tree.Assert, frame: Frame) -> Value:
    if not truth(evaluate(node.condition, frame)):
        said = "" if node.message is None else f"{text(evaluate(node.message, frame))}. "
        raise Thrown("java.lang.AssertionError", f"{said}Expression: line {node.span.line}", node=node)


def _nothing(node: Statement, frame: Frame) -> Value:
    return None


_RUNNERS: dict[type, Callable[[Any, Frame], Value]] = {
    tree.ExpressionStatement: _expression,
    tree.Declaration: _declaration,
    tree.Block: _block,
    tree.If: _if,
    tree.ForEach: _for_each,
    tree.For: _for,
    tree.While: _while,
    tree.Try: _try,
    tree.Return: _return,
    tree.Throw: _throw,
    tree.Break: _break,
    tree.Continue: _continue,
    tree.Switch: _switch,
    tree.Assert: _assert,
    tree.Import: _nothing,
    tree.MethodDefinition: _nothing,
    tree.ClassDefinition: _nothing,
}
