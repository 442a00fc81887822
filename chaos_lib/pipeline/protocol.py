"""What a pipeline engine can do, whoever it is: a Jenkins controller or our own runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chaos_lib.credentials import Credential
from chaos_lib.settings import Tier

if TYPE_CHECKING:
    from chaos_lib.lab.facility import Usability


class BuildResult(str, Enum):
    """How a build ended, in Jenkins's words."""

    SUCCESS = "SUCCESS"
    UNSTABLE = "UNSTABLE"
    FAILURE = "FAILURE"
    NOT_BUILT = "NOT_BUILT"
    ABORTED = "ABORTED"

    def combine(self, other: BuildResult) -> BuildResult:
        """Return the worse of two results; the order is that of the members."""
        order = list(BuildResult)
        return max(self, other, key=order.index)

    def is_worse_than(self, other: BuildResult) -> bool:
        """Whether this result is worse than the other one."""
        return self is not other and self.combine(other) is self


class StageStatus(str, Enum):
    """How a stage is, in the words of Jenkins's stage view."""

    IN_PROGRESS = "IN_PROGRESS"
    PAUSED = "PAUSED_PENDING_INPUT"
    SUCCESS = "SUCCESS"
    UNSTABLE = "UNSTABLE"
    FAILED = "FAILED"
    ABORTED = "ABORTED"
    NOT_EXECUTED = "NOT_EXECUTED"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen in it."""
        return self not in (StageStatus.IN_PROGRESS, StageStatus.PAUSED)


@dataclass(frozen=True)
class StageRecord:
    """One stage of a build.

    Attributes:
        id: Unique in its build; with the runner the same in every build of the same file.
        name: As the Jenkinsfile has it.
        parent: The id of the stage around it; empty at the top.
        status: How it is or how it ended.
        seconds: Wall time so far; with its post actions.
        skipped: Why it was skipped, in Jenkins's words; empty if it was not.
    """

    id: str
    name: str
    parent: str
    status: StageStatus
    seconds: float
    skipped: str = ""


@dataclass(frozen=True)
class JUnitCounts:
    """What the JUnit reports of a build said."""

    total: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class BuildRecord:
    """A build that is over.

    Attributes:
        job: Its job.
        number: From 1.
        result: How it ended.
        seconds: Wall time.
        stages: In the order of the log: parallel branches one after the other.
        log: The whole console text, secrets masked.
        error: The error that broke it, as the log's last lines say it; empty without one.
        tests: What the JUnit reports said.
        artifacts: Names of what was archived, slashes between folders.
        folder: Where log, stages, reports and artefacts are; None when they are on a controller.
    """

    job: str
    number: int
    result: BuildResult
    seconds: float
    stages: tuple[StageRecord, ...]
    log: str = field(repr=False)
    error: str = ""
    tests: JUnitCounts = JUnitCounts()
    artifacts: tuple[str, ...] = ()
    folder: Path | None = None

    def stage(self, name: str) -> StageRecord | None:
        """Return the first stage of that name."""
        return next((stage for stage in self.stages if stage.name == name), None)


@dataclass(frozen=True)
class Validation:
    """What the linter says.

    Attributes:
        is_valid: Whether the file can be run.
        text: The whole answer, as Jenkins words it.
    """

    is_valid: bool
    text: str


@dataclass(frozen=True)
class InputQuestion:
    """What an `input` step asks.

    Attributes:
        message: The question.
        ok: The words on the button that goes on.
        parameters: Names of what is asked for beside yes or no, each with its default.
    """

    message: str
    ok: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class InputAnswer:
    """The answer to an `input` step.

    Attributes:
        proceeds: Whether to go on; the build is aborted otherwise.
        values: Of the parameters; their defaults where left out.
        submitter: Who answered.
    """

    proceeds: bool
    values: Mapping[str, str] = field(default_factory=dict)
    submitter: str = "anonymous"


def proceed(_: InputQuestion) -> InputAnswer:
    """Answer every `input` with yes and the defaults: for runs without a person."""
    return InputAnswer(True)


class BuildListener(Protocol):
    """Follows a build while it runs. Called from the build's own threads, one call at a time."""

    def text(self, text: str) -> None:
        """Take the next piece of the console, secrets masked; not always a whole line."""
        ...

    def stage(self, record: StageRecord) -> None:
        """Take a stage that began, changed or ended."""
        ...


