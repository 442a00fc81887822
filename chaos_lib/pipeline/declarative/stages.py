"""`stages`, `parallel`, `matrix` and the stages in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos_lib.pipeline.declarative import agent, directives, environment, matrix, post, stage_input, when
from chaos_lib.pipeline.declarative.matching import Place, Reading, block_in, call_in, name_of, place
from chaos_lib.pipeline.declarative.part import Part, check_all, duplicates
from chaos_lib.pipeline.declarative.steps import read_branch
from chaos_lib.pipeline.groovy.expressions import Call, Closure, Literal
from chaos_lib.pipeline.groovy.nodes import Span, Statement
from chaos_lib.pipeline.model import (
    Agent,
    Axis,
    Directive,
    Environment,
    Exclude,
    Input,
    Matrix,
    Post,
    Stage,
    Step,
    Tool,
    When,
)

_NESTED = '"matrix" or "parallel" cannot be nested inside another "matrix" or "parallel".'


@dataclass
class Shared:
    """What a stage and a matrix both may have, while they are read."""

    agent: Part[Agent | None] | None = None
    when: Part[When] | None = None
    post: Part[Post] | None = None
    tools: Part[tuple[Tool, ...]] | None = None
    environment: Part[Environment] | None = None
    options: Part[tuple[Directive, ...]] | None = None
    input: Part[Input] | None = None

    def read(self, reading: Reading, name: str, statement: Statement) -> bool:
        """Read a section if it is one of these; say whether it is."""
        if name == "agent":
            self.agent = agent.read(reading, statement)
        elif name == "when":
            self.when = when.read(reading, statement)
        elif name == "post":
            self.post = post.read(reading, statement)
        elif name == "tools":
            self.tools = directives.read_tools(reading, statement)
        elif name == "environment":
            self.environment = environment.read(reading, statement)
        elif name == "options":
            self.options = directives.read(reading, statement, directives.OPTIONS, is_in_stage=True)
        elif name == "input":
            self.input = stage_input.read(reading, statement)
        else:
            return False
        return True

    def check(self) -> None:
        """Check all of them in Jenkins's order."""
        parts = (self.agent, self.when, self.post, self.tools, self.environment, self.options, self.input)
        for part in parts:
            if part is not None:
                part.check()


@dataclass
class _Draft:
    """A stage while it is read."""

    name: str
    key: str
    place: Place
    span: Span
    shared: Shared = field(default_factory=Shared)
    branches: list[tuple[str, Part[tuple[Step, ...]]]] = field(default_factory=list)
    stages: Stages | None = None
    parallel: Stages | None = None
    matrix: _Matrix | None = None
    fail_fast: bool = False


@dataclass
class Stages:
    """A list of stages while it is read."""

    place: Place
    drafts: list[_Draft]

    def check(self, reading: Reading, *, is_within_parallel: bool) -> None:
        """Check the list, then each stage."""
        self._check_list(reading)
        for draft in self.drafts:
            _check_stage(reading, draft, is_within_parallel=is_within_parallel)

    def check_parallel(self, reading: Reading) -> None:
        """Check the list as a `parallel`, which Jenkins looks at once more when it is through."""
        self.check(reading, is_within_parallel=True)
        self._check_list(reading)

    def _check_list(self, reading: Reading) -> None:
        if not self.drafts:
            reading.problems.add(self.place, "No stages specified")
        for name in duplicates(draft.key for draft in self.drafts):
            reading.problems.add(self.place, f'Duplicate stage name: "{name}"')

    def finished(self) -> tuple[Stage, ...]:
        """Return the stages."""
        return tuple(_finished(draft) for draft in self.drafts)


@dataclass
class _Matrix:
    """A matrix while it is read."""

    place: Place
    span: Span
    shared: Shared = field(default_factory=Shared)
    axes: Part[tuple[Axis, ...]] | None = None
    excludes: Part[tuple[Exclude, ...]] | None = None
    stages: Stages | None = None


def read_stages(reading: Reading, statement: Statement, name: str = "stages") -> Stages:
    """Read a `stages` or `parallel` section."""
    block = reading.block(statement, name)
    lines = block.closure.body if block is not None else ()
    drafts = [_read_stage(reading, line) for line in lines]
    return Stages(place(statement), [draft for draft in drafts if draft is not None])


