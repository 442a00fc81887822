"""A journal that was cut off or changed on the disk: never a stranger's error, and always a way back."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos_lib.attacks import codename_scrambled
from chaos_lib.errors import ChaosError
from chaos_lib.experiment import Experiment
from chaos_lib.journal import Journal
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings

FILES = {"README.md": "# Hello\n", "src/app.py": "print('hello')\n", "pyproject.toml": "[project]\n"}
PROFILE = settings(
    max_examples=80,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def one(target):
    target.workspace.replace("README.md", "bad\n")
    target.workspace.add("new/file.txt", "bad\n")


def two(target):
    target.workspace.replace("README.md", "worse\n")
    target.workspace.delete("src/app.py")


@pytest.fixture(scope="module")
def attacked():
    """A mission with two open attacks on one file, and its clean tree."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        for path, text in FILES.items():
            target = Path(folder) / "repository" / "sample_app" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        mission = Settings(home=Path(folder) / "mission", repository=Path(folder) / "repository")
        experiment = Experiment(mission)
        experiment.workspace.create(FINISHED)
        clean = experiment.workspace.fingerprint()
        for name, inject in (("one", one), ("two", two)):
            experiment.launch(replace(codename_scrambled.ATTACK, name=name, inject=inject))
        yield mission, clean


@st.composite
def damages(draw):
    """Return a function that damages bytes: cuts them, flips bits, or writes something into them."""
    kind = draw(st.sampled_from(["cut", "flip", "insert", "replace"]))
    places = draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=5))
    bit = draw(st.integers(0, 7))
    junk = draw(st.binary(min_size=1, max_size=30))

    def damage(content):
        if not content:
            return junk
        at = [int(place * len(content)) for place in places]
        if kind == "cut":
            return content[: at[0]]
        if kind == "insert":
            return content[: at[0]] + junk + content[at[0] :]
        if kind == "replace":
            return content[: at[0]] + junk + content[at[0] + len(junk) :]
        flipped = bytearray(content)
        for place in at:
            flipped[place] ^= 1 << bit
        return bytes(flipped)

    return damage


def damaged_copy(attacked, folder, damage):
    mission, _ = attacked
    shutil.copytree(mission.home, folder / "mission", symlinks=True)
    copy = Settings(home=folder / "mission", repository=mission.repository)
    journal = copy.state / "journal.jsonl"
    journal.write_bytes(damage(journal.read_bytes()))
    return Experiment(copy)


@PROFILE
@given(damage=damages())
def test_a_damaged_journal_raises_our_errors_only_and_the_workspace_can_be_rebuilt(attacked, damage):
    _, clean = attacked
    with tempfile.TemporaryDirectory(dir=attacked[0].home.parent) as folder:
        experiment = damaged_copy(attacked, Path(folder), damage)
        told = []
        try:
            experiment.heal(only_half_done=True)
            experiment.heal()
        except ChaosError as error:
            told.append(error)
        assert all(error.what and error.fix for error in told)
        experiment.rebuild()

        assert experiment.workspace.fingerprint() == clean
        assert experiment.state().runs == ()
        assert experiment.state().damaged_lines == 0
        experiment.launch(replace(codename_scrambled.ATTACK, name="one", inject=one))
        experiment.heal()
        assert experiment.workspace.fingerprint() == clean


@PROFILE
@given(damage=damages())
def test_the_good_records_count(attacked, damage):
    mission, _ = attacked
    original = (mission.state / "journal.jsonl").read_bytes()
    damaged = damage(original)
    with tempfile.TemporaryDirectory(dir=mission.home.parent) as folder:
        (Path(folder) / "journal.jsonl").write_bytes(damaged)
        journal = Journal(Path(folder))

        records, whole = list(journal.records()), list(Journal(mission.state).records())

        unharmed = [line for line in damaged.split(b"\n") if line and line in original.split(b"\n")]
        assert len(records) >= len(unharmed), "no line that is as it was written is passed over"
        assert all(record in whole for record in records), "nothing is made up"


def test_every_torn_last_line_is_nothing_but_the_trace_of_a_kill(attacked, tmp_path):
    mission, _ = attacked
    content = (mission.state / "journal.jsonl").read_bytes()
    last = len(content.rstrip(b"\n").rpartition(b"\n")[2])
    for cut in range(1, last + 2):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / "journal.jsonl").write_bytes(content[:-cut])
        journal = Journal(folder)

        assert len(journal.state().operations) == 4
        journal.launched(journal.state().runs[1].run)

        assert [run.is_launched for run in journal.state().runs] == [True, True]
        assert journal.state().damaged_lines == 0


@pytest.mark.parametrize(
    "record",
    [
        {"record": "intent"},
        {"record": "intent", "number": "1", "run": "r", "kind": "k", "target": "t", "before": 1, "after": 2},
        {"record": "begin", "run": 5, "attack": "a"},
        {"record": ["begin"]},
        {"record": "undone"},
        {"no": "record"},
        ["begin"],
    ],
)
def test_a_record_with_a_right_checksum_and_wrong_fields_is_damage(tmp_path, record):
    journal = Journal(tmp_path)
    journal._file.append({"record": "begin", "run": "r1", "attack": "a"})
    body = json.dumps(record).encode()
    with journal.path.open("ab") as stream:
        stream.write(f"{zlib.crc32(body):08x} ".encode() + body + b"\n")

    assert journal.state().damaged_lines == 1
    assert [run.attack for run in journal.state().runs] == ["a"]


def test_a_record_of_a_newer_version_is_passed_over(tmp_path):
    journal = Journal(tmp_path)
    journal.begin("r1", "a")
    journal._file.append({"record": "from-the-future", "what": 1})

    assert journal.state().damaged_lines == 0
    assert [run.attack for run in journal.state().runs] == ["a"]
