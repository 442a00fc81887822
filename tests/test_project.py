"""The project's own files agree with each other."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.10.0", "3.11.9", "3.12.4", "3.13.0")
EXTRAS = ("", "lab", "aws", "backend", "badges", "grading", "chaostoolkit", "site", "dev")
TARGETS = {
    "help",
    "run",
    "lab",
    "test",
    "check",
    "doctor",
    "up",
    "down",
    "heal",
    "reset",
    "bench",
    "setup",
    "docs",
}


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def project(path: str = "pyproject.toml") -> dict[str, object]:
    return tomllib.loads(read(path))["project"]


def pins() -> list[Requirement]:
    lines = read("constraints.txt").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def marks(python: str, *, extra: str = "", system: str = "Linux") -> dict[str, str]:
    platforms = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}
    return {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "platform_system": system,
        "sys_platform": platforms[system],
        "os_name": "nt" if system == "Windows" else "posix",
        "extra": extra,
    }


def applies(requirement: Requirement, environment: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment)


def declared() -> list[tuple[str, Requirement]]:
    """Every requirement with the extra that asks for it."""
    found = []
    for path in ("pyproject.toml", "sample_app/pyproject.toml"):
        metadata = project(path)
        groups = {"": metadata["dependencies"], **metadata["optional-dependencies"]}  # type: ignore[dict-item]
        for extra, requirements in groups.items():
            found += [(extra, Requirement(text)) for text in requirements]
    return found


def load_tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Pins


def test_pins_are_exact_and_without_addresses() -> None:
    assert "://" not in read("constraints.txt")
    for pin in pins():
        assert re.fullmatch(r"==[0-9][^*,]*", str(pin.specifier)), pin
        assert not pin.extras, f"a constraint may not have extras: {pin}"
        assert pin.url is None


def test_pins_are_sorted() -> None:
    names = [canonicalize_name(pin.name) for pin in pins()]
    assert names == sorted(names)


@pytest.mark.parametrize("python", PYTHONS)
def test_every_python_gets_one_version_of_each_package(python: str) -> None:
    names = [canonicalize_name(pin.name) for pin in pins() if applies(pin, marks(python))]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("python", PYTHONS)
def test_every_declared_dependency_is_pinned_to_a_version_that_fits(python: str) -> None:
    pinned = {
        canonicalize_name(pin.name): Version(str(pin.specifier).removeprefix("=="))
        for pin in pins()
        if applies(pin, marks(python))
    }
    for extra, requirement in declared():
        if applies(requirement, marks(python, extra=extra)):
            version = pinned.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement} is not pinned: run tools/pin.sh"
            assert version in requirement.specifier, f"{requirement} against {version}: run tools/pin.sh"


def test_the_extras_are_those_that_the_set_up_installs() -> None:
    assert set(project()["optional-dependencies"]) == set(filter(None, EXTRAS))  # type: ignore[call-overload]
    assert ".[lab,grading,aws,backend,badges,chaostoolkit,site,dev]" in read("tools/setup.sh")


def locked() -> list[Requirement]:
    lines = read("sample_app/requirements.lock").splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if line and not line.startswith(("#", " "))]


def test_the_image_s_lock_has_a_hash_for_every_file_and_no_address() -> None:
    text = read("sample_app/requirements.lock")
    assert "://" not in text
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(locked())
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


@pytest.mark.parametrize("python", PYTHONS)
def test_the_image_s_lock_holds_what_the_service_declares_in_the_versions_of_our_pins(python: str) -> None:
    here = {canonicalize_name(pin.name): str(pin.specifier) for pin in pins() if applies(pin, marks(python))}
    lock = {
        canonicalize_name(pin.name): str(pin.specifier) for pin in locked() if applies(pin, marks(python))
    }
    assert {name: here.get(name) for name in lock} == lock, "run tools/lock.sh"
    declared_here = map(Requirement, project("sample_app/pyproject.toml")["dependencies"])  # type: ignore[call-overload]
    assert {canonicalize_name(each.name) for each in declared_here} <= set(lock)


# Conda and Binder


def conda(path: str) -> dict[str, object]:
    return yaml.safe_load(read(path))


def split(environment: dict[str, object]) -> tuple[list[str], list[str]]:
    """The packages from conda, and pip's lines."""
    dependencies = environment["dependencies"]
    assert isinstance(dependencies, list)
    pip = next(each["pip"] for each in dependencies if isinstance(each, dict))
    return [each for each in dependencies if isinstance(each, str)], pip


