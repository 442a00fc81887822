"""`agent any`, `agent { label 'x' }`, `agent { docker { image 'x' } }`."""

from __future__ import annotations

from chaos_lib.pipeline.declarative.describables import AGENT_TYPES, AGENTS, PLUGIN_AGENTS
from chaos_lib.pipeline.declarative.matching import Place, Reading, arguments_of, block_in, call_in, place
from chaos_lib.pipeline.declarative.part import Part
from chaos_lib.pipeline.groovy.expressions import Call, Closure
from chaos_lib.pipeline.groovy.nodes import Expression, Statement
from chaos_lib.pipeline.model import Agent, AgentOption

_WITHOUT_ARGUMENTS = ("any", "none")
_ONLY = 'Only "agent none", "agent any" or "agent {...}" are allowed.'
_TYPES = f"[{', '.join(AGENT_TYPES)}]"

Entries = dict[str, tuple[AgentOption, Place]]


def read(reading: Reading, statement: Statement) -> Part[Agent | None]:
    """Read an `agent` section."""
    block = block_in(statement)
    if block is not None:
        return _read_block(reading, statement, block.closure)
    at = place(statement)
    kind, kind_place = "", at
    call = call_in(statement)
    if call is None:
        reading.problems.add(at, "Expected an agent")
    else:
        kind, kind_place = _bare(reading, at, arguments_of(call))
    agent = Agent(kind, None, (), statement.span) if kind else None
    return Part(agent, at, lambda: _check(reading, at, kind, kind_place, None))


def _bare(reading: Reading, at: Place, given: tuple[Expression, ...]) -> tuple[str, Place]:
    if not given:
        reading.problems.add(at, "No argument for agent")
    elif len(given) > 1:
        reading.problems.add(at, _ONLY)
    else:
        only = given[0]
        kind = reading.string(only) or "error"
        if kind in _WITHOUT_ARGUMENTS:
            return kind, place(only)
        reading.problems.add(at, _ONLY)
    return "", at


def _read_block(reading: Reading, statement: Statement, closure: Closure) -> Part[Agent | None]:
    at = place(statement)
    lines = closure.body
    call = call_in(lines[0]) if len(lines) == 1 else None
    if len(lines) > 1:
        reading.problems.add(at, "Only one agent type is allowed per agent section")
    elif call is None:
        reading.problems.add(at, "Expected an agent")
    if call is None:
        return Part(None, at, lambda: _check(reading, at, "", at, None))
    kind, kind_place = reading.key(call)
    entry = _read_map(reading, closure).get(kind)
    options: tuple[AgentOption, ...] | None = None
    value: Expression | None = None
    places: dict[str, Place] | None = None
    if entry is not None:
        found = entry[0].value
        if isinstance(found, tuple):
            options = found
            places = {option.name: (option.span.line, option.span.column) for option in found}
        else:
            value = found
    if kind == "label" and options is not None:
        kind = "node"
    agent = Agent(kind, value, options or (), statement.span)
    return Part(agent, at, lambda: _check(reading, at, kind, kind_place, places))


def _read_map(reading: Reading, closure: Closure) -> Entries:
    """Read `name value` and `name { ... }` lines."""
    entries: Entries = {}
    for line in closure.body:
        call = call_in(line)
        if call is None:
            reading.problems.add(place(closure), 'Expected to find \u2018someKey "someValue"\u2019')
            continue
        entry = _read_entry(reading, call)
        if entry is not None:
            entries[entry[0].name] = entry
    return entries


def _read_entry(reading: Reading, call: Call) -> tuple[AgentOption, Place] | None:
    key, key_place = reading.key(call)
    given = arguments_of(call)
    span = call.method_span or call.span
    if not given:
        reading.problems.add(key_place, f'No argument for map key "{key}"')
        return None
    if len(given) > 1:
        reading.problems.add(key_place, f'Too many arguments for map key "{key}"')
        return None
    only = given[0]
    if isinstance(only, Closure):
        inner = _read_map(reading, only)
        return AgentOption(key, tuple(option for option, _ in inner.values()), span), key_place
    reading.value(only)
    return AgentOption(key, only, span), key_place


def _check(
    reading: Reading, at: Place, kind: str, kind_place: Place, options: dict[str, Place] | None
) -> None:
    if not kind:
        reading.problems.add(at, f"No agent type specified. Must be one of {_TYPES}")
        return
    if kind in _WITHOUT_ARGUMENTS or kind in PLUGIN_AGENTS:
        return
    takes = AGENTS.get(kind)
    if takes is None:
        reading.problems.add(kind_place, f'Invalid agent type "{kind}" specified. Must be one of {_TYPES}')
    elif options is not None:
        for name in takes.required:
            if name not in options:
                message = f'Missing required parameter for agent type "{kind}": {name}'
                reading.problems.add(kind_place, message)
        valid = ", ".join(takes.parameters)
        for name, option_place in options.items():
            if name not in takes.parameters:
                message = f'Invalid config option "{name}" for agent type "{kind}". Valid config options are [{valid}]'
                reading.problems.add(option_place, message)
