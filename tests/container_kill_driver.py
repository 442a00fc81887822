"""Kills attacks on containers at every fault point, on a real engine; a program of its own, see operations/test_container_kills.py.

Usage: python container_kill_driver.py HOME IMAGE PORT
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import kill_driver
from kill_driver import Scenario, half_done, in_child, kill_everywhere, launching, made_up, nothing, undoing

from chaos_lib import labels
from chaos_lib.experiment import Experiment
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings


def main(home: Path, image: str, port: int) -> None:
    """Play every scenario to the last of its fault points, with one container of the mission as the victim."""
    settings = Settings(home=home, seed=20)
    Experiment(settings).workspace.create(FINISHED)
    # The driver's own look knows files only.
    of_files = kill_driver.everything
    kill_driver.everything = lambda s: {**of_files(s), **containers(s)}
    victim = f"opchaos-kills-{settings.run_id()}"
    try:
        in_child(lambda: start(settings, victim, image, port))
        clean = kill_driver.everything(settings)
        assert f"container {victim}" in clean
        for scenario in scenarios(victim, port + 1):
            for case in kill_everywhere(scenario, settings, clean):
                print(json.dumps(asdict(case)), flush=True)
    finally:
        remove_all(settings)


def scenarios(victim: str, free_port: int) -> Iterator[Scenario]:
    """Return what is killed."""
    acts = {
        "take_port": lambda t: t.containers.take_port(free_port),
        "pause": lambda t: t.containers.pause(victim),
        "kill": lambda t: t.containers.kill(victim),
        "remove": lambda t: t.containers.remove(victim),
    }
    for name, act in acts.items():
        launch = launching(made_up(name, act))
        yield Scenario(f"{name}: launch", nothing, launch, half_done)
        yield Scenario(f"{name}: undo", launch, undoing(name), half_done)


@contextlib.contextmanager
def engine(settings: Settings) -> Iterator:
    with contextlib.closing(DockerContainers(settings).search().require().connect()) as client:
        yield client


def start(settings: Settings, name: str, image: str, port: int) -> None:
    marks = labels.labels(settings.run_id(), owner=labels.LAB_OWNER)
    with engine(settings) as client:
        client.containers.run(image, name=name, labels=marks, detach=True, ports={"6379/tcp": port})


def containers(settings: Settings) -> dict[str, str]:
    """Return this mission's containers: name to state and ports."""
    ours = {"label": f"{labels.RUN}={settings.run_id()}"}
    with engine(settings) as client:
        found = client.api.containers(all=True, filters=ours)
    return {
        f"container {one['Names'][0].lstrip('/')}": f"{one['State']} {sorted(p.get('PublicPort', 0) for p in one['Ports'])}"
        for one in found
    }


def remove_all(settings: Settings) -> None:
    with engine(settings) as client:
        for name in containers(settings):
            client.api.remove_container(name.removeprefix("container "), force=True, v=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
