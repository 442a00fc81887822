"""Agents: this machine is the only one, and its labels are those that the request gives it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from chaos_lib.pipeline.model import Agent
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import abort, not_supported
from chaos_lib.pipeline.runner.objects import time_span

OWN_LABELS = ("built-in", "linux", "unix")


@contextmanager
def on_node(thread: BuildThread, label: str, *, is_announced: bool = False) -> Iterator[None]:
    """Run a block on the agent, which works in the workspace.

    Raises:
        Thrown: Nobody has that label until the deadline.
    """
    if not is_announced:
        thread.enter("node")
    _wait_for(label, thread)
    workspace = thread.build.request.workspace
    thread.console.line(f"Running on Jenkins in {workspace}")
    with thread.within(folder=workspace):
        thread.enter("{")
        try:
            yield
        finally:
            thread.enter("}")
            thread.enter("// node")


def is_satisfied(label: str, owned: frozenset[str]) -> bool:
    """Say whether labels satisfy an expression of `&&`, `||`, `!` and parentheses."""
    tokens = re.findall(r"&&|\|\||!|\(|\)|\"[^\"]*\"|[^\s&|!()]+", label)
    place = 0

    def either() -> bool:
        nonlocal place
        value = both()
        while place < len(tokens) and tokens[place] == "||":
            place += 1
            value = both() or value
        return value

    def both() -> bool:
        nonlocal place
        value = one()
        while place < len(tokens) and tokens[place] == "&&":
            place += 1
            value = one() and value
        return value

    def one() -> bool:
        nonlocal place
        word = tokens[place] if place < len(tokens) else ""
        place += 1
        if word == "!":
            return not one()
        if word == "(":
            value = either()
            place += 1
            return value
        return word.strip('"') in owned

    return not tokens or either()


def _wait_for(label: str, thread: BuildThread) -> None:
    request = thread.build.request
    if is_satisfied(label, frozenset((*OWN_LABELS, *request.labels))):
        return
    why = f"‘Jenkins’ doesn’t have label ‘{label}’"
    thread.console.line("Still waiting to schedule task")
    thread.console.line(why)
    start = time.monotonic()
    thread.attention.sleep(request.label_timeout_s, thread.context.interruption)
    waited = time_span(time.monotonic() - start)
    raise abort(f"Waited {waited} for an agent: {why}. On a controller this build would go on waiting.")


@contextmanager
def in_agent(thread: BuildThread, agent: Agent | None) -> Iterator[None]:
    """Run a block as an `agent` section wants it; without one, where it is.

    Raises:
        Thrown: It wants a container or a cloud.
    """
    if agent is None or agent.kind == "none":
        yield
        return
    if agent.kind not in ("any", "label", "node"):
        raise not_supported(f"`agent {{ {agent.kind} }}`", agent)  # type: ignore[arg-type]
    # Imported here: an agent's label is a Groovy expression, and Groovy runs in threads that have agents.
    from chaos_lib.pipeline.runner.groovy.expressions import evaluate
    from chaos_lib.pipeline.runner.groovy.scope import Frame, Scope
    from chaos_lib.pipeline.runner.groovy.values import text

    frame = Frame(Scope(), thread)
    expression = agent.value if agent.value is not None else agent.option("label")
    label = "" if agent.kind == "any" or expression is None else text(evaluate(expression, frame))
    with on_node(thread, label):
        custom = agent.option("customWorkspace")
        if custom is None:
            yield
            return
        place = thread.build.request.workspace / text(evaluate(custom, frame))
        if not place.resolve().is_relative_to(thread.build.request.workspace.resolve()):
            raise not_supported("A `customWorkspace` outside of the workspace", custom)
        with thread.within(folder=place):
            yield
