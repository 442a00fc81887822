"""Random sequences of attack, undo, kill, heal, settle and a learner's edits: nothing stays broken, nothing written is lost."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chaos_lib import faultpoints
from chaos_lib.attacks import codename_scrambled
from chaos_lib.errors import AttackRefused, InvalidInput
from chaos_lib.experiment import Experiment
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings

README, APP, NOTES, NEW = "README.md", "src/app.py", "notes.txt", "new/deep/file.txt"
# Nobody attacks the notes: what the learner writes there stays.
FILES = {
    README: "# Hello\n",
    APP: "print('hello')\n",
    NOTES: "nothing yet\n",
    "pyproject.toml": "[project]\n",
}
EDITABLE = [README, APP, NOTES, NEW]


def attack(name, inject):
    return replace(codename_scrambled.ATTACK, name=name, inject=inject)


def hit_twice(target):
    target.environment.set("MISSION_PORT", "1")
    target.environment.remove("MISSION_REDIS_URL")


# Several attacks on each file.
ATTACKS = {
    a.name: a
    for a in (
        attack("readme_replaced", lambda t: t.workspace.put(README, "bad readme\n")),
        attack("readme_appended", lambda t: t.workspace.put(README, t.workspace.read(README) + "worse\n")),
        attack("readme_deleted", lambda t: t.workspace.delete(README)),
        attack("app_locked", lambda t: t.workspace.chmod(APP, 0o400)),
        attack("app_and_readme", lambda t: [t.workspace.put(f, "both\n") for f in (APP, README, APP + "c")]),
        attack("file_added", lambda t: t.workspace.put(NEW, "added\n")),
        attack("neighbour_added", lambda t: t.workspace.put("new/deep/neighbour.txt", "added\n")),
        attack("variables", hit_twice),
        attack("port_variable", lambda t: t.environment.set("MISSION_PORT", "2")),
    )
}
NAMES = st.sampled_from(sorted(ATTACKS))


class Killed(BaseException):
    """Stands for SIGKILL: from the fault point on, nothing more is done."""


def run_and_kill(act, *, after_points, torn_bytes):
    """Let an act die at its n-th fault point; a record that was just being written may be torn."""
    reached = []

    def die(point):
        reached.append(point)
        if len(reached) > after_points:
            raise Killed(point)

    faultpoints.on_reach = die
    try:
        act()
    except Killed:
        point = reached[after_points]
        return torn_bytes if point.startswith("journal.") and point.endswith(".after") else 0
    finally:
        faultpoints.on_reach = None
    return 0


class Engine(RuleBasedStateMachine):
    """One mission, its learner, and bad luck."""

    template: Path
    numbers = itertools.count()

    def __init__(self):
        super().__init__()
        home = self.template.with_name(f"example-{next(self.numbers)}")
        shutil.copytree(self.template / "mission", home, symlinks=True)
        self.settings = Settings(home=home, repository=self.template / "repository")
        self.folder = self.settings.workspace
        self.clean = tree(self.folder)
        self.written = {}  # path to what the learner wrote there and has not replaced by own hand
        self.owed = []  # (path, text): must be in the tree or in git
        self.serial = itertools.count()
        self.has_learner = True

    @initialize(has_learner=st.booleans())
    def begin(self, has_learner):
        self.has_learner = has_learner

    def experiment(self):
        """A new process has new objects."""
        return Experiment(self.settings)

    def teardown(self):
        faultpoints.on_reach = None
        self.experiment().heal()
        self.check_all()
        shutil.rmtree(self.settings.home)

    @rule(names=st.lists(NAMES, min_size=1, max_size=4, unique=True))
    def launch(self, names):
        for name in names:
            self.start(name)

    def start(self, name):
        with contextlib.suppress(AttackRefused, InvalidInput):
            self.experiment().launch(ATTACKS[name])

    @rule(names=st.lists(NAMES, min_size=1, max_size=3), settles=st.booleans())
    def launch_edit_and_end(self, names, settles):
        """What happens most: an attack, some work on it, the next attack on top, and the end of one of them."""
        for name in names:
            self.start(name)
            held = {operation.target for operation in self.experiment().state().operations}
            for path in sorted(held & {README, APP, NEW}):
                self.write(path)
        self.end(names[0], settles)

    @rule(name=NAMES, settles=st.booleans())
    def end_one(self, name, settles):
        self.end(name, settles)

    def end(self, name, settles):
        if settles:
            self.experiment().settle(name)
        else:
            self.experiment().undo(name)
            self.experiment().undo(name)

    @precondition(lambda self: len(self.experiment().state().runs) > 2)
    @rule()
    def heal(self):
        self.experiment().heal()
        self.check_all()

    @rule(
        name=NAMES,
        what=st.sampled_from(["launch", "undo", "settle", "heal"]),
        n=st.integers(0, 30),
        torn=st.integers(0, 40),
    )
    def kill(self, name, what, n, torn):
        experiment = self.experiment()
        acts = {
            "launch": lambda: experiment.launch(ATTACKS[name]),
            "undo": lambda: experiment.undo(name),
            "settle": lambda: experiment.settle(name),
            "heal": experiment.heal,
        }
        with contextlib.suppress(AttackRefused, InvalidInput):
            torn_bytes = run_and_kill(acts[what], after_points=n, torn_bytes=torn)
            journal = self.settings.state / "journal.jsonl"
            if torn_bytes and journal.exists():
                content = journal.read_bytes()
                last = len(content.rstrip(b"\n").rpartition(b"\n")[2])
                os.truncate(journal, len(content) - min(torn_bytes, last))
        self.experiment().heal(only_half_done=True)

    @rule(path=st.sampled_from(EDITABLE))
    def edit(self, path):
        self.write(path)

    def write(self, path):
        if not self.has_learner:
            return
        target = self.folder / path
        text = f"by the learner, number {next(self.serial)}\n"
        self.replace_by_own_hand(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # whoever may write the folder may replace a locked file
        target.write_text(text)
        self.written[path] = text
        self.owed.append((path, text))

    @rule(path=st.sampled_from(EDITABLE))
    def delete(self, path):
        if self.has_learner and (self.folder / path).exists():
            self.replace_by_own_hand(path)
            (self.folder / path).unlink()
            self.written[path] = None

    @precondition(lambda self: self.written)
    @rule()
    def commit(self):
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", "my work")

    def replace_by_own_hand(self, path):
        """What stands in the tree when the learner replaces it, the learner has given up."""
        target = self.folder / path
        now = target.read_text() if target.exists() else None
        self.owed = [(where, text) for where, text in self.owed if (where, text) != (path, now)]

    @invariant()
    def untouched_files_keep_what_was_written(self):
        if self.written.get(NOTES) is not None:
            assert (self.folder / NOTES).read_text() == self.written[NOTES]

    def check_all(self):
        state = self.experiment().state()
        assert state.runs == ()
        assert state.damaged_lines == 0
        assert list(self.settings.state.rglob("draft-*")) == []
        if not self.written:
            assert tree(self.folder) == self.clean
        missing = [(path, text) for path, text in self.owed if not self.is_in_tree(path, text)]
        if missing:
            kept = git(self.folder, "log", "--all", "--patch", "--format=%H", "--diff-merges=off")
            assert [entry for entry in missing if f"+{entry[1].strip()}" not in kept] == []
            for path, text in missing:
                assert f"+++ b/{path}\n" in kept, text

    def is_in_tree(self, path, text):
        target = self.folder / path
        return target.exists() and target.read_text() == text


def tree(folder):
    """Every file's mode and content, and every folder."""
    marks = {}
    for path in sorted(folder.rglob("*")):
        if ".git" in path.parts:
            continue
        name = path.relative_to(folder).as_posix()
        marks[name] = "folder" if path.is_dir() else (path.stat().st_mode & 0o7777, path.read_bytes())
    return marks


def git(folder, *arguments):
    identity = ["-c", "user.name=Learner", "-c", "user.email=learner@example.invalid"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout


@pytest.fixture
def template():
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        template = Path(folder) / "template"
        for path, text in FILES.items():
            target = template / "repository" / "sample_app" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        made = Settings(home=template / "mission", repository=template / "repository")
        Experiment(made).workspace.create(FINISHED)
        yield template


def test_random_sequences_leave_the_clean_tree_and_lose_nothing(template):
    Engine.template = template
    profile = settings(
        max_examples=80,
        stateful_step_count=20,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # each step costs time: shrinking would take minutes
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Engine, settings=profile)
