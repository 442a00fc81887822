"""A participant's name as it can stand on a certificate: any script, no emoji, no invisible tricks."""

from __future__ import annotations

import unicodedata

from chaos_lib.errors import InvalidInput

LONGEST = 120
_JOINERS = {"\u200c", "\u200d"}  # some scripts need them between letters
# The supplementary planes of pictures, and what belongs to emoji in the first plane.
_PICTURES = ((0x1F000, 0x1FAFF), (0x2190, 0x2BFF), (0xFE00, 0xFE0F), (0xE0000, 0xE0FFF), (0x20D0, 0x20FF))


def clean(name: str) -> str:
    """Return the name as it is signed and shown.

    Emoji, control characters and direction marks are dropped, runs of white space become one blank, and letters with their
    accents are composed (NFC), so that the same name is always the same text.

    Raises:
        InvalidInput: Nothing is left, or more than 120 characters.
    """
    kept = [" " if char.isspace() else char for char in unicodedata.normalize("NFC", name)]
    text = " ".join("".join(char for char in kept if _belongs(char)).split())
    text = _without_stray_joiners(text)
    if not any(unicodedata.category(char)[0] in "LN" for char in text):
        raise InvalidInput(
            "A certificate needs a name.",
            evidence=f"of {name[:40]!r} no letter is left" if name.strip() else "the name is empty",
            fix='Give the name that shall stand on it, in any script: `opchaos certificate issue --name "Ada Lovelace"`.',
        )
    if len(text) > LONGEST:
        raise InvalidInput(
            "The name is too long for a certificate.",
            evidence=f"{len(text)} characters; {LONGEST} find room",
            fix="Leave out some of it.",
        )
    return text


def _belongs(char: str) -> bool:
    if char == " " or char in _JOINERS:
        return True
    code = ord(char)
    if any(first <= code <= last for first, last in _PICTURES):
        return False
    # Cc control, Cf direction marks, Cs surrogates, Co private, Cn unassigned, So pictures, Sk skin tones.
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"}


def _without_stray_joiners(text: str) -> str:
    """Drop joiners that an emoji sequence left behind: they stay only between two letters or marks."""
    kept = []
    for index, char in enumerate(text):
        if char in _JOINERS:
            before = text[index - 1] if index else " "
            after = text[index + 1] if index + 1 < len(text) else " "
            if not all(unicodedata.category(each)[0] in "LM" for each in (before, after)):
                continue
        kept.append(char)
    return " ".join("".join(kept).split())
