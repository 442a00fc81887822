"""What surrounds a step: variables, folder, agent, stage; and the thread that runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.runner.console import Console
from chaos_lib.pipeline.runner.failures import Thrown, missing_property
from chaos_lib.pipeline.runner.groovy.values import Value
from chaos_lib.pipeline.runner.interrupts import Attention, Interruption
from chaos_lib.pipeline.runner.state import BuildState, StageEntry

FILE_PATH = "hudson.FilePath"


@dataclass(frozen=True)
class Context:
    """What surrounds a step.

    Attributes:
        overrides: Variables of `environment`, `withEnv` and `withCredentials`.
        folder: Where steps work; None without an agent.
        interruption: The part of the build that it belongs to.
        stage: The stage around it.
    """

    interruption: Interruption
    overrides: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    stage: StageEntry | None = None


class BuildThread:
    """One thread of a build: the main one, or that of a parallel branch.

    Attributes:
        build: What all threads share.
        context: What surrounds the step that runs now.
        console: What it writes to.
        depth: How many closures call each other.
        tags: Marks on stages, each with the stage's name, as Jenkins sets them.
    """

    def __init__(
        self, build: BuildState, context: Context, console: Console, attention: Attention | None = None
    ) -> None:
        self.build = build
        self.context = context
        self.console = console
        self.attention = attention or Attention()
        self.depth = 0
        self.tags: list[tuple[str, str]] = []
        self._order: tuple[int, ...] = ()
        self._count = 0

    # What Groovy asks for

    def checkpoint(self) -> None:
        """Give way to an abort or a timeout."""
        self.attention.check(self.context.interruption)

    def variable(self, name: str, node: Node) -> Value:
        """Return what a bare name means that no block defines."""
        # Imported here: the objects ask the thread, and the thread offers the objects.
        from chaos_lib.pipeline.runner import objects

        if name in self.build.variables:
            return self.build.variables[name]
        found = objects.find(name, self)
        if found is not None:
            return found
        value = self.environment_value(name)
        if value is not None:
            return value
        raise missing_property(name, node)

    def assign(self, name: str, value: Value) -> None:
        """Set a variable of the script."""
        self.build.variables[name] = value

    def invoke(self, name: str, positional: list[Value], named: dict[str, Value], node: Node) -> Value:
        """Call a step or a method of the file."""
        from chaos_lib.pipeline.runner.steps import registry  # the same cycle

        method = self.build.methods.get(name)
        if method is not None:
            return method.call(self, *([named] if named else []), *positional)
        variable = self.build.variables.get(name)
        if hasattr(variable, "call"):
            return variable.call(self, *positional)  # type: ignore[union-attr]
        return registry.invoke(self, name, positional, named, node)

    # What steps ask for

    def next_order(self) -> tuple[int, ...]:
        """Return the place of the next stage, or of the next `parallel`, in the log."""
        self._count += 1
        return (*self._order, self._count)

    def tag(self, stage: str, tag: str) -> None:
        """Put a mark on a stage."""
        self.tags.append((self.build.masker.mask(stage), tag))

    @contextmanager
    def within(self, **changes: Any) -> Iterator[None]:
        """Change the context for a block."""
        before, log = self.context, self.console.stage_log
        self.context = replace(before, **changes)
        if "stage" in changes:
            self.console.stage_log = changes["stage"].log.append
        try:
            yield
        finally:
            self.context, self.console.stage_log = before, log

    def enter(self, marker: str) -> None:
        """Write one of Jenkins's own lines."""
        self.console.line(f"[Pipeline] {marker}")

    @contextmanager
    def block(self, step: str) -> Iterator[None]:
        """Write the lines around a step's block: `{`, `}` and `// step`."""
        self.enter("{")
        try:
            yield
        finally:
            self.enter("}")
            self.enter(f"// {step}")

    def folder(self) -> Path:
        """Return where steps work.

        Raises:
            Thrown: There is no agent.
        """
        if self.context.folder is None:
            raise Thrown(
                "org.jenkinsci.plugins.workflow.steps.MissingContextVariableException",
                f"Required context class {FILE_PATH} is missing\nPerhaps you forgot to surround the step with a step "
                "that provides this, such as: node",
            )
        return self.context.folder

    def environment(self) -> dict[str, str]:
        """Return all variables as a process of a step sees them."""
        known = {**self.build.request.environment, **self._own(), **self.build.environment}
        for name, value in self.context.overrides.items():
            if name.startswith("PATH+"):
                known["PATH"] = f"{value}:{known.get('PATH', '')}"
            else:
                known[name] = value
        return known

    def environment_value(self, name: str) -> str | None:
        """Return one variable, None when it is not set."""
        return self.environment().get(name)

    def _own(self) -> dict[str, str]:
        """Return the variables that Jenkins sets for every build."""
        request, number = self.build.request, self.build.number
        own = {
            "CI": "true",
            "JOB_NAME": request.job,
            "JOB_BASE_NAME": request.job.rpartition("/")[2],
            "BUILD_NUMBER": str(number),
            "BUILD_ID": str(number),
            "BUILD_DISPLAY_NAME": f"#{number}",
            "BUILD_TAG": f"jenkins-{request.job.replace('/', '-')}-{number}",
        }
        own |= {
            name: ("true" if value else "false") if isinstance(value, bool) else str(value)
            for name, value in self.build.parameters.items()
        }
        if self.context.folder is not None:
            own |= {
                "NODE_NAME": "built-in",
                "NODE_LABELS": " ".join(("built-in", *request.labels)),
                "EXECUTOR_NUMBER": "0",
                "WORKSPACE": str(request.workspace),
                "WORKSPACE_TMP": str(self.build.folder / "tmp"),
            }
        if self.context.stage is not None:
            own["STAGE_NAME"] = self.context.stage.name
        return own

    def spawn(self, console: Console, order: tuple[int, ...], **changes: Any) -> BuildThread:
        """Return a thread for a parallel branch that starts in this one's surroundings."""
        thread = BuildThread(
            self.build, replace(self.context, **changes), console, Attention(self.attention.taken)
        )
        thread._order = order
        console.stage_log = self.console.stage_log
        return thread


Body = Callable[[], Value]