def test_binder_and_conda_make_the_same_environment() -> None:
    ours, binders = conda("environment.yml"), conda("binder/environment.yml")
    assert ours["channels"] == binders["channels"] == ["conda-forge"]
    assert split(ours)[0] == split(binders)[0]
    assert [line.replace("../", "./") for line in split(binders)[1]] == [
        line.replace("-c c", "-c ./c").replace("-e .[", "-e ./.[") for line in split(ours)[1]
    ]


@pytest.mark.parametrize("path", ["environment.yml", "binder/environment.yml"])
def test_the_paths_in_an_environment_are_relative_to_its_folder(path: str) -> None:
    # conda and mamba run pip in the folder of the environment file.
    folder = (ROOT / path).parent
    _, pip = split(conda(path))
    targets = [(folder / line.split()[1].split("[")[0]).resolve() for line in pip]
    assert targets == [ROOT / "constraints.txt", ROOT, ROOT / "sample_app"]


def test_the_environments_python_is_one_that_we_support() -> None:
    python = next(each for each in split(conda("environment.yml"))[0] if each.startswith("python="))
    assert f"{python.removeprefix('python=')}.0" in {f"{'.'.join(each.split('.')[:2])}.0" for each in PYTHONS}


@pytest.mark.filterwarnings("ignore:pythonjsonlogger.jsonlogger has been moved:DeprecationWarning")
def test_repo2docker_takes_binders_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from repo2docker.app import Repo2Docker
    from repo2docker.buildpacks import CondaBuildPack

    monkeypatch.chdir(ROOT)
    packs = (pack("buildpack-deps:jammy") for pack in Repo2Docker().buildpacks)
    chosen = next(pack for pack in packs if pack.detect())
    assert type(chosen) is CondaBuildPack
    assert chosen.binder_dir == "binder"
    assert chosen.binder_path("environment.yml") == "binder/environment.yml"
    assert chosen.python_version == "3.12"
    # The checkout must be there before pip runs, because pip installs from it.
    assert not chosen._should_preassemble_env
    (user, script), *_ = [step for step in chosen.get_assemble_scripts() if "env update" in step[1]]
    assert user == "${NB_USER}"
    assert '--file "binder/environment.yml"' in script


# Make and the scripts


