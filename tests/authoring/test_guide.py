"""CONTRIBUTING's guide "Add an attack in ten minutes", followed word by word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos_lib.lab import Lab
from chaos_lib.settings import Settings, Tier

ROOT = Path(__file__).resolve().parents[2]
SECTION = "## Add an attack in ten minutes\n"
NAME = "deadline_off_by_one"


@dataclass(frozen=True)
class Step:
    """A block of the guide.

    Attributes:
        language: `bash` for commands, `python` for the attack's file.
        text: What is in it.
    """

    language: str
    text: str


def steps() -> list[Step]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(SECTION)[1].split("\n## ")[0]
    return [
        Step(*found)
        for found in re.findall(r"^```(\w+)\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    ]


def target_of_the_code() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (path,) = re.findall(r"^of `(mission/attacks/\w+\.py)`", text, flags=re.MULTILINE)
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A folder that looks like the checkout to the commands, with a mission folder of its own."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    yield tmp_path
    Lab(Settings(home=tmp_path / "mission", tier=Tier.EMBEDDED)).down()


def run(line: str, folder: Path) -> str:
    """Run one line of the guide; a comment such as `# red: exit code 1` says that it is meant to end so."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    surroundings |= {"OPCHAOS_HOME": str(folder / "mission"), "OPCHAOS_TIER": "EMBEDDED"}
    result = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=surroundings, check=False, capture_output=True, text=True
    )
    output = f"$ {line}\n{result.stdout}{result.stderr}"
    meant = re.search(r"# .*exit code (\d+)", line)
    assert result.returncode == (int(meant[1]) if meant else 0), output
    return output


def test_whoever_follows_the_guide_has_a_proved_attack_that_was_played_healed_and_exported(checkout):
    said = {}
    for step in steps():
        if step.language == "python":
            path = checkout / target_of_the_code()
            assert path.exists(), "`opchaos attack new` writes the file that the guide changes"
            path.write_text(step.text, encoding="utf-8")
            continue
        for line in step.text.splitlines():
            said[line] = run(line, checkout)
    everything = "\n".join(said.values())

    assert "6 passed" in everything
    assert "is_overdue_only_after_its_deadline" in everything
    assert "1 of 1 attacks caught" in everything
    assert "experiment syntax and semantic look valid" in everything
    assert (checkout / "mission" / "experiments" / f"{NAME}.json").exists()


def test_the_guide_has_all_the_steps_and_a_checklist():
    languages = [step.language for step in steps()]

    assert languages == ["bash", "python", "bash", "bash", "bash", "bash"]
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(SECTION)[1]
    assert text.count("- [ ] ") >= 6
