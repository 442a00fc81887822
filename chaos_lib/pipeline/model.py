"""A Declarative Pipeline as data: what a Jenkinsfile says, with the place of each thing.

The parser builds it, the linter and the rules read it, the runner runs it. Values stay Groovy expressions
(`chaos_lib.pipeline.groovy`), because what they come to is known only when the build runs.

A file with errors still has a model where there is something to model: parts that could not be read are left out,
and `ParsedPipeline.problems` says so. Run it only if there are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos_lib.pipeline.groovy.expressions import Call, Closure, Literal, NamedArgument
from chaos_lib.pipeline.groovy.nodes import Expression, Span, Statement
from chaos_lib.pipeline.groovy.statements import Script


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing Jenkins would say of the file.

    Attributes:
        message: In Jenkins's words.
        line, column: Where, both from 1.
        is_syntax: A Groovy syntax error: it stands alone.
    """

    message: str
    line: int
    column: int
    is_syntax: bool = False


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands behind the name of a step, an option, a parameter, a trigger or a condition.

    Attributes:
        positional: In order; a closure behind it is not among them.
        named: `name: value` in order.
    """

    positional: tuple[Expression, ...] = ()
    named: tuple[NamedArgument, ...] = ()

    def get(self, name: str, *, position: int | None = None) -> Expression | None:
        """Return the argument called `name`, or the one at `position` (0 is the first), or None."""
        for argument in self.named:
            if argument.name == name:
                return argument.value
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    def text(self, name: str, *, position: int | None = None) -> str | None:
        """Return the same if it is a plain text (no `${}` in it), else None."""
        value = self.get(name, position=position)
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `sh 'make'`, `retry(3) { ... }`, `script { ... }`.

    Attributes:
        name: Of the step; for a call on something (`docker.build('x')`) the target's text is part of it.
        arguments: What it is given.
        block: The steps in its braces, for a step that has any; None otherwise.
        script: The Groovy statements in the braces of `script { }`; None for every other step.
        call: The whole call as a Groovy expression.
        source: Its text as it stands in the file.
    """

    name: str
    arguments: Arguments
    block: tuple[Step, ...] | None
    script: tuple[Statement, ...] | None
    call: Call = field(repr=False)
    source: str = field(repr=False)
    span: Span = field(repr=False)

    def walk(self) -> Iterator[Step]:
        """Yield this step and all steps in its braces, in the order of the file (not those within `script`)."""
        yield self
        for step in self.block or ():
            yield from step.walk()


@dataclass(frozen=True, slots=True)
class Directive:
    """One entry of `options`, `parameters`, `triggers` or `libraries`: `timeout(time: 1, unit: 'HOURS')`.

    Attributes:
        name: Of the option, parameter type or trigger.
        arguments: Nested describables (`buildDiscarder(logRotator(...))`) are a `Call` among them.
    """

    name: str
    arguments: Arguments
    span: Span


