"""Finds the attacks: ours in this package, learners' own in a folder of their mission."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import chaos_lib.attacks
from chaos_lib.attacks.base import Attack
from chaos_lib.errors import InvalidInput, UnknownAttack

NOT_ATTACKS = {"base", "catalogue", "hands"}


def load(own: Path | None = None) -> Mapping[str, Attack]:
    """Return every attack, name to attack, in the order of the phases.

    Args:
        own: Folder with a learner's own attack files; may be absent.

    Raises:
        InvalidInput: A file does not define a complete attack under its own name.
    """
    names = [
        module.name
        for module in pkgutil.iter_modules(chaos_lib.attacks.__path__)
        if module.name not in NOT_ATTACKS
    ]
    attacks = [_attack_of(importlib.import_module(f"chaos_lib.attacks.{name}"), name) for name in names]
    if own is not None and own.is_dir():
        attacks += [load_file(path) for path in sorted(own.glob("[a-z]*.py"))]
    attacks.sort(key=lambda attack: (attack.phase, not attack.is_core, attack.name))
    return {attack.name: attack for attack in attacks}


def load_file(path: Path) -> Attack:
    """Return the attack that a file defines.

    Raises:
        InvalidInput: It does not define a complete attack under its own name.
    """
    if path.parent == Path(chaos_lib.attacks.__file__).parent:
        return _attack_of(importlib.import_module(f"chaos_lib.attacks.{path.stem}"), path.stem)
    return _attack_of(_import_file(path), path.stem)


def find(name: str, attacks: Mapping[str, Attack]) -> Attack:
    """Return the attack of that name.

    Raises:
        UnknownAttack: There is none; the nearest names are in the message.
    """
    if name in attacks:
        return attacks[name]
    near = difflib.get_close_matches(name, attacks, n=3, cutoff=0.4)
    raise UnknownAttack(
        f"There is no attack `{name}`.",
        evidence=f"known: {', '.join(attacks)}",
        fix=f"Did you mean {' or '.join(f'`{n}`' for n in near)}?"
        if near
        else "Choose one of the known names.",
    )


def _attack_of(module: ModuleType, name: str) -> Attack:
    attack = getattr(module, "ATTACK", None)
    if not isinstance(attack, Attack):
        raise InvalidInput(
            f"`{name}.py` defines no attack.",
            evidence=f"ATTACK is {attack!r}",
            fix="End the file with `ATTACK = Attack(...)`; `opchaos attack new` writes such a file.",
        )
    if attack.name != name:
        raise InvalidInput(
            f"The attack in `{name}.py` calls itself `{attack.name}`.",
            fix="Give the file and the attack the same name.",
        )
    return attack


def _import_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"opchaos_own_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except InvalidInput:
        raise
    except Exception as exc:
        raise InvalidInput(
            f"The attack file `{path.name}` could not be loaded.",
            evidence=f"{type(exc).__name__}: {exc}",
            fix="Correct the file, or move it out of the folder.",
        ) from exc
    return module
