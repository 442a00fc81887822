"""`when { branch 'main' }`."""

from __future__ import annotations

from chaos_lib.pipeline.declarative import arguments
from chaos_lib.pipeline.declarative.arguments import Given, Named, Several, Single
from chaos_lib.pipeline.declarative.describables import CHILDREN, CONDITIONS
from chaos_lib.pipeline.declarative.matching import Place, Reading, arguments_of, block_in, call_in, place
from chaos_lib.pipeline.declarative.part import Part, check_all
from chaos_lib.pipeline.declarative.regular_expressions import java_complaint
from chaos_lib.pipeline.groovy.nodes import Statement
from chaos_lib.pipeline.model import Arguments, Condition, When

_BEFORE = ("beforeAgent", "beforeInput", "beforeOptions")
_EXPECTED = "Expected a when condition"


def read(reading: Reading, statement: Statement) -> Part[When]:
    """Read the `when` of a stage."""
    at = place(statement)
    block = block_in(statement)
    before: dict[str, bool] = {}
    parts: list[Part[Condition | None]] = []
    if block is None:
        reading.problems.add(at, _EXPECTED)
    for line in block.closure.body if block is not None else ():
        call = call_in(line)
        if call is None:
            reading.problems.add(at, _EXPECTED)
            continue
        name = reading.name(call)
        if name in _BEFORE:
            before[name] = bool(reading.boolean(call))
        else:
            parts.append(_read_condition(reading, line))

    def check() -> None:
        if not parts:
            reading.problems.add(at, "Empty when closure, remove the property or add some content.")
        check_all(parts)

    when = When(
        tuple(part.value for part in parts if part.value is not None),
        before.get("beforeAgent", False),
        before.get("beforeInput", False),
        before.get("beforeOptions", False),
        statement.span,
    )
    return Part(when, at, check)


def _read_condition(reading: Reading, statement: Statement) -> Part[Condition | None]:
    at = place(statement)
    call = call_in(statement)
    if call is None:
        reading.problems.add(at, _EXPECTED)
        return Part(None, at)
    name = reading.name(call)
    block = block_in(statement)
    if name == "expression":
        if block is None:
            reading.problems.add(at, "When step without a block")
            return Part(None, at)
        found = Condition(name, Arguments(), (), block.closure.body, statement.span, block.closure)
        return Part(found, at)
    all_arguments = arguments_of(call)
    children: list[Part[Condition | None]] = []
    given: Given | None
    if block is not None:
        given = arguments.read(reading, all_arguments[:-1]) if len(all_arguments) > 1 else None
        children = [_read_condition(reading, child) for child in block.closure.body]
    else:
        given = arguments.read(reading, all_arguments)
    inner = tuple(child.value for child in children if child.value is not None)
    condition = Condition(name, arguments.for_model(call), inner, None, statement.span)

    def check() -> None:
        _check_condition(reading, at, name, given, children)
        if name == "changelog":
            _check_changelog(reading, at, given)
        check_all(children)

    return Part(condition, at, check)


def _check_condition(
    reading: Reading, at: Place, name: str, given: Given | None, children: list[Part[Condition | None]]
) -> None:
    takes = CONDITIONS.get(name)
    if takes is None:
        known = ", ".join(CONDITIONS)
        reading.problems.add(at, f"Unknown conditional {name}. Valid conditionals are: {known}")
        return
    allowed = CHILDREN.get(name, 0)
    if allowed == 0:
        if children:
            message = f'No children when conditions are allowed for when condition "{name}".'
            reading.problems.add(at, message)
        elif given is not None:
            arguments.check(reading, at, name, given, takes)
    elif given is not None:
        message = f'No additional arguments are allowed for children when condition "{name}".'
        reading.problems.add(at, message)
    elif allowed < 0:
        if not children:
            reading.problems.add(at, f'Nested when condition "{name}" requires at least one child condition.')
    elif len(children) != allowed:
        message = f'Nested when condition "{name}" requires exactly {allowed} child condition(s).'
        reading.problems.add(at, message)
    else:
        # Jenkins looks at the child of `not` twice, and says twice what it has to say.
        check_all(children)


def _check_changelog(reading: Reading, at: Place, given: Given | None) -> None:
    pattern: object = None
    if isinstance(given, Single):
        pattern = given.value.value
    elif isinstance(given, Named):
        pattern = next((value.value for key, _, value in given.entries if key == "pattern"), None)
    if isinstance(given, Several) or pattern is None:
        reading.problems.add(at, 'Changelog is missing required parameter "pattern".')
        return
    complaint = java_complaint(str(pattern))
    if complaint:
        reading.problems.add(at, f'"{pattern}" is not a valid regular expression. {complaint}')
