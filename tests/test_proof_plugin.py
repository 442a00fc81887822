"""The plugin that proves attacks keeps its lab until the session ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from chaos_lib.attacks import catalogue
from chaos_lib.authoring.scaffold import scaffold

_TEST = """
from chaos_lib.proof_plugin import _GROUNDS
from chaos_lib.settings import Tier

def test_the_lab_is_still_there(tmp_path, request):
    home = request.config.stash[_GROUNDS].on(Tier.EMBEDDED).settings.home
    assert (home / "state").is_dir()
    print("LAB OF THE PROOFS", home)
"""


def test_a_base_folder_that_is_emptied_by_the_first_tmp_path_does_not_take_the_lab_along(settings, tmp_path):
    made = scaffold(settings, "short_night")
    assert catalogue.load_file(made.attack).name == "short_night"
    after = tmp_path / "test_after.py"
    after.write_text(_TEST, encoding="utf-8")
    # What pytest-xdist gives its workers: a base folder that pytest empties when it is first asked for.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-s"]
    command += ["--basetemp", str(tmp_path / "base"), "-p", "chaos_lib.proof_plugin", "--tiers", "EMBEDDED"]
    command += [str(made.attack), str(after)]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    result = subprocess.run(command, env=surroundings, check=False, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout
    (line,) = (line for line in result.stdout.splitlines() if "LAB OF THE PROOFS" in line)
    assert not Path(line.split()[-1]).exists(), "the folder goes with the session"
