"""The `pipeline { }` block."""

from __future__ import annotations

from collections.abc import Iterator

from chaos_lib.pipeline.declarative import agent, directives, environment, post
from chaos_lib.pipeline.declarative.matching import Reading, block_in, call_in, place
from chaos_lib.pipeline.declarative.part import Part
from chaos_lib.pipeline.declarative.stages import Stages, read_stages
from chaos_lib.pipeline.groovy.expressions import Closure
from chaos_lib.pipeline.groovy.nodes import Expression, Span, Statement
from chaos_lib.pipeline.groovy.statements import ExpressionStatement, MethodDefinition, Script
from chaos_lib.pipeline.model import Agent, Directive, Environment, Pipeline, Post, Tool

_RENAMED = {
    "properties": "The \u2018properties\u2019 section has been renamed as of version 0.8. Use \u2018options\u2019 "
    "instead.",
    "wrappers": "The 'wrappers' section has been removed as of version 0.8. Use 'options' instead.",
    "jobProperties": "The \u2018jobProperties\u2019 section has been renamed as of version 0.7. Use "
    "\u2018properties\u2019 instead.",
    "notifications": "The \u2018notifications\u2019 section has been removed as of version 0.6. Use \u2018post\u2019 "
    "for all post-build actions.",
    "postBuild": "The \u2018postBuild\u2019 section has been renamed as of version 0.6. Use \u2018post\u2019 for all "
    "post-build actions.",
}


def find(script: Script) -> Statement | None:
    """Return the statement that is the pipeline: at the top of the file, or in its method `call`."""
    for statement in script.statements:
        if _is_pipeline(statement):
            return statement
    for statement in script.statements:
        if isinstance(statement, MethodDefinition) and statement.name == "call":
            for inner in _statements_within(statement.body):
                if _is_pipeline(inner):
                    return inner
    return None


def _is_pipeline(statement: Statement) -> bool:
    block = block_in(statement)
    return block is not None and block.name == "pipeline" and len(block.arguments) == 1


def _statements_within(body: tuple[Statement, ...]) -> Iterator[Statement]:
    for statement in body:
        yield statement
        if isinstance(statement, ExpressionStatement):
            block = block_in(statement)
            if block is not None and block.name != "pipeline":
                yield from _statements_within(block.closure.body)


def check_nested(reading: Reading, statements: tuple[Statement, ...]) -> None:
    """Note every `pipeline` block that stands within another block."""
    for statement in statements:
        block = block_in(statement)
        if block is None:
            continue
        if block.name == "pipeline":
            message = "pipeline block must be at the top-level, not within another block."
            reading.problems.add(place(statement), message)
        check_nested(reading, block.closure.body)


class PipelineReader:
    """Reads the block; then `check` says what the second look has to say, and `finished` returns the model.

    Args:
        reading: The file.
        statement: The `pipeline { }` statement, as `find` returned it.
    """

    def __init__(self, reading: Reading, statement: Statement) -> None:
        self._reading = reading
        self._place = place(statement)
        self._span: Span = statement.span
        self._stages: Stages | None = None
        self._post: Part[Post] | None = None
        self._environment: Part[Environment] | None = None
        self._agent: Part[Agent | None] | None = None
        self._tools: Part[tuple[Tool, ...]] | None = None
        self._options: Part[tuple[Directive, ...]] | None = None
        self._parameters: Part[tuple[Directive, ...]] | None = None
        self._triggers: Part[tuple[Directive, ...]] | None = None
        self._libraries: Part[tuple[Expression, ...]] | None = None
        block = block_in(statement)
        self._body: Closure | None = block.closure if block is not None else None

    def read(self) -> None:
        """Take the first look."""
        reading = self._reading
        seen: set[str] = set()
        for line in self._body.body if self._body is not None else ():
            at = place(line)
            call = call_in(line)
            if call is None:
                source = reading.plain_text(line)
                message = f'Not a valid section definition: "{source}". Some extra configuration is required.'
                reading.problems.add(at, message)
                continue
            name = reading.name(call)
            if name in seen:
                reading.problems.add(at, f"Multiple occurrences of the {name} section")
            seen.add(name)
            if name in _RENAMED:
                reading.problems.add(at, _RENAMED[name])
            elif not self._read_section(name, line):
                reading.problems.add(at, f'Undefined section "{name}"')

    def _read_section(self, name: str, line: Statement) -> bool:
        reading = self._reading
        if name == "stages":
            self._stages = read_stages(reading, line)
        elif name == "environment":
            self._environment = environment.read(reading, line)
        elif name == "post":
            self._post = post.read(reading, line)
        elif name == "agent":
            self._agent = agent.read(reading, line)
        elif name == "tools":
            self._tools = directives.read_tools(reading, line)
        elif name == "options":
            self._options = directives.read(reading, line, directives.OPTIONS)
        elif name == "parameters":
            self._parameters = directives.read(reading, line, directives.PARAMETERS)
        elif name == "triggers":
            self._triggers = directives.read(reading, line, directives.TRIGGERS)
        elif name == "libraries":
            self._libraries = directives.read_libraries(reading, line)
        else:
            return False
        return True

    def check(self) -> None:
        """Take the second look."""
        problems = self._reading.problems
        if self._stages is None:
            problems.add(self._place, 'Missing required section "stages"')
        if self._agent is None:
            problems.add(self._place, 'Missing required section "agent"')
        if self._stages is not None:
            self._stages.check(self._reading, is_within_parallel=False)
        for part in (
            self._post,
            self._environment,
            self._agent,
            self._tools,
            self._options,
            self._parameters,
            self._triggers,
            self._libraries,
        ):
            if part is not None:
                part.check()

    def finished(self) -> Pipeline:
        """Return the model."""
        return Pipeline(
            agent=self._agent.value if self._agent else None,
            stages=self._stages.finished() if self._stages else (),
            environment=self._environment.value if self._environment else None,
            options=self._options.value if self._options else (),
            parameters=self._parameters.value if self._parameters else (),
            triggers=self._triggers.value if self._triggers else (),
            tools=self._tools.value if self._tools else (),
            libraries=self._libraries.value if self._libraries else (),
            post=self._post.value if self._post else None,
            span=self._span,
        )
