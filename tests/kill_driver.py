"""Kills attacks at every fault point and looks whether the next start heals; a program of its own, see test_kills.py.

A warm process forks one child for each kill. The child ends itself with SIGKILL at the n-th fault point that it reaches; then
another child, the next start, heals. Each case is told as one JSON object a line on standard output.

Usage: python kill_driver.py HOME
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from chaos_lib import faultpoints
from chaos_lib.attacks import catalogue, codename_scrambled
from chaos_lib.attacks.base import Attack
from chaos_lib.credentials import Credential
from chaos_lib.experiment import Experiment
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings, Tier

_MANY_POINTS = 500
Act = Callable[[Experiment], object]


@dataclass(frozen=True)
class Case:
    """One kill and what became of it.

    Attributes:
        name: What was going on, such as `env_var_missing: undo`.
        number: Which fault point, from 1.
        point: Its name.
        trouble: What is wrong after the next start; empty when all is well.
    """

    name: str
    number: int
    point: str
    trouble: str


@dataclass(frozen=True)
class Scenario:
    """Something that is killed.

    Attributes:
        name: For the report.
        prepare: Done first, and not killed.
        act: What is killed.
        next_start: What the next start does.
    """

    name: str
    prepare: Act
    act: Act
    next_start: Act


def main(home: Path) -> None:
    """Play every scenario to the last of its fault points."""
    settings = Settings(home=home, seed=20)
    experiment = Experiment(settings)
    experiment.workspace.create(FINISHED)
    experiment.credentials.put("registry", Credential(kind="string", secret=SecretStr("s3cret")))
    experiment.credentials.put("deploy", Credential(kind="string", secret=SecretStr("t0ken")))
    clean = everything(settings)
    for scenario in scenarios():
        for case in kill_everywhere(scenario, settings, clean):
            print(json.dumps(asdict(case)), flush=True)


def kill_everywhere(scenario: Scenario, settings: Settings, clean: dict[str, str]) -> Iterator[Case]:
    """Kill a scenario at each of its fault points in turn."""
    for number in range(1, _MANY_POINTS):
        forget_the_past(settings)
        in_child(lambda: scenario.prepare(Experiment(settings)))
        point = killed_at(number, lambda: scenario.act(Experiment(settings)), settings.home / "points")
        if point is None:
            # It came to its end: bring everything back for the next scenario.
            in_child(lambda: Experiment(settings).heal())
            return
        status = in_child(lambda: scenario.next_start(Experiment(settings)))
        yield Case(scenario.name, number, point, "" if status == 0 else f"the next start ended with {status}")
        trouble = leftovers(settings, clean)
        if trouble:
            yield Case(scenario.name, number, point, trouble)
            in_child(lambda: Experiment(settings).rebuild())
    raise AssertionError(f"{scenario.name} never ends")


def scenarios() -> Iterator[Scenario]:
    """Return what is killed: each attack in its launch, undo, settling and heal; the rest once."""
    for attack in attacks():
        launch, undo = launching(attack), undoing(attack.name)
        yield Scenario(f"{attack.name}: launch", nothing, launch, half_done)
        yield Scenario(f"{attack.name}: undo", launch, undo, half_done)
        yield Scenario(f"{attack.name}: settle", launch, lambda e, n=attack.name: e.settle(n), half_done)
        yield Scenario(f"{attack.name}: heal", launch, lambda e: e.heal(), half_done_then_all)
    one, two = (made_up(name, hit_one_file) for name in ("one", "two"))
    both = together(launching(one), launching(two))
    yield Scenario("first of two: undo", both, undoing("one"), half_done_then_all)
    yield Scenario("second of two: undo", both, undoing("two"), half_done_then_all)
    yield Scenario("first of two: settle", both, lambda e: e.settle("one"), half_done_then_all)
    edited = together(launching(one), edit_a_file)
    yield Scenario("edited: undo", edited, undoing("one"), half_done_then_all)
    yield Scenario("edited: rebuild", edited, lambda e: e.rebuild(), lambda e: e.rebuild())


def attacks() -> Iterator[Attack]:
    """Return the catalogue's attacks on files and variables, and made-up ones for the other operations."""
    for attack in catalogue.load().values():
        if Tier.EMBEDDED in attack.tiers:
            yield attack
    yield made_up("every_file_operation", hit_every_file_operation)
    yield made_up("credentials", hit_credentials)