def test_a_bare_make_lists_every_target() -> None:
    listing = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    listed = set(re.findall(r"^  make (\S+)", listing, flags=re.MULTILINE))
    assert listed == TARGETS
    phony = re.search(r"^\.PHONY: (.+)$", read("Makefile"), flags=re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == TARGETS


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "tools").glob("*.sh")))
def test_a_script_stops_at_its_first_error_and_parses(script: str) -> None:
    path = ROOT / "tools" / script
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert os.access(path, os.X_OK)
    assert re.search(r"^set -e?uo pipefail$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_script_of_the_makefile_is_there() -> None:
    scripts = set(
        re.findall(r"tools/[\w-]+\.\w+", read("Makefile") + read("tools/test.sh") + read("tools/check.sh"))
    )
    assert "tools/setup.sh" in scripts
    assert [name for name in scripts if not (ROOT / name).is_file()] == []


def test_continuous_integration_runs_make_test_and_nothing_cleverer() -> None:
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    commands = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    assert commands == ["make test"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert read(".ci/run").rstrip().endswith("exec make test")


def test_the_workflows_pythons_are_supported() -> None:
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    supported = {".".join(each.split(".")[:2]) for each in PYTHONS}
    assert set(workflow["jobs"]["test"]["strategy"]["matrix"]["python"]) <= supported


def test_actions_are_pinned_by_commit_with_their_release() -> None:
    lines = [
        line for path in (ROOT / ".github/workflows").glob("*.yml") for line in path.read_text().splitlines()
    ]
    uses = [line.strip() for line in lines if "uses:" in line]
    assert uses
    for line in uses:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_pre_commit_downloads_nothing() -> None:
    configuration = yaml.safe_load(read(".pre-commit-config.yaml"))
    assert {each["repo"] for each in configuration["repos"]} == {"local"}
    for hook in configuration["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/")
        assert (Path(sys.executable).parent / Path(program).name).exists(), program


def test_pre_commit_accepts_its_configuration() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(ROOT / ".pre-commit-config.yaml")]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


# Texts


def test_the_changelog_has_an_unreleased_section_or_the_current_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", read("CHANGELOG.md"), flags=re.MULTILINE)
    assert headings[0] in ("Unreleased", project()["version"])


def test_the_rooms_of_the_contributing_guide_exist() -> None:
    guide = read("CONTRIBUTING.md")
    table = guide[guide.index("## The rooms") : guide.index("## Checks and tests")]
    rooms = re.findall(r"`([\w/]+/)`", table)
    assert "chaos_lib/" in rooms
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []


def test_the_pytest_marks_of_the_contributing_guide_exist() -> None:
    markers = tomllib.loads(read("pyproject.toml"))["tool"]["pytest"]["ini_options"]["markers"]
    known = {marker.split(":")[0] for marker in markers}
    expressions = re.findall(r'pytest -m "?([\w ]+?)"?\s+#', read("CONTRIBUTING.md"))
    assert expressions
    assert {word for each in expressions for word in each.split()} - {"not", "and", "or"} <= known


def test_the_licence_is_the_one_that_the_metadata_name() -> None:
    assert project()["license"] == "Apache-2.0"
    assert "Apache License" in read("LICENSE")


# Well-formed files


def test_all_files_of_the_project_are_well_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tool = load_tool("check_files")
    paths = tool.project_files()
    assert Path("pyproject.toml") in paths
    assert tool.problems(paths) == []


def test_without_git_every_file_is_looked_at_except_what_tools_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.json", ".venv/b.json", "mission/c.json", "docs/d.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert sorted(load_tool("check_files").project_files()) == [Path("a.json"), Path("docs/d.json")]


NOTEBOOK = '{{"cells": [{{"outputs": {outputs}, "execution_count": {count}}}], "metadata": {metadata}}}'
KERNEL = '{"kernelspec": {"name": "python3"}}'


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.yaml", "a: [1", "while parsing"),
        ("a.toml", "a = ", "Invalid value"),
        ("a.json", "{", "Expecting"),
        ("a.ipynb", "{", "Expecting"),
        ("a.ipynb", NOTEBOOK.format(outputs="[1]", count="null", metadata=KERNEL), "outputs in cells 1"),
        ("a.ipynb", NOTEBOOK.format(outputs="[]", count="3", metadata=KERNEL), "outputs in cells 1"),
        ("a.ipynb", NOTEBOOK.format(outputs="[]", count="null", metadata="{}"), "no kernel"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(tmp_path: Path, name: str, text: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (line,) = load_tool("check_files").problems([path])
    assert line.startswith(f"{path}: ")
    assert problem in line


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "a: 1\n---\nb: !env X\n"),
        ("a.ipynb", NOTEBOOK.format(outputs="[]", count="null", metadata=KERNEL)),
        ("templates/a.yaml", "{{ if }}"),
    ],
)
def test_a_sound_file_passes(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert load_tool("check_files").main([str(path)]) == 0
