"""What the pages show exists: commands, targets, functions, files, settings."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer

import chaos_lib
from chaos_lib.attacks import catalogue as attacks
from chaos_lib.cli import lazy
from chaos_lib.cli.app import COMMANDS, app
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.phases import PHASES
from tests.docs.pages import DOCS, PAGES, ROOT, Snippet, blocks, command_lines, inline

# Written for people: the reader puts something in their place.
PLACEHOLDERS = {"NAME", "DIR", "VERSION", "REV"}
# Made while the workshop runs, so not in the repository.
MADE_LATER = ("mission/", "out/", "release/", "submitted/", "feedback/", "site/", "wheels")


def by_text(snippets: list[Snippet]) -> list[Snippet]:
    """Each text once, with a page that shows it."""
    return sorted({snippet.text: snippet for snippet in snippets}.values(), key=lambda each: each.text)


def label(snippet: Snippet) -> str:
    return f"{snippet.page}: {snippet.text}"


def written_on_a_page() -> set[str]:
    """The attacks that a reader makes on the way, by `opchaos attack new NAME`."""
    calls = [each.text.split() for each in command_lines("opchaos attack new")]
    return {words[3] for words in calls if len(words) > 3}


def problem_of(call: str) -> str:
    """Why a call of `opchaos` cannot be parsed; empty when it can. Nothing is run."""
    words = shlex.split(call)[1:]
    command = typer.main.get_command(app)
    modules = {entry.name: entry.module for entry in COMMANDS}
    name, arguments = "", 0
    while words:
        word = words.pop(0)
        options = {name: each for each in command.params for name in each.opts if name.startswith("-")}
        if word.startswith("-"):
            option = word.split("=")[0]
            if option not in options and option not in ("--help", "-h"):
                return f"no option {option}"
            if option in options and not getattr(options[option], "is_flag", False) and "=" not in word:
                words = words[1:]
        elif not name:
            longer = f"{word} {words[0]}" if words else ""
            if longer in modules:
                words.pop(0)
            if longer not in modules and word not in modules:
                return f"no command {word}"
            name = longer if longer in modules else word
            command = lazy.load(modules[name])
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return f"no command {word}"
            command = command.commands[word]
        else:
            arguments += 1
            if arguments > sum(each.param_type_name == "argument" for each in command.params):
                return f"too many arguments: {word}"
            attack_names = {*attacks.load(), *written_on_a_page()}
            known = {"attack": attack_names, "heal": attack_names, "defend": set(DEFENCES)}.get(name)
            if known is not None and word not in known and word not in PLACEHOLDERS:
                return f"no {name} knows {word}"
    return ""


@pytest.mark.parametrize("shown", by_text(command_lines("opchaos")), ids=label)
def test_a_shown_call_of_opchaos_can_be_typed(shown: Snippet) -> None:
    assert problem_of(shown.text) == ""


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("opchaos dance", "no command dance"),
        ("opchaos heal --gently", "no option --gently"),
        ("opchaos workspace burn", "no command burn"),
        ("opchaos up now", "too many arguments: now"),
        ("opchaos attack pod_crash_lop", "no attack knows pod_crash_lop"),
        ("opchaos --home DIR status", ""),
        ("opchaos attack new my_attack --phase 1", ""),
        ("opchaos attack new my_attack --explain", "no option --explain"),
    ],
)
def test_a_wrong_call_would_be_noticed(call: str, problem: str) -> None:
    assert problem_of(call) == problem


def test_every_shown_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = {(each.page, word) for each in command_lines("make") for word in each.text.split()[1:2]}

    assert len(shown) > 4
    assert {each for each in shown if each[1] not in targets} == set()


def test_every_shown_function_of_the_notebooks_exists() -> None:
    shown = [
        (each.page, name)
        for each in (*blocks(), *inline())
        for name in re.findall(r"\bchaos\.(\w+)", each.text)
    ]

    # architecture.md tells which names there were once.
    renamed = {("docs/architecture.md", name) for name in ("certificate", "doctor", "quiz", "service")}
    assert len(shown) > 5
    assert [each for each in shown if each[1] not in chaos_lib.__all__ and each not in renamed] == []


def test_python_blocks_compile_or_are_included_from_a_file() -> None:
    for block in blocks():
        if block.language == "python" and "--8<--" not in block.text:
            ast.parse(block.text)


def test_every_named_file_exists() -> None:
    rooms = "chaos_lib|docs|notebooks|tests|sample_app|tools|binder|benchmarks"
    path = re.compile(rf"(?:{rooms})/[\w./-]*|[\w-]+\.(?:md|toml|txt|yml)")
    shown = [(each.page, each.text) for each in inline() if path.fullmatch(each.text)]
    missing = [
        (page, text)
        for page, text in shown
        # Of the project, or of the workspace, which is made from the sample project.
        if not any((folder / text).exists() for folder in (ROOT, ROOT / "sample_app"))
        and not text.startswith(MADE_LATER)
        and page.startswith("docs/")
    ]

    assert len(shown) > 10
    assert missing == []


def test_every_named_variable_of_ours_is_read_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "chaos_lib").rglob("*.py"))
    from chaos_lib.backend.settings import BackendSettings
    from chaos_lib.settings import Settings

    known = {f"OPCHAOS_{name.upper()}" for name in Settings.model_fields} | set(
        re.findall(r"OPCHAOS_[A-Z_]+\b", code)
    )
    known |= {f"OPCHAOS_BACKEND_{name.upper()}" for name in BackendSettings.model_fields}
    shown = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"OPCHAOS_[A-Z_]+\b", page.read_text("utf-8"))
    }

    assert {each for each in shown if each[1] not in known} == set()


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_every_phase_has_a_page_with_its_attacks_and_without_their_solutions(phase) -> None:
    text = (DOCS / "phases" / f"{phase.name}.md").read_text(encoding="utf-8")

    assert f"<!-- generated: phase-facts {phase.name} -->" in text
    assert f"<!-- generated: phase-attacks {phase.name} -->" in text
    assert phase.payoff in text
    for attack in attacks.load().values():
        assert attack.hints[-1] not in text


def test_pages_name_no_place_of_this_machine() -> None:
    mentions = [
        page.name
        for page in PAGES
        if str(Path.home()) + "/" in page.read_text("utf-8") or "/work/" in page.read_text("utf-8")
    ]

    assert mentions == []


def test_every_kind_of_journal_record_is_in_the_architecture() -> None:
    code = (ROOT / "chaos_lib" / "journal.py").read_text(encoding="utf-8")
    table = (DOCS / "architecture.md").read_text(encoding="utf-8")
    kinds = set(re.findall(r'"record": "(\w+)"', code))

    assert len(kinds) > 7
    assert [kind for kind in kinds if f"`{kind}`" not in table] == []