def made_up(name: str, inject: Callable[..., None]) -> Attack:
    return replace(codename_scrambled.ATTACK, name=name, inject=inject)


def hit_one_file(target) -> None:
    target.workspace.replace("README.md", f"bad for the {len(target.workspace.read('README.md'))}th time")
    target.workspace.substitute("README.md", "bad", "worse")


def hit_every_file_operation(target) -> None:
    target.workspace.delete("README.md")
    target.workspace.add("new/deep/file.txt", "hello")
    target.workspace.chmod("pyproject.toml", 0o400)
    target.environment.set("MISSION_PORT", "1")


def hit_credentials(target) -> None:
    target.credentials.remove("registry")
    target.credentials.replace("deploy", Credential(kind="string", secret=SecretStr("stolen")))


def nothing(_: Experiment) -> None:
    pass


def launching(attack: Attack) -> Act:
    return lambda experiment: experiment.launch(attack)


def undoing(name: str) -> Act:
    return lambda experiment: experiment.undo(name)


def together(*acts: Act) -> Act:
    return lambda experiment: [act(experiment) for act in acts]


def edit_a_file(experiment: Experiment) -> None:
    (experiment.workspace.folder / "README.md").write_text("my own words\n")


def half_done(experiment: Experiment) -> None:
    """What every start does; an attack that is whole stays, and the learner undoes it."""
    experiment.heal(only_half_done=True)
    state = experiment.state()
    open_runs = {run.run for run in state.runs}
    ended = {
        record["number"] for record in experiment.journal.records() if record["record"] in ("undone", "kept")
    }
    halves = [
        record["target"]
        for record in experiment.journal.records()
        if record["record"] == "intent" and record["run"] in open_runs and record["number"] in ended
    ]
    assert not halves, f"half of an attack stays: {halves} ended, {state.operations} did not"
    assert all(run.is_launched for run in state.runs), state.runs
    experiment.heal()


def half_done_then_all(experiment: Experiment) -> None:
    experiment.heal(only_half_done=True)
    experiment.heal()


def forget_the_past(settings: Settings) -> None:
    """Take away what earlier cases stored, so that each case takes every step again."""
    shutil.rmtree(settings.state / "blobs", ignore_errors=True)
    for name in ("reserve", "journal.old.jsonl", "journal.jsonl"):
        (settings.state / name).unlink(missing_ok=True)


def leftovers(settings: Settings, clean: dict[str, str]) -> str:
    """Say what is not as it was; empty when all is."""
    found = []
    now = everything(settings)
    different = sorted(path for path in {*clean, *now} if clean.get(path) != now.get(path))
    if different:
        found.append(f"different: {different}")
    drafts = [path.name for path in settings.state.rglob("draft-*")]
    drafts += [path.name for path in (settings.workspace / ".git").glob("opchaos-index*")]
    if drafts:
        found.append(f"drafts: {drafts}")
    state = Experiment(settings).state()
    if state.runs:
        found.append(f"open: {state.runs}")
    if state.damaged_lines:
        found.append(f"damaged lines: {state.damaged_lines}")
    return "; ".join(found)


def everything(settings: Settings) -> dict[str, str]:
    """Return the workspace with its folders, and the credentials."""
    marks = dict(Experiment(settings).workspace.fingerprint())
    for path in settings.workspace.rglob("*"):
        if path.is_dir() and ".git" not in path.parts:
            marks[f"{path.relative_to(settings.workspace)}/"] = "folder"
    for path in (settings.state / "credentials").glob("*.json"):
        marks[f"credential {path.name}"] = f"{path.stat().st_mode:o} {path.read_text()}"
    return marks


def killed_at(number: int, act: Callable[[], object], report: Path) -> str | None:
    """Run in a child that dies at its n-th fault point; return the point's name, or None when it lived."""
    report.unlink(missing_ok=True)

    def doomed() -> None:
        reached = 0

        def die(point: str) -> None:
            nonlocal reached
            reached += 1
            if reached == number:
                report.write_text(point)
                os.kill(os.getpid(), signal.SIGKILL)

        faultpoints.on_reach = die
        act()

    status = in_child(doomed)
    if status == -signal.SIGKILL:
        return report.read_text()
    assert status == 0, f"the child ended with {status}"
    return None


def in_child(act: Callable[[], object]) -> int:
    """Run in a forked child and return its exit code, negative for a signal."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            try:
                act()
                code = 0
            except BaseException:
                import traceback

                traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
