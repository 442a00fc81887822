"""The values of a build's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaos_lib.errors import InvalidPipeline
from chaos_lib.pipeline.groovy.expressions import ListLiteral, Literal
from chaos_lib.pipeline.groovy.nodes import Expression
from chaos_lib.pipeline.model import Directive, Pipeline

_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off", "")


def values(pipeline: Pipeline, given: Mapping[str, str | bool]) -> dict[str, str | bool]:
    """Return every parameter's value: what is given, else its default.

    Raises:
        InvalidPipeline: A value is given for a parameter that does not exist, or one that cannot be right.
    """
    known = {_name(parameter): parameter for parameter in pipeline.parameters}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidPipeline(
            f"The pipeline has no parameter `{unknown[0]}`.",
            evidence=f"its parameters: {', '.join(known) or 'none'}",
            fix="Correct the name, or add it to `parameters { }` in the Jenkinsfile.",
        )
    return {name: _value(name, parameter, given.get(name)) for name, parameter in known.items()}


def secret_names(pipeline: Pipeline) -> tuple[str, ...]:
    """Return the names of the parameters whose values are secret."""
    return tuple(_name(parameter) for parameter in pipeline.parameters if parameter.name == "password")


def _name(parameter: Directive) -> str:
    return parameter.arguments.text("name", position=0) or ""


def _value(name: str, parameter: Directive, given: str | bool | None) -> str | bool:
    default = _plain(parameter.arguments.get("defaultValue", position=1))
    if parameter.name == "booleanParam":
        value = default if given is None else given
        lowered = str(value if value is not None else False).lower()
        if lowered not in (*_TRUE, *_FALSE):
            raise _wrong(name, str(given), "true or false")
        return lowered in _TRUE
    if parameter.name == "choice":
        choices = _choices(parameter)
        value = (choices[0] if choices else "") if given is None else str(given)
        if value not in choices:
            raise _wrong(name, value, ", ".join(choices))
        return value
    if given is None:
        return "" if default is None else str(default)
    return str(given)


def _choices(parameter: Directive) -> list[str]:
    value = parameter.arguments.get("choices", position=1)
    if isinstance(value, ListLiteral):
        return [str(_plain(item)) for item in value.items]
    plain = _plain(value)
    return [] if plain is None else str(plain).split("\n")


def _plain(value: Expression | None) -> Any:
    return value.value if isinstance(value, Literal) else None


def _wrong(name: str, value: str, allowed: str) -> InvalidPipeline:
    return InvalidPipeline(
        f"`{value}` is no value for the parameter `{name}`.",
        evidence=f"it may be: {allowed}",
        fix="Choose one of these.",
    )
