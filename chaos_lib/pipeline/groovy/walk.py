"""Everything in a Groovy tree, from the outside in."""

from __future__ import annotations

from collections.abc import Iterator

from chaos_lib.pipeline.groovy.expressions import Call
from chaos_lib.pipeline.groovy.nodes import Node


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes within it, in the order of the file."""
    # Not recursive: a sum of a thousand texts is a tree a thousand levels deep.
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        inner: list[Node] = []
        for name in type(current).__dataclass_fields__:
            value = getattr(current, name)
            if isinstance(value, Node):
                inner.append(value)
            elif isinstance(value, tuple):
                inner += [item for item in value if isinstance(item, Node)]
        pending += reversed(inner)


def calls_in(node: Node) -> Iterator[Call]:
    """Yield all calls in a tree."""
    for found in walk(node):
        if isinstance(found, Call):
            yield found
