"""What `environment` and `options` put around stages: credentials, variables, time limits, repetition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from chaos_lib.pipeline.groovy.expressions import Call, Literal
from chaos_lib.pipeline.groovy.nodes import Expression, Node
from chaos_lib.pipeline.model import Directive, Environment
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown
from chaos_lib.pipeline.runner.groovy.expressions import evaluate
from chaos_lib.pipeline.runner.groovy.scope import Frame, Scope
from chaos_lib.pipeline.runner.groovy.values import Value, text
from chaos_lib.pipeline.runner.objects import Env
from chaos_lib.pipeline.runner.steps import credentials, registry

WRAPPERS = ("timeout", "retry", "timestamps", "catchError", "warnError", "withEnv")


def frame_of(thread: BuildThread) -> Frame:
    """Return a frame in which only what the script knows is visible."""
    return Frame(Scope(), thread)


@contextmanager
def environment(thread: BuildThread, section: Environment | None) -> Iterator[None]:
    """Put a section's credentials and variables around a block.

    Raises:
        Thrown: A credential is unknown, a value cannot be made.
    """
    with ExitStack() as stack:
        if section is not None:
            bindings = [
                binding
                for entry in section.entries
                if _is_credential(entry.value)
                for binding in credentials.for_environment(
                    entry.name, _credential_id(entry.value, thread, section), thread
                )
            ]
            if bindings:
                thread.enter("withCredentials")
                stack.enter_context(credentials.bound(thread, bindings))
                stack.enter_context(thread.block("withCredentials"))
            values = _Values(section, thread)
            variables = {
                entry.name: text(values.get(entry.name))
                for entry in section.entries
                if not _is_credential(entry.value)
            }
            if variables:
                stack.enter_context(with_env(thread, variables))
        yield


@contextmanager
def with_env(thread: BuildThread, variables: Mapping[str, str]) -> Iterator[None]:
    """Put variables around a block, with Jenkins's lines; nothing at all without any."""
    if not variables:
        yield
        return
    thread.enter("withEnv")
    with (
        thread.within(overrides={**thread.context.overrides, **variables}),
        thread.block("withEnv"),
    ):
        yield


def _is_credential(value: Expression) -> bool:
    return isinstance(value, Call) and value.target is None and value.method == "credentials"


def _credential_id(value: Expression, thread: BuildThread, section: Environment) -> str:
    assert isinstance(value, Call)
    if not value.positional:
        raise Thrown("java.lang.IllegalArgumentException", "credentials() needs an id", node=value)
    return text(evaluate(value.positional[0], Frame(_Values(section, thread), thread)))


class _Values(Scope):
    """The values of an `environment` section, each made when another one or the block asks for it.

    They may name each other in any order; a variable that names itself means the one around the section.
    """

    def __init__(self, section: Environment, thread: BuildThread) -> None:
        super().__init__()
        self._thread = thread
        self._expressions = {
            entry.name: entry.value for entry in section.entries if not _is_credential(entry.value)
        }
        self._made: dict[str, Value] = {}
        self._making: list[str] = []

    def defines(self, name: str) -> bool:
        return name == "env" or name in self._expressions or name in self._thread.build.parameters

    def get(self, name: str) -> Value:
        if name == "env":
            return _EnvOfSection(self._thread, self)
        if name in self._making or name not in self._expressions:
            known = self._thread.environment_value(name)
            return self._thread.build.parameters.get(name) if known is None else known
        if name not in self._made:
            self._making.append(name)
            try:
                self._made[name] = evaluate(self._expressions[name], Frame(self, self._thread))
            finally:
                self._making.pop()
        return self._made[name]


class _EnvOfSection(Env):
    """`env` within an `environment` section: the section's own variables first."""

    def __init__(self, thread: BuildThread, values: _Values) -> None:
        super().__init__(thread)
        self._values = values

    def get(self, name: str) -> Value:
        if name in self._values._expressions and name != "env":
            return self._values.get(name)
        return super().get(name)


def in_wrappers(thread: BuildThread, options: Sequence[Directive], body: Callable[[], None]) -> None:
    """Run a body within the options that are steps: `timeout`, `retry`, `timestamps`."""
    wrappers = [option for option in options if option.name in WRAPPERS]
    if not wrappers:
        body()
        return
    first, rest = wrappers[0], wrappers[1:]
    frame = frame_of(thread)
    positional = [evaluate(value, frame) for value in first.arguments.positional]
    named = {str(each.name): evaluate(each.value, frame) for each in first.arguments.named}
    node = Literal(first.span, first.name)
    registry.invoke(
        thread, first.name, [*positional, Native(lambda: in_wrappers(thread, rest, body))], named, node
    )


class Native:
    """A function of ours where Groovy would have a closure."""

    arity = 0

    def __init__(self, action: Callable[[], Value]) -> None:
        self._action = action

    def call(self, thread: BuildThread, *arguments: Value) -> Value:
        """Call it."""
        return self._action()


def place(span_of: Directive) -> Node:
    """Return a node for messages about a directive."""
    return Literal(span_of.span, span_of.name)
