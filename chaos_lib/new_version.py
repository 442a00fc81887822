"""A release: one commit that gives green a new version, for the pipeline to bring live."""

from __future__ import annotations

import re

from chaos_lib.errors import InvalidInput
from chaos_lib.mission import Mission

FILE = "k8s/overlays/green/kustomization.yaml"
# What the project is delivered with; a release is any other.
FIRST = "1.0.0"
_LITERAL = re.compile(r"(?P<name>MISSION_VERSION=)(?P<version>[^\s,\"'\]]+)")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def version_of(mission: Mission) -> str:
    """Return the version that green would have; empty when its overlay names none."""
    path = mission.workspace.folder / FILE
    found = _LITERAL.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found["version"] if found else ""


def release(mission: Mission, version: str) -> str:
    """Write a version into green's overlay and commit it; returns the version before.

    Raises:
        InvalidInput: It is no version, or the overlay names none that could be changed.
    """
    if not _VERSION.fullmatch(version):
        raise InvalidInput(
            f"`{version}` is no version.", fix="Three numbers: `chaos.release_version('2.0.0')`."
        )
    before = version_of(mission)
    if not before:
        raise InvalidInput(
            "Green has no version that could be changed.",
            evidence=f"no MISSION_VERSION= in {FILE}",
            fix=f"Add the literal `MISSION_VERSION={FIRST}` to the overlay's configMapGenerator, as blue's has it.",
        )
    text = (mission.workspace.folder / FILE).read_text(encoding="utf-8")
    changed = _LITERAL.sub(rf"\g<name>{version}", text)
    if changed != text:
        mission.workspace.write(FILE, changed, message=f"Release {version}")
    return before
