from __future__ import annotations

import os
import subprocess
import sys

import pytest

from chaos_lib import labels


def test_a_new_object_carries_our_mark_the_run_and_the_owner():
    assert labels.labels("abc", owner=labels.LAB_OWNER) == {
        labels.OURS: "true",
        labels.RUN: "abc",
        labels.OWNER: "lab",
    }


def test_the_owner_names_this_process():
    _, pid, started = labels.process_owner().split("/")

    assert int(pid) == os.getpid()
    assert float(started) > 0


def test_another_process_has_another_owner():
    code = "from chaos_lib.labels import process_owner; print(process_owner())"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()

    assert other.split("/")[0] == labels.process_owner().split("/")[0], "the same machine"
    assert other != labels.process_owner()
    assert labels.is_left_behind(other), "it has ended"


def test_a_process_that_runs_has_left_nothing_behind():
    assert not labels.is_left_behind(labels.process_owner())
    assert not labels.is_left_behind(labels.process_owner(os.getppid()))


def test_a_pid_that_was_given_to_a_later_process_is_another_owner():
    machine, pid, started = labels.process_owner().split("/")

    assert labels.is_left_behind(f"{machine}/{pid}/{float(started) - 60:.2f}")


@pytest.mark.parametrize("owner", [labels.LAB_OWNER, "", "a/b", "elsewhere:1/2/3.0", "a/b/c/d"])
def test_what_cannot_be_judged_from_here_is_left_alone(owner):
    assert not labels.is_left_behind(owner)
