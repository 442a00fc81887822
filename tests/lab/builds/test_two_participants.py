"""Two participants on one engine at the same time: each ups, builds, runs, asks and takes down, and meets nothing of the other."""

from __future__ import annotations

import contextlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest

from chaos_lib import labels
from chaos_lib.lab import Lab
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.image_builder import ImageBuilder
from chaos_lib.lab.builds.network import ADDRESSES, private_network
from chaos_lib.lab.builds.running import RunningImage
from chaos_lib.lab.engine import Engine
from chaos_lib.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
FINISHED = Path(__file__).resolve().parents[3] / "sample_app"
WAIT_S = 120


@dataclass
class Participant:
    """Somebody with a workspace and a mission of their own; what they saw is kept for the test."""

    name: str
    settings: Settings
    workspace: Path
    versions: tuple[str, ...] = ()
    missions: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def play(participant: Participant, engine: Engine, meeting: Barrier, *, leaves_first: bool) -> Participant:
    """Play a phase in small; at each meeting both have come equally far."""
    settings = participant.settings
    lab = Lab(settings)
    try:
        lab.up()
        meeting.wait(WAIT_S)
        report = ImageBuilder(engine, settings).build(
            participant.workspace, arguments={"VERSION": participant.name}
        )
        meeting.wait(WAIT_S)
        with (
            private_network(engine, settings) as network,
            RunningImage(engine, settings, report.image, network=network, environment=ADDRESSES) as container,
        ):
            container.wait_until_answering()
            created = container.post("/missions", json.dumps({"codename": f"of-{participant.name}"}))
            assert created.status == 201, created.body
            meeting.wait(WAIT_S)
            participant.missions = tuple(
                item["codename"] for item in json.loads(container.get("/missions").body)
            )
            first = json.loads(container.get("/version").body)["version"]
            meeting.wait(WAIT_S)
            if leaves_first:
                lab.down()
            meeting.wait(WAIT_S)
            if not leaves_first:
                participant.versions = (first, json.loads(container.get("/version").body)["version"])
                participant.left = mission_images.of_run(engine, settings.run_id())
    except BaseException:
        meeting.abort()
        raise
    finally:
        lab.down()
    return participant


def test_two_at_the_same_time_meet_nothing_of_each_other(engine: Engine, tmp_path: Path) -> None:
    participants = []
    for name in ("ada", "grace"):
        workspace = tmp_path / name / "workspace"
        shutil.copytree(FINISHED, workspace, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        participants.append(Participant(name, Settings(home=tmp_path / name / "mission"), workspace))
    meeting = Barrier(2)

    with ThreadPoolExecutor(2) as threads:
        played = [
            threads.submit(play, participant, engine, meeting, leaves_first=participant.name == "ada")
            for participant in participants
        ]
    ada, grace = (future.result() for future in played)

    # The same image name in both workspaces, the same table, the same host name of the database.
    assert ada.missions == ("of-ada",)
    assert grace.missions == ("of-grace",)
    # Ada has gone, with all that was hers; Grace's service goes on, and her image is there.
    assert grace.versions == ("grace", "grace")
    assert grace.left == (mission_images.image_name(grace.settings.run_id(), "workspace"),)
    for participant in (ada, grace):
        run_id = participant.settings.run_id()
        assert mission_images.of_run(engine, run_id) == ()
        wanted = {"label": f"{labels.RUN}={run_id}"}
        with contextlib.closing(engine.connect()) as client:
            assert client.api.containers(all=True, filters=wanted) == []
            assert client.api.networks(filters=wanted) == []