def _read_stage(reading: Reading, statement: Statement) -> _Draft | None:
    at = place(statement)
    block = block_in(statement)
    if block is None or block.name != "stage":
        reading.problems.add(at, "Expected a stage")
        return None
    first = block.arguments[0]
    key = reading.string(first) or "error"
    is_text = isinstance(first, Literal) and isinstance(first.value, str)
    draft = _Draft(
        str(first.value) if isinstance(first, Literal) and is_text else key, key, at, statement.span
    )
    body = block.arguments[1] if len(block.arguments) > 1 else None
    if not isinstance(body, Closure):
        reading.problems.add(at, "Stage does not have a block")
        return draft
    seen: set[str] = set()
    for line in body.body:
        call = call_in(line)
        if call is None:
            source = reading.plain_text(line)
            message = (
                f'Not a valid stage section definition: "{source}". Some extra configuration is required.'
            )
            reading.problems.add(at, message)
            continue
        name = reading.name(call)
        if name in seen:
            reading.problems.add(at, f"Multiple occurrences of the {name} section")
        seen.add(name)
        _read_section(reading, draft, name, line, call)
    return draft


def _read_section(reading: Reading, draft: _Draft, name: str, line: Statement, call: Call) -> None:
    if draft.shared.read(reading, name, line):
        return
    if name == "steps":
        _read_steps(reading, draft, line)
    elif name == "parallel":
        draft.parallel = read_stages(reading, line, "parallel")
    elif name == "matrix":
        draft.matrix = _read_matrix(reading, line)
    elif name == "failFast":
        draft.fail_fast = bool(reading.boolean(call))
    elif name == "stages":
        draft.stages = read_stages(reading, line)
    else:
        message = (
            f'Unknown stage section "{name}". Starting with version 0.5, steps in a stage must be in a '
            "\u2018steps\u2019 block."
        )
        reading.problems.add(draft.place, message)


def _read_steps(reading: Reading, draft: _Draft, line: Statement) -> None:
    block = reading.block(line, "steps")
    if block is None:
        return
    body = block.closure.body
    only = call_in(body[0]) if len(body) == 1 else None
    if only is not None and name_of(only) == "parallel":
        _read_parallel_step(reading, draft, only)
    elif len(body) != 1 or not draft.branches:
        draft.branches.append(("default", read_branch(reading, block.closure)))


def _read_parallel_step(reading: Reading, draft: _Draft, call: Call) -> None:
    """Read `parallel(a: { }, b: { })`, the old form, which may be the only step."""
    if call.positional:
        return
    for argument in call.named:
        at = place(argument)
        if argument.name == "failFast":
            if isinstance(argument.value, Literal) and isinstance(argument.value.value, bool):
                draft.fail_fast = argument.value.value
            else:
                reading.problems.add(at, "Expected a boolean with failFast")
        elif not isinstance(argument.value, Closure):
            reading.problems.add(at, "Expected closure or failFast")
        else:
            name = argument.name if isinstance(argument.name, str) else reading.string(argument.name)
            draft.branches.append((name or "error", read_branch(reading, argument.value)))


def _read_matrix(reading: Reading, statement: Statement) -> _Matrix:
    found = _Matrix(place(statement), statement.span)
    block = reading.block(statement, "matrix")
    seen: set[str] = set()
    for line in block.closure.body if block is not None else ():
        at = place(line)
        call = call_in(line)
        if call is None:
            source = reading.plain_text(statement)
            message = f'Not a valid section definition: "{source}". Some extra configuration is required.'
            reading.problems.add(at, message)
            continue
        name = reading.name(call)
        if name in seen:
            reading.problems.add(at, f"Multiple occurrences of the {name} section")
        seen.add(name)
        if name == "axes":
            found.axes = matrix.read_axes(reading, line)
        elif name == "excludes":
            found.excludes = matrix.read_excludes(reading, line)
        elif name == "stages":
            found.stages = read_stages(reading, line)
        elif not found.shared.read(reading, name, line):
            reading.problems.add(at, f'Undefined section "{name}"')
    return found


