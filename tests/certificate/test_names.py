from __future__ import annotations

import pytest

from chaos_lib.certificate.names import LONGEST, clean
from chaos_lib.errors import InvalidInput


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Ada 🚀 Lovelace 👩🏽‍💻", "Ada Lovelace"),
        ("🇩🇪 Jürgen ❤️", "Jürgen"),
        ("Jose\u0301", "José"),
        ("ab\u202egnp.exe", "abgnp.exe"),
        ("A\u0000d\u200ba", "Ada"),
        ("山田 太郎", "山田 太郎"),
        ("شیرین می\u200cخوام", "شیرین می\u200cخوام"),  # a joiner between letters belongs to the spelling
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_a_name_is_cleaned_of_what_is_no_name(given: str, shown: str) -> None:
    assert clean(given) == shown
    assert clean(shown) == shown


@pytest.mark.parametrize(
    ("given", "evidence"), [("", "empty"), (" \n", "empty"), ("🚀🚀", "no letter"), ("--", "no letter")]
)
def test_a_name_without_a_letter_is_refused(given: str, evidence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean(given)

    assert refused.value.what == "A certificate needs a name."
    assert evidence in refused.value.evidence
    assert "opchaos certificate issue" in refused.value.fix


def test_a_name_of_more_than_120_characters_is_refused() -> None:
    assert clean("x" * LONGEST) == "x" * LONGEST
    with pytest.raises(InvalidInput, match="too long") as refused:
        clean("x" * (LONGEST + 1))

    assert refused.value.evidence == "121 characters; 120 find room"