class SilentListener:
    """Follows nothing."""

    def text(self, text: str) -> None:
        """Drop it."""

    def stage(self, record: StageRecord) -> None:
        """Drop it."""


@dataclass(frozen=True)
class BuildRequest:
    """What is to be built.

    Attributes:
        jenkinsfile: The text of the Jenkinsfile.
        workspace: Where the steps run: a checkout of the project. A controller checks out by itself and ignores it.
        job: Name of the job: builds of one job are numbered and compared with each other.
        parameters: Values for its `parameters`; their defaults where left out.
        environment: The variables around the build. A controller has its own and ignores them.
        cause: Why it runs, as `triggeredBy` compares it: `UserIdCause`, `TimerTrigger`, `SCMTrigger`...
        user: Who started it.
        ask: Answers `input` steps.
        labels: Labels of the agent beside its name, for `agent { label 'x' }`.
        label_timeout_s: How long to wait for an agent with a label that nobody has.
    """

    jenkinsfile: str = field(repr=False)
    workspace: Path
    job: str = "pipeline"
    parameters: Mapping[str, str | bool] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    cause: str = "UserIdCause"
    user: str = "anonymous"
    ask: Callable[[InputQuestion], InputAnswer] = proceed
    labels: Sequence[str] = ()
    label_timeout_s: float = 10.0


class RunningBuild(Protocol):
    """A build that was started."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def stages(self) -> tuple[StageRecord, ...]:
        """The stages that have begun so far."""
        ...

    def stage_log(self, stage_id: str) -> str:
        """Return what a stage has said so far, without the stages in it."""
        ...

    def abort(self, by: str = "") -> None:
        """Ask it to end: processes are ended with all their children, `post` still runs. May be called again."""
        ...

    def wait(self, timeout_s: float) -> BuildRecord:
        """Wait for its end.

        Raises:
            WaitTimeout: It is still running.
        """
        ...


class PipelineEngine(Protocol):
    """Runs Declarative Pipelines."""

    name: str
    tier: Tier

    def usability(self) -> Usability:
        """Say whether it can work here; changes nothing."""
        ...

    def validate(self, jenkinsfile: str) -> Validation:
        """Ask the linter; for a controller this is its own."""
        ...

    def start(self, request: BuildRequest, listener: BuildListener | None = None) -> RunningBuild:
        """Start a build.

        Raises:
            InvalidPipeline: The file or a parameter cannot be right.
            LabError: The engine cannot be reached, or says no.
        """
        ...

    def credential_ids(self) -> tuple[str, ...]:
        """Return the ids of the credentials that builds may use; never a value."""
        ...

    def put_credential(self, credential_id: str, credential: Credential | None) -> None:
        """Keep a credential, or remove it when it is None."""
        ...


def run(
    engine: PipelineEngine,
    request: BuildRequest,
    *,
    timeout_s: float,
    listener: BuildListener | None = None,
    is_stop_told: bool = False,
) -> BuildRecord:
    """Run a build to its end.

    On a timeout or Ctrl-C the build is aborted in good order (its `post` runs) and its record returned.

    Args:
        engine: Who runs it.
        request: What is to be built.
        timeout_s: Longest run in seconds.
        listener: Follows the build.
        is_stop_told: Whether Ctrl-C is raised again after the abort: for a caller to whom half a build says nothing.
    """
    from chaos_lib.errors import WaitTimeout

    build = engine.start(request, listener)
    try:
        return build.wait(timeout_s)
    except KeyboardInterrupt:
        build.abort(request.user)
        if is_stop_told:
            build.wait(_ABORT_S)
            raise
    except WaitTimeout:
        build.abort("the time limit")
    return build.wait(_ABORT_S)


_ABORT_S = 120.0
