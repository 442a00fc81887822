"""Groovy, as far as a Jenkinsfile goes: the tree that the parser builds and the runner walks.

```text
Node
├── Statement   ExpressionStatement Declaration If For ForEach While Try Return Throw Break Continue
│               Switch Block Assert MethodDefinition Import ClassDefinition
└── Expression  Literal GString Variable Property Index Call New ListLiteral MapLiteral Closure
                Unary Postfix Binary Assign Ternary Elvis Cast Spread ClassName
```

Every node knows its place in the source (`span`), so that whoever meets something it cannot do says where.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the source.

    Attributes:
        line, column: Where it starts, both from 1, as Jenkins prints them.
        end_line, end_column: Just behind its last character, both from 1.
        start, end: The same as offsets: `source[start:end]` is its text.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in the tree."""

    span: Span


class Expression(Node):
    """Something with a value."""

    __slots__ = ()


class Statement(Node):
    """Something that is done."""

    __slots__ = ()
