"""Every label a pipeline asks for belongs to an agent: a build for an unknown one waits for ever."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from chaos_lib.pipeline.groovy.expressions import Literal, Variable
from chaos_lib.pipeline.groovy.nodes import Expression
from chaos_lib.pipeline.model import Agent, ParsedPipeline
from chaos_lib.pipeline.rules.finding import Finding

RULE = "agent-labels"
_OPERATORS = re.compile(r"&&|\|\||->|<->|[()!\s]+")


def agent_labels(parsed: ParsedPipeline, known: Collection[str]) -> tuple[Finding, ...]:
    """Return the labels that no agent has.

    Args:
        parsed: The pipeline.
        known: The labels of the agents there are.
    """
    found = []
    for agent in _agents(parsed):
        value = agent.value if agent.kind == "label" else agent.option("label")
        for label in _labels(value):
            if label in known:
                continue
            there_are = ", ".join(sorted(known)) or "none"
            found.append(
                Finding(
                    RULE,
                    "LABEL_UNKNOWN",
                    value.span.line if value is not None else agent.span.line,
                    f"no agent has the label `{label}`; there are: {there_are}",
                    "Correct the label, or give it to an agent. A `timeout` in the pipeline's `options` ends the wait.",
                )
            )
    return tuple(found)


def _agents(parsed: ParsedPipeline) -> Iterator[Agent]:
    if parsed.pipeline is None:
        return
    agents = [parsed.pipeline.agent]
    for stage in parsed.pipeline.walk():
        agents += [stage.agent, stage.matrix.agent if stage.matrix is not None else None]
    yield from (agent for agent in agents if agent is not None)


def _labels(value: Expression | None) -> Iterator[str]:
    """Yield the labels of an expression such as `linux && !slow`; none of one that is computed."""
    if isinstance(value, Variable):
        yield value.name
    elif isinstance(value, Literal) and isinstance(value.value, str):
        yield from (label for label in _OPERATORS.split(value.value) if label)
