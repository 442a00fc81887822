"""Writes a new attack: a small one that works, with its test, to be changed step by step."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from chaos_lib import phases
from chaos_lib.attacks import catalogue
from chaos_lib.errors import InvalidInput
from chaos_lib.settings import Settings

_LONGEST = 40
# Words that follow `opchaos attack`, and modules beside the attacks.
_RESERVED = {"new", "export", *catalogue.NOT_ATTACKS}


@dataclass(frozen=True)
class Scaffold:
    """What was written.

    Attributes:
        name: The attack's name.
        attack: The attack's file.
        test: The test of what its four proofs cannot know.
    """

    name: str
    attack: Path
    test: Path

    @property
    def proof(self) -> str:
        """The command line that proves the attack in its four states and runs its test."""
        return f"pytest -p chaos_lib.proof_plugin {self.attack} {self.test}"


def scaffold(settings: Settings, name: str, phase: str | int = 1) -> Scaffold:
    """Write a complete attack that works as it is, and its test, into the mission's folder `attacks`.

    Args:
        settings: Where the mission is.
        name: The attack's name, snake_case: what it does to the system.
        phase: The phase it belongs to: number or name.

    Raises:
        UnknownPhase: There is no such phase.
        InvalidInput: The name is no attack name, or is taken. Nothing was written.
    """
    chosen = phases.phase(phase)
    require_name(name)
    folder = settings.home / "attacks"
    made = Scaffold(name, folder / f"{name}.py", folder / "tests" / f"test_{name}.py")
    _require_free(made)
    words = {"name": name, "phase": chosen.name, "title": name.replace("_", " ").capitalize()}
    made.test.parent.mkdir(parents=True, exist_ok=True)
    for path, template in ((made.test, "test.py.template"), (made.attack, "attack.py.template")):
        text = Template(_template(template)).substitute(words)
        # "x": whoever else made the file at this very moment keeps it.
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    return made


def require_name(name: str) -> None:
    """Refuse what cannot be the name of a new attack.

    Raises:
        InvalidInput: It is no name, or has a meaning already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > _LONGEST:
        raise InvalidInput(
            f"`{name}` is no attack name.",
            evidence=f"{len(name)} characters; allowed: small letters, digits and _, a letter first, at most {_LONGEST}",
            fix="Say in snake_case what it does to the system, such as `saturday_worked`.",
        )
    if name.startswith("test_"):
        raise InvalidInput(
            f"`{name}` would be taken for a test.",
            evidence="pytest collects files whose names begin with `test_`",
            fix="Begin with another word.",
        )
    if keyword.iskeyword(name) or name in _RESERVED:
        raise InvalidInput(
            f"`{name}` has a meaning already.",
            evidence="a word of Python, of `opchaos attack`, or of the catalogue",
            fix="Choose a name that says what the attack does, such as `saturday_worked`.",
        )


def _require_free(made: Scaffold) -> None:
    if made.name in catalogue.load():
        raise InvalidInput(
            f"There is an attack `{made.name}` already.",
            evidence="it is one of the kit's own",
            fix="Choose another name: `opchaos attack` lists those that are taken.",
        )
    for path in (made.attack, made.test):
        if path.exists():
            raise InvalidInput(
                f"There is an attack `{made.name}` already.",
                evidence=str(path),
                fix="Choose another name, or move that file away. Nothing is overwritten.",
            )


def _template(name: str) -> str:
    return (resources.files("chaos_lib.authoring") / name).read_text(encoding="utf-8")
