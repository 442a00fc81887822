"""Keeps secrets out of everything a build says: literally, encoded, and cut in pieces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

from chaos_lib.pipeline.spellings import encoded, quoted

MASK = "****"
# Shorter pieces of an encoding would hide ordinary words.
_SHORTEST_ENCODED = 6
_SHORTEST_LINE = 8


def forms(secret: str) -> frozenset[str]:
    """Return the texts in which a secret may show: itself, its lines, quoted, in base64 at every alignment, URL, hex.

    Args:
        secret: Its value; an empty one has no forms.
    """
    if not secret.strip():
        return frozenset()
    stripped = secret.strip("\r\n")
    lines = [line.strip() for line in stripped.splitlines()]
    found = {stripped, stripped.replace("\r\n", "\n")}
    if len(lines) > 1:
        found |= {form for line in lines if len(line) >= _SHORTEST_LINE for form in quoted(line)}
    found |= quoted(stripped)
    for text in {stripped, secret}:
        found |= {form for form in encoded(text.encode()) if len(form) >= _SHORTEST_ENCODED}
    return frozenset(found)


class Masker:
    """Replaces secrets by `****`. Safe to use from several threads.

    Args:
        secrets: Known from the start.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._forms: tuple[str, ...] = ()
        self._by_first: dict[str, tuple[str, ...]] = {}
        self._longest = 0
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Mask these from now on."""
        new = frozenset().union(*(forms(secret) for secret in secrets)) if secrets else frozenset()
        with self._lock:
            known = frozenset(self._forms) | new
            self._forms = tuple(sorted(known, key=lambda form: (-len(form), form)))
            self._by_first = {
                first: tuple(form for form in self._forms if form[0] == first)
                for first in {form[0] for form in self._forms}
            }
            self._longest = len(self._forms[0]) if self._forms else 0

    def mask(self, text: str) -> str:
        """Return a whole text with every secret masked."""
        return _replace(text, self._found(text))

    def stream(self, sink: Callable[[str], None]) -> MaskedStream:
        """Return a stream that passes what it is given on to `sink`, masked across its pieces."""
        return MaskedStream(self, sink)

    def _found(self, text: str) -> list[tuple[int, int]]:
        """Return the stretches of secrets, merged where they overlap."""
        flat, places = _unwrapped(text)
        spans = []
        for form in self._forms:
            spans += [(at, at + len(form)) for at in _occurrences(text, form)]
            if flat is not None and "\n" not in form:
                # Base64 tools break their lines: the same once more without line ends.
                spans += [
                    (places[at], places[at + len(form) - 1] + 1)
                    for at in _occurrences(flat, form)
                    if len(form) >= _SHORTEST_ENCODED
                ]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _held_from(self, text: str) -> int:
        """Return where the tail starts that may be the beginning of a secret; the text's length if there is none."""
        window = 2 * self._longest
        for at in range(max(0, len(text) - window), len(text)):
            candidates = self._by_first.get(text[at])
            if candidates:
                tail = text[at:]
                flat = tail.replace("\r", "").replace("\n", "")
                if any(form.startswith((tail, flat)) and len(form) > len(flat) for form in candidates):
                    return at
        return len(text)


class MaskedStream:
    """Masks a text that comes in pieces: a secret cut by a boundary is still found.

    What may be the beginning of a secret is held back until the next piece, or `close`, decides.
    """

    def __init__(self, masker: Masker, sink: Callable[[str], None]) -> None:
        self._masker = masker
        self._sink = sink
        self._held = ""

    def write(self, text: str) -> None:
        """Take the next piece."""
        whole = self._held + text
        cut = self._masker._held_from(whole)
        found = self._masker._found(whole)
        for start, end in found:
            if start < cut < end:
                cut = start
        self._held = whole[cut:]
        if cut:
            self._sink(_replace(whole[:cut], [span for span in found if span[1] <= cut]))

    def close(self) -> None:
        """Pass on what was held back."""
        if self._held:
            held, self._held = self._held, ""
            self._sink(self._masker.mask(held))


def _occurrences(text: str, form: str) -> Iterator[int]:
    at = text.find(form)
    while at >= 0:
        yield at
        at = text.find(form, at + 1)


def _unwrapped(text: str) -> tuple[str | None, list[int]]:
    """Return the text without line ends and where each character was; None for a text of one line."""
    if "\n" not in text:
        return None, []
    places = [at for at, character in enumerate(text) if character not in "\r\n"]
    return "".join(text[at] for at in places), places


def _replace(text: str, spans: list[tuple[int, int]]) -> str:
    done, parts = 0, []
    for start, end in spans:
        parts += [text[done:start], MASK]
        done = end
    return "".join([*parts, text[done:]])
