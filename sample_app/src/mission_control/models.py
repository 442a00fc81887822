"""The words of the service: what a mission and an agent are, inside and on the wire."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from mission_control.codenames import normalise_codename


class Status(str, Enum):
    """A mission is planned, then active, then done; it never goes back."""

    PLANNED = "planned"
    ACTIVE = "active"
    DONE = "done"

    def can_become(self, other: Status) -> bool:
        """Whether a mission in this state may go to the other one."""
        return (self, other) in {(Status.PLANNED, Status.ACTIVE), (Status.ACTIVE, Status.DONE)}


def _printable(text: str) -> str:
    if not text.isprintable():  # Postgres refuses some of these, people cannot see the others
        raise ValueError("A name holds printable characters only.")
    return text


Codename = Annotated[str, AfterValidator(normalise_codename)]
AgentName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(_printable),
]


class Agent(BaseModel):
    """An agent on a mission."""

    id: int
    name: str


class Mission(BaseModel):
    """A mission as it is stored."""

    id: int
    codename: str
    status: Status
    created_at: datetime
    agents: list[Agent] = []


class MissionReport(Mission):
    """A mission as it is answered: what is stored, and what follows from the time of the answer."""

    deadline: datetime = Field(description="Three days after the start, never at a weekend.")
    is_overdue: bool = Field(description="The deadline has passed and the mission is not done.")


class NewMission(BaseModel):
    """What it takes to plan a mission."""

    model_config = ConfigDict(extra="forbid")

    codename: Codename | None = Field(
        default=None, description="Left out, one is made up.", examples=["silent-falcon-07"]
    )


class MissionChange(BaseModel):
    """What can be changed about a mission."""

    model_config = ConfigDict(extra="forbid")

    status: Status


class NewAgent(BaseModel):
    """What it takes to send an agent on a mission."""

    model_config = ConfigDict(extra="forbid")

    name: AgentName = Field(examples=["Ada"])


class Counters(BaseModel):
    """Numbers for the status page."""

    launched: int
    page_views: int


class Problem(BaseModel):
    """Why a request was not fulfilled."""

    detail: str
