"""What a Jenkins controller answers, as far as the kit uses it; pydantic checks the shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chaos_lib.pipeline.protocol import BuildResult, StageStatus


class Answer(BaseModel):
    """Something that a controller answered; what we do not use of it is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Executable(Answer):
    """The build that an item of the queue became."""

    number: int


class QueueItem(Answer):
    """An item of the build queue."""

    why: str | None = None
    cancelled: bool = False
    executable: Executable | None = None


class Artifact(Answer):
    """A file that a build archived."""

    path: str = Field(alias="relativePath")


class BuildInfo(Answer):
    """A build; `result` is None while it runs."""

    building: bool
    result: BuildResult | None = None
    duration: int = 0
    artifacts: tuple[Artifact, ...] = ()


class StageAnswer(Answer):
    """A stage in the stage view."""

    id: str
    name: str
    status: StageStatus
    duration_ms: int = Field(alias="durationMillis", default=0)


class Stages(Answer):
    """The stages of a build."""

    status: StageStatus | str
    stages: tuple[StageAnswer, ...] = ()


class InputParameter(Answer):
    """What an `input` asks for beside yes or no."""

    name: str
    definition: Mapping[str, Any] = {}


class PendingInput(Answer):
    """An `input` that waits for somebody."""

    id: str
    message: str = ""
    proceed_text: str = Field(alias="proceedText", default="Proceed")
    inputs: tuple[InputParameter, ...] = ()


class CredentialAnswer(Answer):
    """One credential; never its value."""

    id: str


class CredentialsAnswer(Answer):
    """The credentials of the controller's own store."""

    credentials: tuple[CredentialAnswer, ...] = ()


class FlowNode(Answer):
    """A step of a stage."""

    id: str


class StageNodes(Answer):
    """The steps of a stage."""

    nodes: tuple[FlowNode, ...] = Field(alias="stageFlowNodes", default=())


class NodeLog(Answer):
    """What a step said."""

    text: str = ""


class TestReport(Answer):
    """The JUnit reports of a build."""

    __test__ = False

    failed: int = Field(alias="failCount", default=0)
    passed: int = Field(alias="passCount", default=0)
    skipped: int = Field(alias="skipCount", default=0)


@dataclass(frozen=True)
class LogPiece:
    """The next piece of a console.

    Attributes:
        text: What is new.
        next_start: Where to go on.
        has_more: Whether the build still writes.
    """

    text: str
    next_start: int
    has_more: bool
