"""Everything in a Groovy tree, from the outside in."""

from __future__ import annotations

from collections.abc import Iterator

from chaos_lib.pipeline.groovy.expressions import Call
from chaos_lib.pipeline.groovy.nodes import Node


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes within it, in the order of the file."""
    yield node
    for name in type(node).__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield from walk(value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield from walk(item)


def calls_in(node: Node) -> Iterator[Call]:
    """Yield all calls in a tree."""
    for found in walk(node):
        if isinstance(found, Call):
            yield found
