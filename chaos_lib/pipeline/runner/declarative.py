"""Runs a Declarative Pipeline: which stage runs, which is skipped, and what comes after it.

The order of things is Jenkins's own, because people learn from it. Around the stages: agent, credentials, variables,
options. A stage: `when` is asked, the agent taken, `when` is asked again, then variables and steps. After the first
error every later stage still opens and says that it is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from chaos_lib.pipeline.groovy.nodes import Expression
from chaos_lib.pipeline.model import POST_ORDER, Agent, Input, Pipeline, Post, Stage, Step
from chaos_lib.pipeline.protocol import BuildResult
from chaos_lib.pipeline.runner import agents, conditions, matrix, stages, surroundings
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown, abort, not_supported
from chaos_lib.pipeline.runner.groovy.expressions import evaluate
from chaos_lib.pipeline.runner.groovy.values import text
from chaos_lib.pipeline.runner.matrix import Branch
from chaos_lib.pipeline.runner.state import FAILED_AND_CONTINUED, StageEntry
from chaos_lib.pipeline.runner.steps import inputs, parallel

NO_NODE = (
    "Attempted to execute a step that requires a node context while ‘agent none’ was specified. Be sure to specify your "
    "own ‘node { ... }’ blocks when using ‘agent none’."
)
_NO_CONTEXT = "org.jenkinsci.plugins.workflow.steps.MissingContextVariableException"


@dataclass(frozen=True)
class Skip:
    """Why a stage is skipped.

    Attributes:
        stage: Whose fault it is: for the children of a stage in sequence, that stage's.
        reason: What follows its name.
        tag: The mark that Jenkins sets.
    """

    stage: str
    reason: str
    tag: str

    @property
    def text(self) -> str:
        """The line in the log."""
        return f'Stage "{self.stage}" skipped due to {self.reason}'


def _refuse_what_needs_a_controller(pipeline: Pipeline) -> None:
    for library in pipeline.libraries:
        raise not_supported("`libraries`", library)
    for tool in pipeline.tools:
        raise not_supported("`tools`", tool.value)


def _by_failure(stage: Stage) -> Skip:
    return Skip(stage.name, "earlier failure(s)", "SKIPPED_FOR_FAILURE")


def _by_unstable(stage: Stage) -> Skip:
    return Skip(stage.name, "earlier stage(s) marking the build as unstable", "SKIPPED_FOR_UNSTABLE")


def _by_when(stage: Stage) -> Skip:
    return Skip(stage.name, "when conditional", "SKIPPED_FOR_CONDITIONAL")


class Declarative:
    """One run of a pipeline.

    Args:
        pipeline: A valid one.
        thread: The main thread of the build.
    """

    def __init__(self, pipeline: Pipeline, thread: BuildThread) -> None:
        self._pipeline = pipeline
        self._build = thread.build

    def run(self, thread: BuildThread) -> None:
        """Run everything.

        Raises:
            Thrown: The first thing that went wrong.
        """
        pipeline, error, is_post_done = self._pipeline, None, False

        def inner() -> None:
            nonlocal error, is_post_done
            error = self._in_sequence(thread, pipeline.stages, None, None, None)
            is_post_done = True
            error = self._pipeline_post(thread, error)
            if error is not None:
                raise error

        try:
            _refuse_what_needs_a_controller(pipeline)
            with (
                agents.in_agent(thread, pipeline.agent),
                surroundings.environment(thread, pipeline.environment),
            ):
                surroundings.in_wrappers(thread, pipeline.options, inner)
        except Thrown as thrown:
            error = error or thrown
        if not is_post_done:
            error = self._pipeline_post(thread, error)
        if error is not None:
            raise error

    def _in_sequence(
        self,
        thread: BuildThread,
        inner: Sequence[Stage],
        error: Thrown | None,
        parent: Stage | None,
        skip: Skip | None,
    ) -> Thrown | None:
        """Run stages one after the other, and the `post` of the stage around them; returns the first error."""
        try:
            for stage in inner:
                try:
                    self._stage(thread, stage.agent or self._pipeline.agent, stage, error, skip)
                except Thrown as thrown:
                    thread.tag(stage.name, FAILED_AND_CONTINUED)
                    error = error or thrown
        finally:
            if skip is None and parent is not None:
                error = self._stage_post(thread, parent, parent.agent or self._pipeline.agent, error)
        return error

    def _stage(
        self,
        thread: BuildThread,
        around: Agent | None,
        stage: Stage,
        error: Thrown | None,
        skip: Skip | None,
        cell: matrix.Cell | None = None,
    ) -> None:
        """Run or skip one stage.

        Args:
            thread: Where.
            around: The agent of what is around it.
            stage: Which.
            error: What went wrong before.
            skip: Why what is around it is skipped.
            cell: The axes' values in a matrix.
        """
        with stages.opened(thread, stage.name) as entry:
            try:
                if skip is None:
                    skip = self._reason_to_skip(stage, error)
                if skip is not None:
                    self._skip(thread, around, stage, entry, error, skip)
                else:
                    with surroundings.with_env(thread, cell or {}):
                        when = conditions.WhenEvaluation(stage.when, thread)
                        self._wrapped(thread, around, stage, when)
                        if not when.passed:
                            skip = _by_when(stage)
                            self._skip(thread, around, stage, entry, error, skip)
            except Thrown as thrown:
                thread.tag(stage.name, FAILED_AND_CONTINUED)
                error = error or thrown
            finally:
                if skip is None and matrix.branches(stage) is not None:
                    error = self._stage_post(thread, stage, stage.agent or around, error)
            if error is not None:
                raise error

    def _reason_to_skip(self, stage: Stage, error: Thrown | None) -> Skip | None:
        if error is not None:
            return _by_failure(stage)
        is_unstable = self._build.result is BuildResult.UNSTABLE
        if is_unstable and self._has_option("skipStagesAfterUnstable"):
            return _by_unstable(stage)
        return None

    def _has_option(self, name: str) -> bool:
        return any(option.name == name for option in self._pipeline.options)

    def _wrapped(
        self, thread: BuildThread, around: Agent | None, stage: Stage, when: conditions.WhenEvaluation
    ) -> None:
        """Run what is in a stage, within its options, its input, its agent and its variables."""
        if not when.allows(before="options"):
            return

        def inner() -> None:
            if not when.allows(before="input"):
                return
            with ExitStack() as stack:
                if stage.input is not None:
                    stack.enter_context(surroundings.with_env(thread, self._ask(thread, stage.input)))
                self._in_agent(thread, around, stage, when)

        surroundings.in_wrappers(thread, stage.options, inner)

    def _in_agent(
        self, thread: BuildThread, around: Agent | None, stage: Stage, when: conditions.WhenEvaluation
    ) -> None:
        side_by_side = matrix.branches(stage)
        if side_by_side is not None:
            if when.allows():
                with surroundings.environment(thread, stage.environment):
                    self._side_by_side(thread, stage.agent or around, stage, side_by_side, None, None)
            return
        if not when.allows(before="agent"):
            return
        with agents.in_agent(thread, stage.agent):
            if not when.allows():
                return
            if stage.tools:
                raise not_supported("`tools`", stage.tools[0].value)
            with surroundings.environment(thread, stage.environment):
                if stage.stages is not None:
                    error = self._in_sequence(thread, stage.stages, None, stage, None)
                else:
                    error = self._steps(thread, stage, stage.agent or around)
                if error is not None:
                    raise error

    def _steps(self, thread: BuildThread, stage: Stage, agent: Agent | None) -> Thrown | None:
        """Run a plain stage's steps and its `post`; returns the first error."""
        error: Thrown | None = None
        try:
            self._run_steps(thread, stage.steps or (), agent)
        except Thrown as thrown:
            thread.tag(stage.name, FAILED_AND_CONTINUED)
            error = thrown
        return self._stage_post(thread, stage, agent, error)

    def _run_steps(self, thread: BuildThread, steps: Sequence[Step], agent: Agent | None) -> None:
        frame = surroundings.frame_of(thread)
        try:
            for step in steps:
                evaluate(step.call, frame)
        except Thrown as thrown:
            if thrown.kind == _NO_CONTEXT and (agent is None or agent.kind == "none"):
                thread.enter("error")
                raise abort(NO_NODE, thrown.node) from thrown
            raise

    def _side_by_side(
        self,
        thread: BuildThread,
        agent: Agent | None,
        stage: Stage,
        inner: Sequence[Branch],
        error: Thrown | None,
        skip: Skip | None,
    ) -> None:
        def branch(each: Branch) -> parallel.Branch:
            own_skip = None if skip is None else replace(skip, stage=each.stage.name)
            return lambda own: self._stage(own, agent, each.stage, error, own_skip, each.cell)

        thread.enter("parallel")
        parallel.run(
            thread,
            {each.stage.name: branch(each) for each in inner},
            is_failing_fast=stage.fail_fast or self._has_option("parallelsAlwaysFailFast"),
        )

    def _skip(
        self,
        thread: BuildThread,
        around: Agent | None,
        stage: Stage,
        entry: StageEntry,
        error: Thrown | None,
        skip: Skip,
    ) -> None:
        """Say that a stage is skipped, and open the stages in it to say the same."""
        thread.console.line(skip.text)
        thread.tag(stage.name, skip.tag)
        entry.skipped = self._build.masker.mask(skip.text)
        side_by_side = matrix.branches(stage)
        if side_by_side is not None:
            self._side_by_side(thread, around, stage, side_by_side, error, skip)
        elif stage.stages is not None:
            self._in_sequence(thread, stage.stages, error, stage, skip)

    def _ask(self, thread: BuildThread, asked: Input) -> dict[str, str]:
        """Ask a stage's `input`; returns the variables that the answer sets."""
        frame = surroundings.frame_of(thread)

        def value(expression: Expression | None, default: str) -> str:
            return default if expression is None else text(evaluate(expression, frame))

        parameters: dict[str, str] = {}
        for directive in asked.parameters:
            name = directive.arguments.get("name", position=0)
            default = directive.arguments.get("defaultValue") or directive.arguments.get("choices")
            given = "" if default is None else evaluate(default, frame)
            if isinstance(given, list):
                given = given[0] if given else ""
            parameters[value(name, "")] = text(given)
        thread.enter("input")
        answer = inputs.ask(thread, value(asked.message, ""), value(asked.ok, "Proceed"), parameters)
        values = {**parameters, **answer.values}
        submitter = value(asked.submitter_parameter, "")
        if submitter:
            values[submitter] = answer.submitter
        return values

    # What comes after

    def _stage_post(
        self, thread: BuildThread, stage: Stage, agent: Agent | None, error: Thrown | None
    ) -> Thrown | None:
        if not self._has_post(stage.post, error):
            return error
        thread.console.line("Post stage")
        assert stage.post is not None
        return self._run_post(thread, stage.post, agent, error, stage.name)

    def _pipeline_post(self, thread: BuildThread, error: Thrown | None) -> Thrown | None:
        post = self._pipeline.post
        if not self._has_post(post, error):
            return error
        assert post is not None
        with stages.opened(thread, stages.POST_ACTIONS):
            return self._run_post(thread, post, self._pipeline.agent, error, "")

    def _has_post(self, post: Post | None, error: Thrown | None) -> bool:
        """Whether any block would run; a stage's warnings do not count here, in Jenkins neither."""
        return post is not None and any(
            conditions.post_runs(block.condition, self._build, error, None) for block in post.blocks
        )

    def _run_post(
        self, thread: BuildThread, post: Post, agent: Agent | None, error: Thrown | None, stage: str
    ) -> Thrown | None:
        """Run the blocks whose condition holds, in Jenkins's order; returns the first error."""
        build = self._build
        blocks = {block.condition: block for block in post.blocks}
        for name in POST_ORDER:
            block = blocks.get(name)
            if block is None:
                continue
            entry = thread.context.stage if stage else None
            before, now = build.result, conditions.combined(build, error, entry)
            try:
                if conditions.post_runs(name, build, error, entry):
                    build.result = now
                    self._run_steps(thread, block.steps, agent)
            except Thrown as thrown:
                if stage:
                    thread.tag(stage, FAILED_AND_CONTINUED)
                thread.console.line(f"Error when executing {name} post condition:")
                thread.console.line(str(thrown))
                error = error or thrown
            finally:
                # While the block ran, `currentBuild.result` told it how things stand; unless it made them worse
                # it is as before.
                if build.current_result is now and now is not before:
                    build.result = before
        return error
