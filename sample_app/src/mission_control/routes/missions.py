"""Missions and their agents."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response, status

from mission_control.cache import CacheResult
from mission_control.codenames import make_codename
from mission_control.dependencies import Cache, NewSeed, Now, Store
from mission_control.errors import Conflict
from mission_control.missions import MissionStore
from mission_control.models import (
    Agent,
    Mission,
    MissionChange,
    MissionReport,
    NewAgent,
    NewMission,
    Problem,
    Status,
)
from mission_control.schedule import deadline_of, is_overdue

Responses = dict[int | str, dict[str, Any]]

LARGEST_ID = 2**63 - 1  # of a Postgres bigint

ATTEMPTS = 5  # to find a free codename among 57,600

router = APIRouter(prefix="/missions", tags=["missions"])

MissionId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Number of the mission.")]
NOT_FOUND: Responses = {404: {"model": Problem, "description": "There is no such mission."}}
CONFLICT: Responses = {409: {"model": Problem, "description": "The current state does not allow it."}}


@router.get("", summary="List the missions, newest first")
def list_missions(store: Store, cache: Cache, now: Now, response: Response) -> list[MissionReport]:
    """At most 100 missions. The header `X-Cache` says where they came from: `hit`, `miss` or `unavailable`."""
    cached = cache.read()
    response.headers["X-Cache"] = cached.result.value
    missions = cached.missions
    if cached.result is not CacheResult.HIT:
        missions = store.newest()
    if cached.result is CacheResult.MISS:
        cache.write(missions)
    return [report(mission, now) for mission in missions]


@router.post("", status_code=status.HTTP_201_CREATED, summary="Plan a mission", responses=CONFLICT)
def plan_mission(
    new: NewMission, store: Store, cache: Cache, now: Now, new_seed: NewSeed, response: Response
) -> MissionReport:
    """A mission starts as `planned`. Its codename must be free; without one, one is made up."""
    if new.codename:
        mission = store.add(new.codename, created_at=now)
    else:
        mission = add_with_free_codename(store, now, new_seed)
    cache.forget()
    response.headers["Location"] = f"/missions/{mission.id}"
    return report(mission, now)


@router.get("/{mission_id}", summary="Look up a mission", responses=NOT_FOUND)
def get_mission(mission_id: MissionId, store: Store, now: Now) -> MissionReport:
    """One mission with its agents."""
    return report(store.get(mission_id), now)


@router.patch("/{mission_id}", summary="Launch or finish a mission", responses=NOT_FOUND | CONFLICT)
def change_mission(
    mission_id: MissionId, change: MissionChange, store: Store, cache: Cache, now: Now
) -> MissionReport:
    """Only forward: from `planned` to `active`, which counts as a launch, and from there to `done`."""
    mission = store.change_status(mission_id, change.status)
    if mission.status is Status.ACTIVE:
        cache.forget_and_count_launch()
    else:
        cache.forget()
    return report(mission, now)


@router.post(
    "/{mission_id}/agents",
    status_code=status.HTTP_201_CREATED,
    summary="Send an agent on a mission",
    responses=NOT_FOUND | CONFLICT,
)
def add_agent(mission_id: MissionId, new: NewAgent, store: Store, cache: Cache, response: Response) -> Agent:
    """A name is used once a mission, and a mission that is done takes no more agents."""
    agent = store.add_agent(mission_id, new.name)
    cache.forget()
    response.headers["Location"] = f"/missions/{mission_id}"
    return agent


def add_with_free_codename(store: MissionStore, now: datetime, new_seed: Callable[[], int]) -> Mission:
    """Make up codenames until one is free.

    Raises:
        Conflict: None of several was free.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(Conflict):
            return store.add(make_codename(new_seed()), created_at=now)
    return store.add(make_codename(new_seed()), created_at=now)


def report(mission: Mission, now: datetime) -> MissionReport:
    """Add what follows from the time of the answer: the cache keeps only what does not."""
    return MissionReport(
        **dict(mission),
        deadline=deadline_of(mission.created_at),
        is_overdue=is_overdue(mission.status, mission.created_at, now),
    )