def _check_stage(reading: Reading, draft: _Draft, *, is_within_parallel: bool) -> None:
    draft.shared.check()
    _check_content(reading, draft, is_within_parallel=is_within_parallel)
    if draft.parallel is not None:
        draft.parallel.check_parallel(reading)
    if draft.matrix is not None:
        _check_matrix(reading, draft.matrix)
    check_all(branch for _, branch in draft.branches)
    if draft.stages is not None:
        draft.stages.check(reading, is_within_parallel=is_within_parallel)


def _check_content(reading: Reading, draft: _Draft, *, is_within_parallel: bool) -> None:
    add = reading.problems.add
    given = (draft.branches, draft.parallel is not None, draft.matrix is not None, draft.stages is not None)
    count = sum(bool(one) for one in given)
    if is_within_parallel and (
        len(draft.branches) > 1 or draft.parallel is not None or draft.matrix is not None
    ):
        inner = draft.matrix or draft.parallel
        add(inner.place if inner is not None else draft.branches[0][1].place, _NESTED)
    elif count > 1:
        message = f'Only one of "matrix", "parallel", "stages", or "steps" allowed for stage "{draft.key}"'
        add(draft.place, message)
    elif count == 0:
        add(draft.place, f'Expected one of "steps", "stages", or "parallel" for stage "{draft.key}"')
    elif draft.parallel is not None or draft.matrix is not None:
        inside = f'is not allowed in stage "{draft.key}" as it contains parallel or matrix stages'
        if draft.shared.agent is not None:
            add(draft.shared.agent.place, f'"agent" {inside}')
        if draft.shared.tools is not None:
            add(draft.shared.tools.place, f'"tools" {inside}')
    else:
        for name in duplicates(name for name, _ in draft.branches):
            add(draft.place, f'Duplicate parallel branch name: "{name}"')


def _check_matrix(reading: Reading, found: _Matrix) -> None:
    found.shared.check()
    if found.axes is None:
        reading.problems.add(found.place, 'Missing required section "axes"')
    if found.stages is None:
        reading.problems.add(found.place, 'Missing required section "stages"')
    if found.axes is not None:
        found.axes.check()
    if found.excludes is not None:
        found.excludes.check()
    if found.stages is not None:
        found.stages.check(reading, is_within_parallel=True)


def _finished(draft: _Draft) -> Stage:
    shared = draft.shared
    is_plain = len(draft.branches) == 1 and draft.branches[0][0] == "default"
    parallel = draft.parallel.finished() if draft.parallel is not None else None
    if draft.branches and not is_plain:
        parallel = tuple(_branch(name, branch, draft.span) for name, branch in draft.branches)
    return Stage(
        name=draft.name,
        steps=draft.branches[0][1].value if is_plain else None,
        stages=draft.stages.finished() if draft.stages is not None else None,
        parallel=parallel,
        matrix=_finished_matrix(draft.matrix) if draft.matrix is not None else None,
        agent=shared.agent.value if shared.agent else None,
        environment=shared.environment.value if shared.environment else None,
        options=shared.options.value if shared.options else (),
        tools=shared.tools.value if shared.tools else (),
        when=shared.when.value if shared.when else None,
        input=shared.input.value if shared.input else None,
        post=shared.post.value if shared.post else None,
        fail_fast=draft.fail_fast,
        span=draft.span,
    )


def _branch(name: str, branch: Part[tuple[Step, ...]], span: Span) -> Stage:
    return Stage(name, branch.value, None, None, None, None, None, (), (), None, None, None, False, span)


def _finished_matrix(found: _Matrix) -> Matrix:
    shared = found.shared
    return Matrix(
        axes=found.axes.value if found.axes else (),
        excludes=found.excludes.value if found.excludes else (),
        stages=found.stages.finished() if found.stages else (),
        agent=shared.agent.value if shared.agent else None,
        environment=shared.environment.value if shared.environment else None,
        options=shared.options.value if shared.options else (),
        tools=shared.tools.value if shared.tools else (),
        when=shared.when.value if shared.when else None,
        input=shared.input.value if shared.input else None,
        post=shared.post.value if shared.post else None,
        span=found.span,
    )
