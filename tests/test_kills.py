"""SIGKILL at every fault point of every attack: the next start heals to the clean tree, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_lib.attacks import catalogue
from chaos_lib.settings import Tier

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

DRIVER = Path(__file__).with_name("kill_driver.py")


@pytest.fixture(scope="module")
def cases() -> Iterator[list[dict[str, str]]]:
    # A kill leaves the page cache alone, so memory is as good as a disk here, and many times as fast.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        driver = subprocess.run(
            [sys.executable, str(DRIVER), f"{folder}/mission"], capture_output=True, text=True, timeout=280
        )
        assert driver.returncode == 0, driver.stderr
        yield [json.loads(line) for line in driver.stdout.splitlines()]


def test_every_kill_is_healed_by_the_next_start(cases):
    trouble = [case for case in cases if case["trouble"]]

    assert not trouble, f"{len(trouble)} of {len(cases)} kills were not healed"


def test_every_attack_on_files_is_killed_in_its_launch_and_in_each_way_to_end_it(cases):
    killed = Counter(case["name"] for case in cases)

    for attack in catalogue.load().values():
        if Tier.EMBEDDED not in attack.tiers:
            continue
        # A decoy has no operations, only the records of its run.
        assert killed[f"{attack.name}: launch"] >= (4 if attack.is_decoy else 10)
        for end in ("undo", "settle", "heal"):
            assert killed[f"{attack.name}: {end}"] >= (2 if attack.is_decoy else 6)


def test_the_kills_hit_every_step_of_the_engine(cases):
    records = ("begin", "intent", "done", "launched", "ending", "handed", "undone", "closed")
    steps = {f"journal.{record}.{side}" for record in records for side in ("before", "after")}
    steps |= {"durable.drafted", "durable.replaced", "durable.removed", "durable.folder_made"}
    steps |= {"workspace.file.acted", "workspace.file.restored", "credential.acted", "credential.restored"}
    steps |= {
        "git.tree_written",
        "git.snapshot_saved",
        "workspace.kept",
        "workspace.read",
        "journal.put_away",
    }

    assert steps <= {case["point"] for case in cases}
