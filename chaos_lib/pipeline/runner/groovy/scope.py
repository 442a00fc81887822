"""Names and what they stand for, while Groovy runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.runner.groovy.values import Value


class Scope:
    """The variables of one block; those of the blocks around it are found through it.

    Args:
        parent: The scope around it.
        names: What is defined from the start.
    """

    def __init__(self, parent: Scope | None = None, names: Mapping[str, Value] | None = None) -> None:
        self.parent = parent
        self.names: dict[str, Value] = dict(names or {})

    def holder(self, name: str) -> Scope | None:
        """Return the nearest scope that defines a name."""
        scope: Scope | None = self
        while scope is not None:
            if scope.defines(name):
                return scope
            scope = scope.parent
        return None

    def defines(self, name: str) -> bool:
        """Whether this very scope defines a name."""
        return name in self.names

    def get(self, name: str) -> Value:
        """Return what this very scope has for a name that it defines."""
        return self.names[name]


class Thread(Protocol):
    """What the build offers to the code that runs in it."""

    def checkpoint(self) -> None:
        """Give way to an abort or a timeout; raises Thrown then."""
        ...

    def variable(self, name: str, node: Node) -> Value:
        """Return what a name means that no scope defines: a variable of the script, `env`, a step's name..."""
        ...

    def assign(self, name: str, value: Value) -> None:
        """Set a variable of the script."""
        ...

    def invoke(self, name: str, positional: list[Value], named: dict[str, Value], node: Node) -> Value:
        """Call a step or a method of the file."""
        ...


@dataclass
class Frame:
    """Where code runs.

    Attributes:
        scope: Its variables.
        thread: The build thread; Any, because a closure may be called from another one than it was made in.
    """

    scope: Scope
    thread: Any = field(repr=False)

    def inner(self, names: Mapping[str, Value] | None = None) -> Frame:
        """Return a frame for a block within."""
        return Frame(Scope(self.scope, names), self.thread)
