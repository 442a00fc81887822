"""Whatever Groovy is thrown at the runner, it throws what Groovy throws, and comes to an end."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.groovy.statement_grammar import parse_groovy
from chaos_lib.pipeline.runner.failures import Thrown, missing_property
from chaos_lib.pipeline.runner.groovy.collection_methods import CLOSURE_METHODS, LIST_METHODS, MAP_METHODS
from chaos_lib.pipeline.runner.groovy.scope import Frame, Scope
from chaos_lib.pipeline.runner.groovy.statements import run
from chaos_lib.pipeline.runner.groovy.text_methods import TEXT_METHODS
from chaos_lib.pipeline.runner.groovy.values import Value, text

ATOMS = [
    "null",
    "true",
    "0",
    "-1",
    "3",
    "2.5",
    "''",
    "'a'",
    "'1,2'",
    '"${x}"',
    "[]",
    "[1, 'b', null]",
    "[:]",
    "[a: 1]",
    "x",
    "(1..3)",
]
CLOSURES = ["{ it }", "{ a, b -> a }", "{ -> 1 }", "{ it.size() }", "{ throw new Exception('x') }"]
METHODS = sorted(
    {*TEXT_METHODS, *LIST_METHODS, *MAP_METHODS, *CLOSURE_METHODS, "toString", "times", "nowhere"}
)
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "==",
    "!=",
    "<",
    ">=",
    "<=>",
    "in",
    "&&",
    "||",
    "=~",
    "==~",
    "..",
    "<<",
    "?:",
]

atoms = st.sampled_from(ATOMS)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(
            inner, st.sampled_from(METHODS), st.lists(st.one_of(inner, st.sampled_from(CLOSURES)), max_size=2)
        ).map(lambda parts: f"{parts[0]}.{parts[1]}({', '.join(parts[2])})"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        inner.map(lambda part: f"[{part}, {part}]*.size()"),
        inner.map(lambda part: f"((int) {part})"),
        inner.map(lambda part: f"({part} as String)"),
        inner.map(lambda part: f"!{part}"),
    ),
    max_leaves=8,
)


class Alone:
    """A thread without a build."""

    depth = 0

    def checkpoint(self) -> None:
        pass

    def variable(self, name: str, node: Node) -> Value:
        raise missing_property(name, node)

    def assign(self, name: str, value: Value) -> None:
        pass

    def invoke(self, name: str, positional: list[Value], named: dict[str, Value], node: Node) -> Value:
        raise missing_property(name, node)


@settings(max_examples=400, deadline=None)
@given(expression=expressions)
def test_an_expression_has_a_value_or_throws_as_groovy_does(expression: str) -> None:
    script = parse_groovy(f"def x = 'text'\nreturned = {expression}\n")

    # Anything else than Thrown is the runner's own mistake, and fails this test.
    with contextlib.suppress(Thrown):
        run(script.statements, Frame(Scope(), Alone()))


@settings(max_examples=100, deadline=None)
@given(expression=expressions)
def test_every_value_can_be_written(expression: str) -> None:
    frame = Frame(Scope(), Alone())
    script = parse_groovy(
        f"def x = 'text'\ndef y = null\ntry {{ y = {expression} }} catch (Throwable e) {{ y = e }}\n"
    )

    run(script.statements, frame)

    assert isinstance(text(frame.scope.names["y"]), str)