@dataclass(frozen=True, slots=True)
class EnvironmentEntry:
    """`NAME = value`.

    Attributes:
        value: A `Literal`, a `GString`, a `Binary` of `+`, or a `Call` such as `credentials('id')`.
    """

    name: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Environment:
    """`environment { }`."""

    entries: tuple[EnvironmentEntry, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Tool:
    """`maven 'M3'` in `tools { }`."""

    kind: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class AgentOption:
    """`label 'x'` within `agent { docker { } }`.

    Attributes:
        value: The expression behind the name, or the entries of a nested block.
    """

    name: str
    value: Expression | tuple[AgentOption, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Agent:
    """`agent any`, `agent none`, `agent { label 'x' }`, `agent { docker { image 'x' } }`.

    Attributes:
        kind: `any`, `none`, `label`, `node`, `docker`, `dockerfile`, `kubernetes`...
        value: What stands right behind the kind (`label 'x'`, `docker 'image'`); None otherwise.
        options: The entries in its braces (`docker { image 'x'; args '-v' }`); empty without braces.
    """

    kind: str
    value: Expression | None
    options: tuple[AgentOption, ...]
    span: Span

    def option(self, name: str) -> Expression | None:
        """Return the value of the entry called `name`, if it has one that is an expression."""
        for entry in self.options:
            if entry.name == name and not isinstance(entry.value, tuple):
                return entry.value
        return None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of `when`.

    Attributes:
        name: `branch`, `environment`, `expression`, `not`, `allOf`, `anyOf`...
        arguments: `branch 'main'`, `environment name: 'A', value: 'b'`.
        children: The nested conditions of `not`, `allOf` and `anyOf`.
        expression: The statements of `expression { }`; its value is that of the last one, as in Groovy.
    """

    name: str
    arguments: Arguments
    children: tuple[Condition, ...]
    expression: tuple[Statement, ...] | None
    span: Span
    closure: Closure | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class When:
    """`when { }`: all its conditions must hold."""

    conditions: tuple[Condition, ...]
    before_agent: bool
    before_input: bool
    before_options: bool
    span: Span


@dataclass(frozen=True, slots=True)
class PostBlock:
    """`always { steps }` within `post`."""

    condition: str
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Post:
    """`post { }`, the blocks in the order of the file. They run in Jenkins's order, `POST_ORDER`."""

    blocks: tuple[PostBlock, ...]
    span: Span


POST_ORDER = (
    "always",
    "changed",
    "fixed",
    "regression",
    "aborted",
    "success",
    "unsuccessful",
    "unstable",
    "failure",
    "notBuilt",
    "cleanup",
)
"""The conditions of `post` in the order in which Jenkins runs them."""


@dataclass(frozen=True, slots=True)
class Input:
    """`input { }` of a stage.

    Attributes:
        parameters: What is asked for beside yes or no.
    """

    message: Expression | None
    id: Expression | None
    ok: Expression | None
    submitter: Expression | None
    submitter_parameter: Expression | None
    parameters: tuple[Directive, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Axis:
    """`axis { name 'X'; values 'a', 'b' }`.

    Attributes:
        is_inverted: `notValues` of an exclude: every value but these.
    """

    name: str
    values: tuple[str, ...]
    is_inverted: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Exclude:
    """`exclude { axis { } ... }`: a cell is left out if all these match."""

    axes: tuple[Axis, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Matrix:
    """`matrix { axes { } excludes { } stages { } }`; its directives hold for every cell."""

    axes: tuple[Axis, ...]
    excludes: tuple[Exclude, ...]
    stages: tuple[Stage, ...]
    agent: Agent | None
    environment: Environment | None
    options: tuple[Directive, ...]
    tools: tuple[Tool, ...]
    when: When | None
    input: Input | None
    post: Post | None
    span: Span


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. Exactly one of `steps`, `stages`, `parallel` and `matrix` is given in a valid file.

    Attributes:
        steps: The steps of a plain stage.
        stages: Nested stages, one after the other.
        parallel: Nested stages, at the same time.
        fail_fast: `failFast true`: the first branch that fails stops the others.
    """

    name: str
    steps: tuple[Step, ...] | None
    stages: tuple[Stage, ...] | None
    parallel: tuple[Stage, ...] | None
    matrix: Matrix | None
    agent: Agent | None
    environment: Environment | None
    options: tuple[Directive, ...]
    tools: tuple[Tool, ...]
    when: When | None
    input: Input | None
    post: Post | None
    fail_fast: bool
    span: Span

    def walk(self) -> Iterator[Stage]:
        """Yield this stage and all stages within it, in the order of the file."""
        yield self
        inner = (self.stages or ()) + (self.parallel or ()) + (self.matrix.stages if self.matrix else ())
        for stage in inner:
            yield from stage.walk()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The `pipeline { }` block."""

    agent: Agent | None
    stages: tuple[Stage, ...]
    environment: Environment | None
    options: tuple[Directive, ...]
    parameters: tuple[Directive, ...]
    triggers: tuple[Directive, ...]
    tools: tuple[Tool, ...]
    libraries: tuple[Expression, ...]
    post: Post | None
    span: Span

    def walk(self) -> Iterator[Stage]:
        """Yield every stage, nested ones included, in the order of the file."""
        for stage in self.stages:
            yield from stage.walk()


@dataclass(frozen=True, slots=True)
class ParsedPipeline:
    """A Jenkinsfile, read.

    Attributes:
        source: The text.
        script: The whole file as Groovy; None after a syntax error. Methods and variables that stand beside the
            `pipeline` block are found here.
        pipeline: None after a syntax error or without a `pipeline` block.
        problems: What Jenkins's linter says, in its order; empty for a valid file.
    """

    source: str = field(repr=False)
    script: Script | None = field(repr=False)
    pipeline: Pipeline | None
    problems: tuple[Problem, ...]

    @property
    def is_valid(self) -> bool:
        """Whether Jenkins would accept it: it has a `pipeline` block and no problem."""
        return self.pipeline is not None and not self.problems
