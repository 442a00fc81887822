"""Keeps answers and explanations from the eye and from a search, until somebody has tried.

What it protects: no file of a release tells an answer, neither as text nor base64 nor compressed, and reading the code or
the bank spoils nobody's fun by accident. What it does not: whoever programs can try every option against the hash, or
call `unseal`, as anything that judges without a server must be able to. Where a mark matters, an instructor asks.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from itertools import count
from typing import Any

_SALT_CHARACTERS = 16
_KEY_CHARACTERS = 32


def salt_of(name: str, content: object) -> str:
    """Return a question's salt: the same for the same content, so that an unchanged question stays as it is in git."""
    return hashlib.sha256(f"{name}\n{json.dumps(content, sort_keys=True)}".encode()).hexdigest()[
        :_SALT_CHARACTERS
    ]


def key_of(salt: str, answer: str) -> str:
    """Return the hash of an answer in its canonical form."""
    return hashlib.sha256(f"{salt}\n{answer}".encode()).hexdigest()[:_KEY_CHARACTERS]


def seal(salt: str, content: Any) -> str:
    """Make JSON values unreadable."""
    packed = zlib.compress(json.dumps(content, ensure_ascii=False, sort_keys=True).encode(), 9)
    return base64.b64encode(_masked(salt, packed)).decode("ascii")


def unseal(salt: str, sealed: str) -> Any:
    """Return what was sealed: call it after an attempt only."""
    return json.loads(zlib.decompress(_masked(salt, base64.b64decode(sealed))))


def _masked(salt: str, data: bytes) -> bytes:
    """Mask data, or take the mask off: twice is as if never."""
    mask = bytearray()
    for block in count():
        if len(mask) >= len(data):
            break
        mask += hashlib.sha256(f"{salt}/{block}".encode()).digest()
    return bytes(one ^ other for one, other in zip(data, mask, strict=False))
