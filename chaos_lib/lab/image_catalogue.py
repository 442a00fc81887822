"""The images that the workshop uses, by their logical names, and how each is made without a registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos_lib.errors import InvalidInput

LOCAL_PREFIX = "opchaos.local/"

# Debian release -> the Python that it ships. Source: Debian's package pages for `python3`.
PYTHON_OF_SUITE = {"bullseye": "3.9", "bookworm": "3.11", "trixie": "3.13"}
_SUITE = "bookworm"


@dataclass(frozen=True)
class LabImage:
    """One image.

    Attributes:
        name: Its logical name, which is the upstream one: "postgres:15".
        recipe: Folder of its Dockerfile under `chaos_lib/lab/images/`.
        suite: The Debian release that it is built from offline.
        arguments: Build arguments, name and value.
    """

    name: str
    recipe: str
    suite: str = _SUITE
    arguments: tuple[tuple[str, str], ...] = ()

    @property
    def local_name(self) -> str:
        """Its name when it was built here: it does not pretend to be the upstream image."""
        return f"{LOCAL_PREFIX}{self.name}"


def python_image(version: str) -> LabImage:
    """Return the image with this Python.

    Args:
        version: Major and minor: "3.11".

    Raises:
        InvalidInput: No Debian release has that Python.
    """
    for suite, python in PYTHON_OF_SUITE.items():
        if python == version:
            return LabImage(f"python:{version}-slim", "python", suite)
    raise InvalidInput(
        f"There is no offline image with Python {version}.",
        evidence=f"known: {', '.join(PYTHON_OF_SUITE.values())}",
        fix="Use one of those, or an image from a registry.",
    )


def debian_image(suite: str) -> LabImage:
    """Return the base image of a Debian release."""
    return LabImage(f"debian:{suite}-slim", "debian", suite)


PYTHON = python_image("3.11")
POSTGRES = LabImage("postgres:15", "postgres", arguments=(("MAJOR", "15"),))
REDIS = LabImage("redis:7", "redis")

# What `opchaos up` provides; the slowest build first.
LAB_IMAGES: Sequence[LabImage] = (POSTGRES, PYTHON, REDIS)
