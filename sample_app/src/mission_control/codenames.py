"""Codenames of missions, such as `silent-falcon-07`. Pure functions: no clock, no network, no database."""

from __future__ import annotations

import random
import re

MAX_LENGTH = 40

_ADJECTIVES = (
    "amber", "bold", "brave", "calm", "clever", "cosmic", "daring", "eager",
    "electric", "fearless", "gentle", "golden", "hidden", "icy", "jolly", "lucky",
    "mighty", "nimble", "polar", "quiet", "rapid", "silent", "stellar", "velvet",
)  # fmt: skip
_NOUNS = (
    "badger", "comet", "condor", "dolphin", "falcon", "fox", "gecko", "heron",
    "jaguar", "kestrel", "lynx", "magpie", "meteor", "nebula", "octopus", "otter",
    "panther", "puffin", "raven", "rocket", "salmon", "tiger", "walrus", "wombat",
)  # fmt: skip
_SEPARATORS = re.compile(r"[\s_-]+")
_VALID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def make_codename(seed: int) -> str:
    """Make a codename; the same seed always gives the same one."""
    dice = random.Random(seed)  # noqa: S311 - a name, not a secret
    return f"{dice.choice(_ADJECTIVES)}-{dice.choice(_NOUNS)}-{dice.randrange(100):02}"


def normalise_codename(text: str) -> str:
    """Bring a codename as people type it into the one form that is stored.

    `" Silent  Falcon_07 "` becomes `"silent-falcon-07"`.

    Raises:
        ValueError: What is left is empty, too long, or holds more than a-z, 0-9 and dashes.
    """
    codename = _SEPARATORS.sub("-", text.strip().lower()).strip("-")
    if not codename:
        raise ValueError("A codename cannot be empty.")
    if len(codename) > MAX_LENGTH:
        raise ValueError(f"A codename has at most {MAX_LENGTH} characters.")
    if not _VALID.fullmatch(codename):
        raise ValueError("A codename starts with a letter and holds only letters a-z, digits and dashes.")
    return codename
