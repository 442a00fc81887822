"""Which credentials a pipeline uses, and which variables hold their secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaos_lib.pipeline.groovy.expressions import Call, ListLiteral, Literal, NamedArgument
from chaos_lib.pipeline.groovy.nodes import Expression, Node
from chaos_lib.pipeline.groovy.statements import Script
from chaos_lib.pipeline.groovy.walk import walk
from chaos_lib.pipeline.model import Environment, ParsedPipeline

_ID_NAMES = frozenset({"credentialsId", "registryCredentialsId", "gitCredentialsId"})
_VARIABLE_NAMES = frozenset({"variable", "passwordVariable", "keyFileVariable", "passphraseVariable"})


@dataclass(frozen=True)
class CredentialUse:
    """One place where a credential is used.

    Attributes:
        id: Its id; None if it is computed.
        line: Where.
        source: How it is written.
    """

    id: str | None
    line: int
    source: str


def credential_uses(parsed: ParsedPipeline) -> tuple[CredentialUse, ...]:
    """Return every use of a credential in a file, in its order."""
    if parsed.script is None:
        return ()
    return tuple(_use(parsed, value) for value in _ids(parsed.script))


def _use(parsed: ParsedPipeline, value: Expression) -> CredentialUse:
    text = value.value if isinstance(value, Literal) and isinstance(value.value, str) else None
    return CredentialUse(text, value.span.line, parsed.source[value.span.start : value.span.end])


def _ids(tree: Node) -> Iterator[Expression]:
    for node in walk(tree):
        if isinstance(node, NamedArgument) and node.name in _ID_NAMES:
            yield node.value
        elif isinstance(node, Call):
            yield from _ids_of_call(node)


def _ids_of_call(call: Call) -> Iterator[Expression]:
    if call.target is None and call.method == "credentials":
        yield from call.positional[:1]
    elif call.method == "sshagent":
        listed = [*call.positional, *(entry.value for entry in call.named if entry.name == "credentials")]
        for value in listed:
            yield from value.items if isinstance(value, ListLiteral) else ()
    elif call.method == "withRegistry":
        yield from call.positional[1:2] if len(call.positional) > 2 else ()
    elif call.method in _ID_NAMES:
        # `agent { docker { registryCredentialsId 'x' } }`
        yield from call.positional[:1]


def secret_variables(script: Script, environments: tuple[Environment, ...]) -> frozenset[str]:
    """Return the names of all variables that hold a secret."""
    names: set[str] = set()
    for environment in environments:
        for entry in environment.entries:
            value = entry.value
            if isinstance(value, Call) and value.target is None and value.method == "credentials":
                names |= {entry.name, f"{entry.name}_PSW"}
    for node in walk(script):
        if isinstance(node, NamedArgument) and node.name in _VARIABLE_NAMES:
            value = node.value
            if isinstance(value, Literal) and isinstance(value.value, str):
                names.add(value.value)
    return frozenset(names)


def environments_of(parsed: ParsedPipeline) -> tuple[Environment, ...]:
    """Return the `environment` of the pipeline and of each stage."""
    if parsed.pipeline is None:
        return ()
    found = [parsed.pipeline.environment]
    for stage in parsed.pipeline.walk():
        found.append(stage.environment)
        if stage.matrix is not None:
            found.append(stage.matrix.environment)
    return tuple(environment for environment in found if environment is not None)
