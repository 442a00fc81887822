"""`chaos_lib.processes`."""

from __future__ import annotations

import os
import subprocess

from chaos_lib.processes import all_processes


def test_it_finds_a_process_and_ends_it() -> None:
    with subprocess.Popen(["sleep", "600"]) as sleeper:
        found = [process for process in all_processes() if process.pid == sleeper.pid]
        found[0].terminate()

        assert sleeper.wait(timeout=60) < 0


def test_an_object_of_an_earlier_look_is_never_handed_out_again() -> None:
    first, second = ({process.pid: process for process in all_processes()} for _ in range(2))

    assert first[os.getpid()] is not second[os.getpid()]
