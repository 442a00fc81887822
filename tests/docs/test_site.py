"""The site builds without a warning, asks the network for nothing, and its generated parts are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chaos_lib import errors
from chaos_lib.attacks import catalogue as attacks
from chaos_lib.attacks.base import Attack
from chaos_lib.cli.app import COMMANDS
from chaos_lib.defences.catalogue import DEFENCES
from tests.docs.test_troubleshooting import CLASSES

# What a browser fetches by itself; a link that a person may click is none of it.
_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|audio|video)\b[^>]*?\bsrc=["']?(?P<source>[^"'\s>]+)"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|icon|preload|preconnect|prefetch|modulepreload))[^>]*?\bhref=["']?(?P<link>[^"'\s>]+)"""
)
_FETCHED_BY_CSS = re.compile(r"""(?:url\(\s*|@import\s+)["']?(?P<address>https?:)?//""")


def page(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


def test_no_marker_of_a_generated_part_is_left(site) -> None:
    left = [
        path.name for path in site.rglob("*.html") if "<!-- generated:" in path.read_text(encoding="utf-8")
    ]

    assert left == []


def test_nothing_is_fetched_from_elsewhere(site) -> None:
    fetched = [
        (path.name, found["source"] or found["link"])
        for path in site.rglob("*.html")
        for found in _FETCHED.finditer(path.read_text(encoding="utf-8"))
    ]
    styles = [
        path.name for path in site.rglob("*.css") if _FETCHED_BY_CSS.search(path.read_text(encoding="utf-8"))
    ]

    assert len(fetched) > 10
    assert [each for each in fetched if re.match(r"(https?:)?//", each[1])] == []
    assert styles == []


def test_the_code_that_makes_the_site_is_not_part_of_it(site) -> None:
    assert list(site.rglob("*.py")) == []


@pytest.mark.parametrize("kind", CLASSES.values(), ids=lambda kind: kind.__name__)
def test_the_page_that_an_error_names_exists(site, kind) -> None:
    name, anchor = kind.__new__(kind).help_page.split("#")

    html = page(site, Path(name).relative_to("docs").with_suffix(".html").as_posix())
    assert f'id="{anchor}"' in html
    assert name == errors.TROUBLESHOOTING


@pytest.mark.parametrize("attack", attacks.load().values(), ids=lambda attack: attack.name)
def test_every_attack_is_on_its_phases_page_and_its_solution_is_not(site, attack: Attack) -> None:
    html = page(site, f"phases/{attack.phase}.html")

    assert attack.title in html
    assert f"<code>{attack.name}</code>" in html
    assert f"<code>{attack.defence}</code>" in html
    for hint in attack.hints:
        assert hint not in html


def test_every_command_and_every_defence_is_in_the_reference(site) -> None:
    commands, defences = page(site, "reference/command-line.html"), page(site, "reference/defences.html")

    assert [entry.name for entry in COMMANDS if f"opchaos {entry.name}" not in commands] == []
    assert [name for name in DEFENCES if name not in defences] == []
