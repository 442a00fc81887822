from __future__ import annotations

import os
import subprocess
import sys

import pytest

from chaos_lib import scratch


def left(settings):
    return list((settings.state / "scratch").iterdir())


def test_a_folder_lasts_as_long_as_its_work(settings):
    with scratch.folder(settings, "build") as folder:
        assert folder.is_dir()
        assert list(folder.iterdir()) == []
        (folder / "file").write_text("x")

    assert left(settings) == []


def test_it_goes_after_a_failure_too(settings):
    with pytest.raises(KeyboardInterrupt), scratch.folder(settings, "build"):
        raise KeyboardInterrupt

    assert left(settings) == []


def test_what_a_killed_process_left_is_swept_and_the_rest_is_not(settings):
    code = (
        "import os, sys\n"
        "from chaos_lib import scratch\n"
        "from chaos_lib.settings import Settings\n"
        "with scratch.folder(Settings(home=sys.argv[1]), 'build') as folder:\n"
        "    (folder / 'file').write_text('x')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(settings.home)], check=False)
    with scratch.folder(settings, "mine") as folder:
        assert len(left(settings)) == 2

        assert scratch.sweep(settings) == 1

        assert left(settings) == [folder]
    assert str(os.getpid()) in folder.name


def test_a_sweep_before_anything_finds_nothing(settings):
    assert scratch.sweep(settings) == 0


def test_a_sweep_passes_over_what_is_not_its_own(settings):
    (settings.state / "scratch" / "my-own-notes").mkdir(parents=True)

    assert scratch.sweep(settings) == 0

    assert len(left(settings)) == 1
