"""One call of a step, with its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown
from chaos_lib.pipeline.runner.groovy.values import Function, Value, text, truth


@dataclass(frozen=True)
class StepCall:
    """One call of a step.

    Attributes:
        thread: Where it runs.
        name: Of the step.
        arguments: By name; what was given without one has the name of the step's main argument.
        block: The closure in its braces; None without one.
        node: Where it stands in the file.
    """

    thread: BuildThread
    name: str
    arguments: Mapping[str, Value]
    block: Function | None
    node: Node

    def get(self, name: str, default: Value = None) -> Value:
        """Return an argument, or what it is when left out."""
        return self.arguments.get(name, default)

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as a text."""
        value = self.arguments.get(name)
        return default if value is None else text(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return an argument that is true or false."""
        value = self.arguments.get(name)
        return default if value is None else truth(value)

    def number(self, name: str, default: float | None = None) -> float:
        """Return an argument that is a number.

        Raises:
            Thrown: It is none, or is left out and needed.
        """
        value = self.arguments.get(name, default)
        try:
            return float(value)
        except (TypeError, ValueError):
            raise Thrown(
                "java.lang.IllegalArgumentException",
                f"Could not instantiate {{{name}={text(value)}}} for {self.name}",
                node=self.node,
            ) from None

    def required(self, name: str) -> str:
        """Return a text that must be given.

        Raises:
            Thrown: It is left out.
        """
        if self.arguments.get(name) is None:
            raise Thrown(
                "java.lang.IllegalArgumentException",
                f'Missing required parameter: "{name}"',
                node=self.node,
            )
        return self.text(name)

    def run_block(self) -> Value:
        """Run what stands in the braces, with Jenkins's lines around it."""
        with self.thread.block(self.name):
            return self.body()

    def body(self) -> Value:
        """Run what stands in the braces.

        Raises:
            Thrown: There are none.
        """
        if self.block is None:
            raise Thrown(
                "java.lang.IllegalStateException",
                f"There is no body to invoke for the step {self.name}",
                node=self.node,
            )
        return self.block.call(self.thread)


StepFunction = Callable[[StepCall], Value]
