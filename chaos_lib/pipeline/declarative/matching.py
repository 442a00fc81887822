"""What a statement or an expression is to Jenkins: a call, a block, a text, and where it says they stand."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.pipeline.declarative.problems import Problems
from chaos_lib.pipeline.groovy.expressions import (
    Assign,
    Binary,
    Call,
    Cast,
    Closure,
    Elvis,
    GString,
    Literal,
    MapLiteral,
    Postfix,
    Ternary,
    Variable,
)
from chaos_lib.pipeline.groovy.nodes import Expression, Node, Span, Statement
from chaos_lib.pipeline.groovy.numbers import Big
from chaos_lib.pipeline.groovy.statements import ExpressionStatement

Place = tuple[int, int]
_BIG = (
    "BigIntegers cannot be used as constants in Declarative. The maximum value for an integer is "
    "9,223,372,036,854,775,807 and the minimum value for an integer is -9,223,372,036,854,775,808."
)
_LONG = 2**63 - 1


@dataclass(frozen=True)
class Block:
    """A call with a closure behind it: `stage('x') { ... }`."""

    call: Call
    name: str
    arguments: tuple[Expression, ...]
    closure: Closure


@dataclass(frozen=True)
class Value:
    """An argument as Jenkins sees it.

    Attributes:
        is_literal: Whether it is known before the build runs.
        value: The literal, or the source text.
    """

    is_literal: bool
    value: str | int | float | bool | None
    place: Place


def place(node: Node) -> Place:
    """Return line and column that Jenkins gives for something.

    An operation stands where its operator does, unless it is a statement or in brackets (the parser knows).
    """
    span = _span(node)
    return span.line, span.column


def _span(node: Node) -> Span:
    if isinstance(node, Binary | Assign | Ternary | Elvis | Postfix | Cast):
        return node.operator_span or node.span
    return node.span


def call_in(statement: Statement) -> Call | None:
    """Return the call that a statement consists of, if it does."""
    if isinstance(statement, ExpressionStatement) and isinstance(statement.expression, Call):
        return statement.expression
    return None


def name_of(call: Call) -> str | None:
    """Return the name of a call of the script's own; None for a call on an object or of something computed."""
    is_own = call.target is None or (isinstance(call.target, Variable) and call.target.name == "this")
    return call.method if is_own and isinstance(call.method, str) else None


def arguments_of(call: Call) -> tuple[Expression, ...]:
    """Return the arguments as Groovy orders them: all named ones are one map, and that is the first."""
    if not call.named:
        return call.positional
    at = call.arguments_span or call.span
    return (MapLiteral(at, call.named), *call.positional)


def block_in(statement: Statement) -> Block | None:
    """Return the block that a statement consists of, if it does."""
    call = call_in(statement)
    if call is None:
        return None
    name, arguments = name_of(call), arguments_of(call)
    if name is None or not arguments or not isinstance(arguments[-1], Closure):
        return None
    return Block(call, name, arguments, arguments[-1])


class Reading:
    """A file being read: its text and its problems.

    Attributes:
        source: The text.
        problems: Where problems go.
    """

    def __init__(self, source: str, problems: Problems) -> None:
        self.source = source
        self.problems = problems

    def text(self, node: Node) -> str:
        """Return a node's source as messages show it."""
        if isinstance(node, Binary):
            return self.text(node.left) + node.operator + self.text(node.right)
        return self.plain_text(node)

    def plain_text(self, node: Node) -> str:
        """Return the source between the two places that Groovy has for a node."""
        span = _span(node)
        return self.source[span.start : span.end].strip()

    def name(self, call: Call) -> str:
        """Return a call's name; note a problem and return `error` where it has none."""
        name = name_of(call)
        if name is not None:
            return name
        target = call.target if call.target is not None else call.method
        if isinstance(target, Variable) and target.name != "this":
            message = 'Method calls on objects not allowed outside "script" blocks.'
        else:
            message = "Expected a symbol"
        self.problems.add(place(call), message)
        return "error"

    def string(self, node: Expression) -> str:
        """Return a text or a bare name; note a problem and return an empty text for anything else."""
        if isinstance(node, Literal) and isinstance(node.value, str):
            return node.value
        if isinstance(node, Variable):
            return node.name
        self.problems.add(place(node), "Expected string literal")
        return ""

    def key(self, call: Call) -> tuple[str, Place]:
        """Return the name in front of an entry's value, and its place."""
        if isinstance(call.method, str):
            span = call.method_span or call.span
            if call.target is not None:
                # `a.b 'x'`: the key is `b`, right at the end of what was called.
                return call.method, (span.end_line, max(1, span.end_column - len(call.method)))
            return call.method, (span.line, span.column)
        return self.string(call.method) or "error", place(call.method)

    def value(self, node: Expression) -> Value:
        """Return an argument as Jenkins sees it, and note what it does not take for one."""
        at = place(node)
        if isinstance(node, Literal):
            value = node.value
            if isinstance(value, Big) and not -_LONG - 1 <= value <= _LONG:
                self.problems.add(at, _BIG)
                value = -1
            return Value(True, value, at)
        if isinstance(node, GString | MapLiteral):
            return Value(False, self.plain_text(node), at)
        if isinstance(node, Variable) and node.name in ("any", "none"):
            return Value(True, node.name, at)
        text = self.text(node)
        if text.startswith("${"):
            message = f'{text} cannot be used as a value directly. Did you mean "{text}"? (add quotes)'
            self.problems.add(at, message)
        return Value(False, f"${{{text}}}", at)

    def block(self, statement: Statement, name: str) -> Block | None:
        """Return the block a section must have; note a problem if it has none."""
        block = block_in(statement)
        if block is None:
            self.problems.add(place(statement), f"Expected a block for {name}")
        return block

    def boolean(self, call: Call) -> bool | None:
        """Return the `true` or `false` behind a name; note a problem for anything else."""
        arguments = arguments_of(call)
        first = arguments[0] if arguments else None
        if isinstance(first, Literal) and isinstance(first.value, bool):
            return first.value
        span = call.method_span or call.span
        self.problems.add((span.line, span.column), f"Expected a boolean with {self.name(call)}")
        return None
