"""An expression in the words Groovy has for it in its error messages."""

from __future__ import annotations

from chaos_lib.pipeline.groovy.expressions import (
    Binary,
    Call,
    GString,
    Index,
    ListLiteral,
    Literal,
    MapLiteral,
    Property,
    Unary,
    Variable,
)
from chaos_lib.pipeline.groovy.nodes import Expression


def text_of(node: Expression) -> str:
    """Return the text Groovy shows for an expression; not its source."""
    if isinstance(node, Literal):
        return _literal(node.value)
    if isinstance(node, Variable):
        return node.name
    if isinstance(node, Binary):
        return f"({text_of(node.left)} {node.operator} {text_of(node.right)})"
    if isinstance(node, GString):
        return "".join(part if isinstance(part, str) else f"${text_of(part)}" for part in node.parts)
    if isinstance(node, Call):
        target = "this" if node.target is None else text_of(node.target)
        method = node.method if isinstance(node.method, str) else text_of(node.method)
        named = ", ".join(f"{argument.name}:{text_of(argument.value)}" for argument in node.named)
        shown = [f"[{named}]"] if named else []
        return f"{target}.{method}({', '.join(shown + [text_of(item) for item in node.positional])})"
    if isinstance(node, Property):
        return f"{text_of(node.target)}.{node.name if isinstance(node.name, str) else text_of(node.name)}"
    if isinstance(node, Index):
        return f"{text_of(node.target)}[{', '.join(text_of(key) for key in node.keys)}]"
    if isinstance(node, ListLiteral):
        return f"[{', '.join(text_of(item) for item in node.items)}]"
    if isinstance(node, MapLiteral):
        entries = ", ".join(f"{entry.name}:{text_of(entry.value)}" for entry in node.entries)
        return f"[{entries or ':'}]"
    if isinstance(node, Unary):
        return f"{node.operator}{text_of(node.operand)}"
    return "{ -> ... }"


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
